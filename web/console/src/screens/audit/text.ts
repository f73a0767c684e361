import { defineText } from "#shared/i18n/i18n";

export const text = defineText(
  {
    title: "Audit trail", time: "Time", who: "Who", did: "Did", what: "To what", changes: "Changes", count: { one: "{count} change", other: "{count} changes" }, where: "From where", area: "Area", when: "When",
    day: "last 24 hours", week: "last 7 days", month: "last 30 days", system: "Forecourt itself", key: "API key, {name}", empty: "Nothing was changed yet", emptyHelp: "Every change by people, keys and Forecourt itself is written down here, for good.",
    sentence: "{who}: {did}", address: "Address", entry: "Entry", request: "Request", subject: "Subject", kind: "By", kind_user: "a person", kind_key: "an API key", kind_system: "Forecourt itself", none: "Nothing else was noted.", json: "Show as JSON", words: "Show in words", all: "All changes to this", close: "Close", onlyThis: "Only one thing is shown.", showAll: "Show everything",
    before: "before", after: "after", failed: "failed", partner: "Partner",
  },
  {
    title: "Protokoll", time: "Zeit", who: "Wer", did: "Was getan", what: "Woran", changes: "Änderungen", count: { one: "{count} Änderung", other: "{count} Änderungen" }, where: "Von wo", area: "Bereich", when: "Wann",
    day: "letzte 24 Stunden", week: "letzte 7 Tage", month: "letzte 30 Tage", system: "Forecourt selbst", key: "API-Schlüssel, {name}", empty: "Noch wurde nichts geändert", emptyHelp: "Jede Änderung durch Personen, Schlüssel und Forecourt selbst steht hier, für immer.",
    sentence: "{who}: {did}", address: "Adresse", entry: "Eintrag", request: "Anfrage", subject: "Gegenstand", kind: "Durch", kind_user: "eine Person", kind_key: "einen API-Schlüssel", kind_system: "Forecourt selbst", none: "Sonst wurde nichts vermerkt.", json: "Als JSON zeigen", words: "In Worten zeigen", all: "Alle Änderungen daran", close: "Schließen", onlyThis: "Nur ein Gegenstand wird gezeigt.", showAll: "Alles zeigen",
    before: "vorher", after: "nachher", failed: "gescheitert", partner: "Partner",
  },
);
