import { defineText } from "#shared/i18n/i18n";

export const text = defineText(
  {
    search: "Search", any: "any", columns: "Columns", density: "Row height", compact: "Compact", default: "Default", relaxed: "Relaxed",
    exportCsv: "Export CSV", saveView: "Save view", viewName: "Name of the view", save: "Save", removeView: "Remove view {name}", cancel: "Cancel",
    selected: { one: "{count} selected", other: "{count} selected" }, clear: "Clear", selectAll: "Select all on this page", selectRow: "Select {name}",
    range: "{from} to {to}", rangeOf: "{from} to {to} of {total}", previous: "Previous page", next: "Next page", rows: "Rows",
    changed: { one: "{count} change to the order", other: "{count} changes to the order" }, apply: "Sort again", filter: "Filter", clearFilter: "Clear the filter {name}",
    sortBy: "Sort by {name}", openRow: "Open {name}", filters: "Filters", done: "Done", clearAll: "Clear filters", views: "Views", tableSettings: "Table settings",
  },
  {
    search: "Suchen", any: "alle", columns: "Spalten", density: "Zeilenhöhe", compact: "Niedrig", default: "Mittel", relaxed: "Hoch",
    exportCsv: "CSV exportieren", saveView: "Ansicht speichern", viewName: "Name der Ansicht", save: "Speichern", removeView: "Ansicht {name} entfernen", cancel: "Abbrechen",
    selected: { one: "{count} ausgewählt", other: "{count} ausgewählt" }, clear: "Aufheben", selectAll: "Alle dieser Seite auswählen", selectRow: "{name} auswählen",
    range: "{from} bis {to}", rangeOf: "{from} bis {to} von {total}", previous: "Vorige Seite", next: "Nächste Seite", rows: "Zeilen",
    changed: { one: "{count} Änderung der Reihenfolge", other: "{count} Änderungen der Reihenfolge" }, apply: "Neu sortieren", filter: "Filter", clearFilter: "Filter {name} zurücksetzen",
    sortBy: "Nach {name} sortieren", openRow: "{name} öffnen", filters: "Filter", done: "Fertig", clearAll: "Filter zurücksetzen", views: "Ansichten", tableSettings: "Tabelle einstellen",
  },
);
