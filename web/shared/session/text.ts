import { defineText } from "#shared/i18n/i18n";

export const text = defineText(
  {
    plugged: "Plugged in", authorised: "Waiting for the car", idle: "Idle", connected: "Car connected", unplugged: "Unplugged", ended: "Ended", settled: "Settled",
    flag_jump_held: "Jump held", flag_unit_suspect: "Unit doubtful", flag_register_base_missing: "First reading missing", flag_register_erratic: "Meter erratic",
    flag_unpriced: "No price", flag_spike_dropped: "Spike dropped", flag_unit_repaired: "Unit repaired", flag_negative_step: "Meter went back",
    flag_register_reset: "Meter restarted", flag_register_switched: "Meter changed", flag_from_samples: "From samples", flag_reading_after_stop: "Reading after stop",
    flag_reopened: "Reopened", flag_stop_before_start: "Stop before start", flag_clock: "Clock doubtful",
  },
  {
    plugged: "Eingesteckt", authorised: "Wartet auf Auto", idle: "Steht", connected: "Auto verbunden", unplugged: "Ausgesteckt", ended: "Beendet", settled: "Abgerechnet",
    flag_jump_held: "Sprung zurückgehalten", flag_unit_suspect: "Einheit fraglich", flag_register_base_missing: "Erster Zählerstand fehlt", flag_register_erratic: "Zähler sprunghaft",
    flag_unpriced: "Kein Preis", flag_spike_dropped: "Ausreißer verworfen", flag_unit_repaired: "Einheit berichtigt", flag_negative_step: "Zähler lief zurück",
    flag_register_reset: "Zähler neu begonnen", flag_register_switched: "Zähler gewechselt", flag_from_samples: "Aus Stichproben", flag_reading_after_stop: "Messwert nach Ende",
    flag_reopened: "Wieder geöffnet", flag_stop_before_start: "Ende vor Beginn", flag_clock: "Uhr fraglich",
  },
);
