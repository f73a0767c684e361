import { defineText } from "#shared/i18n/i18n";

export const text = defineText(
  {
    title: "Locations", search: "Name, street, city", all: "All", retired: "Retired", newLocation: "New location", import: "Import…", table: "Table", map: "Map", show: "Show as", state: "State", country: "Country",
    name: "Location", city: "City", address: "Address", stations: "Stations", connectors: "Connectors", power: "Power now", energy: "Energy today", zone: "Time zone", hours: "Hours", open: "Open", closed: "Closed", noStations: "No stations",
    emptyTitle: "No locations yet", emptyHelp: "A location is a site with one address and one time zone. Stations stand at locations.", withoutPlace: { one: "{count} location has no coordinates and is not on the map.", other: "{count} locations have no coordinates and are not on the map." },
    mapLimit: "The map shows the first {count} locations of this list.", notAllowed: "This needs the permission {permission}.", close: "Close", made: "Location created", counted: "{state}: {count}",
  },
  {
    title: "Standorte", search: "Name, Straße, Ort", all: "Alle", retired: "Stillgelegt", newLocation: "Neuer Standort", import: "Importieren…", table: "Tabelle", map: "Karte", show: "Darstellung", state: "Zustand", country: "Land",
    name: "Standort", city: "Ort", address: "Adresse", stations: "Stationen", connectors: "Anschlüsse", power: "Leistung jetzt", energy: "Energie heute", zone: "Zeitzone", hours: "Zeiten", open: "Geöffnet", closed: "Geschlossen", noStations: "Keine Stationen",
    emptyTitle: "Noch keine Standorte", emptyHelp: "Ein Standort hat eine Adresse und eine Zeitzone. Stationen stehen an Standorten.", withoutPlace: { one: "{count} Standort hat keine Koordinaten und fehlt auf der Karte.", other: "{count} Standorte haben keine Koordinaten und fehlen auf der Karte." },
    mapLimit: "Die Karte zeigt die ersten {count} Standorte dieser Liste.", notAllowed: "Dafür braucht es die Berechtigung {permission}.", close: "Schließen", made: "Standort angelegt", counted: "{state}: {count}",
  },
);
