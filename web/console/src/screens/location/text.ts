import { defineText } from "#shared/i18n/i18n";

export const text = defineText(
  {
    title: "Locations", what: "Location", openNow: "Open now", closedNow: "Closed now", hoursUnknown: "Opening hours not known", retired: "Retired", edit: "Edit", retire: "Retire…", retireVerb: "Retire", retireTitle: "Retire {name}", retireEffect: "Drivers and lists do not see it any more; its history stays", retireStations: { one: "{count} station stands there: move or retire it first", other: "{count} stations stand there: move or retire them first" }, retireForGood: "This cannot be taken back", retiredNow: "{name} is retired",
    power: "Power now", energy: "Energy today", sessionsNow: "Charging now", connectors: "Connectors", load: "Load today", loadNote: "{zone}", loadLabel: "Power of all connectors today", stations: "Stations", station: "Station", model: "Model", noStations: "No stations stand here.", addStation: "Import stations…",
    hours: "Opening hours", always: "Always open", closed: "Closed", exceptions: "Exceptions", closedFrom: "Closed {from} to {until}", openFrom: "Open {from} to {until}", address: "Address", place: "Coordinates", zone: "Time zone", noPlace: "No coordinates", facts: "Facts",
    tariffs: "Tariffs in force", tariff: "Tariff", none: "No tariff", why: "Why this one", loading: "…", sessions: "Sessions today", noSessions: "No session began today.", allSessions: "All sessions", began: "Began", energyOf: "Energy", cost: "Cost incl. VAT", state: "State", close: "Close", saved: "Location saved", notAllowed: "This needs the permission {permission}.",
    moreTariffs: { one: "{count} more EVSE", other: "{count} more EVSEs" },
  },
  {
    title: "Standorte", what: "Standort", openNow: "Jetzt geöffnet", closedNow: "Jetzt geschlossen", hoursUnknown: "Öffnungszeiten nicht bekannt", retired: "Stillgelegt", edit: "Bearbeiten", retire: "Stilllegen…", retireVerb: "Stilllegen", retireTitle: "{name} stilllegen", retireEffect: "Fahrer und Listen sehen ihn nicht mehr; seine Geschichte bleibt", retireStations: { one: "{count} Station steht dort: zuerst umziehen oder stilllegen", other: "{count} Stationen stehen dort: zuerst umziehen oder stilllegen" }, retireForGood: "Das lässt sich nicht zurücknehmen", retiredNow: "{name} ist stillgelegt",
    power: "Leistung jetzt", energy: "Energie heute", sessionsNow: "Lädt jetzt", connectors: "Anschlüsse", load: "Last heute", loadNote: "{zone}", loadLabel: "Leistung aller Anschlüsse heute", stations: "Stationen", station: "Station", model: "Modell", noStations: "Hier stehen keine Stationen.", addStation: "Stationen importieren…",
    hours: "Öffnungszeiten", always: "Immer geöffnet", closed: "Geschlossen", exceptions: "Ausnahmen", closedFrom: "Geschlossen {from} bis {until}", openFrom: "Geöffnet {from} bis {until}", address: "Adresse", place: "Koordinaten", zone: "Zeitzone", noPlace: "Keine Koordinaten", facts: "Angaben",
    tariffs: "Geltende Tarife", tariff: "Tarif", none: "Kein Tarif", why: "Warum dieser", loading: "…", sessions: "Ladevorgänge heute", noSessions: "Heute begann kein Ladevorgang.", allSessions: "Alle Ladevorgänge", began: "Beginn", energyOf: "Energie", cost: "Kosten inkl. USt.", state: "Zustand", close: "Schließen", saved: "Standort gespeichert", notAllowed: "Dafür braucht es die Berechtigung {permission}.",
    moreTariffs: { one: "{count} weiterer EVSE", other: "{count} weitere EVSEs" },
  },
);
