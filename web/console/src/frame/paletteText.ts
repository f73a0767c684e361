import { defineText } from "#shared/i18n/i18n";

export const paletteText = defineText(
  {
    title: "Find or do anything", placeholder: "A station, location, session, or what to do", none: "Nothing found", searching: "Searching",
    move: "move", do: "do", newTab: "new tab", actions: "actions", sessions: "sessions", people: "people",
    groupDo: "Do", groupGo: "Go to", groupStations: "Stations", groupLocations: "Locations", groupSessions: "Sessions",
    groupTokens: "Id tokens", groupTariffs: "Tariffs", groupUsers: "People",
    reset: "Reset {name}", resetAsks: "asks first", resetIdle: "When idle", resetIdleHelp: "Waits until nothing charges there.",
    resetNow: "Now", resetNowHelp: "Ends what charges there; billing covers the energy until then.",
    resetVerb: "Reset", resetBack: "The station is away for a minute or two.", resetNamed: "{name} at {place}",
    dark: "Dark appearance", light: "Light appearance", signOut: "Sign out", language: "Auf Deutsch anzeigen",
  },
  {
    title: "Finden oder tun", placeholder: "Station, Standort, Ladevorgang, oder was zu tun ist", none: "Nichts gefunden", searching: "Sucht",
    move: "bewegen", do: "ausführen", newTab: "neuer Tab", actions: "Aktionen", sessions: "Ladevorgänge", people: "Personen",
    groupDo: "Tun", groupGo: "Gehe zu", groupStations: "Stationen", groupLocations: "Standorte", groupSessions: "Ladevorgänge",
    groupTokens: "Ladekarten", groupTariffs: "Tarife", groupUsers: "Personen",
    reset: "{name} neu starten", resetAsks: "fragt nach", resetIdle: "Wenn frei", resetIdleHelp: "Wartet, bis dort nichts lädt.",
    resetNow: "Jetzt", resetNowHelp: "Beendet, was dort lädt; abgerechnet wird die Energie bis dahin.",
    resetVerb: "Neu starten", resetBack: "Die Station ist ein bis zwei Minuten weg.", resetNamed: "{name}, {place}",
    dark: "Dunkle Darstellung", light: "Helle Darstellung", signOut: "Abmelden", language: "Show in English",
  },
);
