import { defineText } from "#shared/i18n/i18n";

export const text = defineText(
  {
    title: "Sessions", search: "Station, EVSE, token, transaction", all: "All", open: "Open now", today: "Today", held: "Energy held", unpriced: "No price",
    state: "State", station: "Station", location: "Location", evse: "EVSE", token: "Token", started: "Started", startedIn: "Started ({zone})", duration: "Duration",
    energy: "Energy", power: "Power", cost: "Price incl. tax", soc: "Battery", quality: "Data", end: "Ended by", transaction: "Transaction", protocol: "OCPP", ended: "Ended",
    connector: "Connector {number}", so_far: "so far", stale: "The station is offline; this is {age} old", hidden: "hidden",
    fresh: { one: "{count} new session", other: "{count} new sessions" }, show: "Show", table: "Sessions", work: "Work list", workCount: "Work list {count}",
    when: "When", any: "any", todayWord: "today", days: "last {count} days", from: "From", to: "To", since: "since {day}", until: "until {day}", between: "{from} to {to}",
    price: "Price", over: "over {amount}", under: "under {amount}", atLeast: "At least", atMost: "At most", apply: "Apply", clear: "Clear", clearFilter: "Clear the filter {name}",
    notNumber: "This is not a number.", yes: "yes", no: "no", isOpen: "Open", isHeld: "Energy held",
    emptyTitle: "No sessions yet", emptyHelp: "A session opens when a car plugs in or a driver is let in. It then shows here at once.", toStations: "Open the stations",
    cause_driver: "Driver", cause_operator: "Operator", cause_station: "Station", cause_power_loss: "Power loss", cause_fault: "Fault", cause_limit: "Limit",
    cause_refused: "Refused", cause_closed_by_evidence: "Evidence", cause_timed_out: "Nobody came", zoneNote: "Times in each location's zone",
  },
  {
    title: "Ladevorgänge", search: "Station, EVSE, Karte, Transaktion", all: "Alle", open: "Jetzt offen", today: "Heute", held: "Energie zurückgehalten", unpriced: "Ohne Preis",
    state: "Zustand", station: "Station", location: "Standort", evse: "EVSE", token: "Karte", started: "Beginn", startedIn: "Beginn ({zone})", duration: "Dauer",
    energy: "Energie", power: "Leistung", cost: "Preis inkl. Steuer", soc: "Batterie", quality: "Daten", end: "Beendet durch", transaction: "Transaktion", protocol: "OCPP", ended: "Ende",
    connector: "Anschluss {number}", so_far: "bisher", stale: "Die Station ist offline; der Wert ist {age} alt", hidden: "verborgen",
    fresh: { one: "{count} neuer Ladevorgang", other: "{count} neue Ladevorgänge" }, show: "Zeigen", table: "Ladevorgänge", work: "Arbeitsliste", workCount: "Arbeitsliste {count}",
    when: "Wann", any: "egal", todayWord: "heute", days: "letzte {count} Tage", from: "Von", to: "Bis", since: "seit {day}", until: "bis {day}", between: "{from} bis {to}",
    price: "Preis", over: "über {amount}", under: "unter {amount}", atLeast: "Mindestens", atMost: "Höchstens", apply: "Anwenden", clear: "Aufheben", clearFilter: "Filter {name} zurücksetzen",
    notNumber: "Das ist keine Zahl.", yes: "ja", no: "nein", isOpen: "Offen", isHeld: "Energie zurückgehalten",
    emptyTitle: "Noch keine Ladevorgänge", emptyHelp: "Ein Ladevorgang beginnt, wenn ein Auto einsteckt oder jemand freigegeben wird. Er erscheint dann sofort hier.", toStations: "Stationen öffnen",
    cause_driver: "Fahrer", cause_operator: "Betreiber", cause_station: "Station", cause_power_loss: "Stromausfall", cause_fault: "Störung", cause_limit: "Grenze",
    cause_refused: "Abgelehnt", cause_closed_by_evidence: "Indizien", cause_timed_out: "Niemand kam", zoneNote: "Zeiten in der Zone des Standorts",
  },
);
