import { defineText } from "#shared/i18n/i18n";

export const text = defineText(
  {
    name: "Name", address: "Street and number", postalCode: "Postal code", city: "City", country: "Country", countryHelp: "Two letters, e.g. DE", zone: "Time zone", zoneHelp: "All its times are shown in this zone", where: "Where it is",
    whereHelp: "Click the map, or type the coordinates.", hours: "Opening hours", hoursUnknown: "Not known", hoursAlways: "Always open", hoursRegular: "By weekday", closed: "Closed", from: "{day} from", until: "{day} until", addPeriod: "Add a time on {day}", removePeriod: "Remove this time on {day}",
    exceptions: "Exceptions", closing: "Closed", opening: "Open", addClosing: "Add a closing", addOpening: "Add an opening", removeException: "Remove this exception", exceptionFrom: "From", exceptionUntil: "Until",
    save: "Save", create: "Create location", cancel: "Cancel", needName: "A location has a name.", needCountry: "A country has two letters, e.g. DE.", needZone: "A time zone such as Europe/Berlin.", half: "Latitude and longitude belong together.", range: "Not on Earth.", order: "The end is not after the beginning.", overlap: "These times overlap.",
    faster: "Somebody else changed it meanwhile. It was loaded again; look, then save.", exceptionOrder: "An exception ends after it begins.",
  },
  {
    name: "Name", address: "Straße und Hausnummer", postalCode: "Postleitzahl", city: "Ort", country: "Land", countryHelp: "Zwei Buchstaben, z. B. DE", zone: "Zeitzone", zoneHelp: "Alle seine Zeiten erscheinen in dieser Zone", where: "Wo er liegt",
    whereHelp: "Auf die Karte klicken oder Koordinaten eingeben.", hours: "Öffnungszeiten", hoursUnknown: "Nicht bekannt", hoursAlways: "Immer geöffnet", hoursRegular: "Nach Wochentag", closed: "Geschlossen", from: "{day} von", until: "{day} bis", addPeriod: "Zeit am {day} hinzufügen", removePeriod: "Diese Zeit am {day} entfernen",
    exceptions: "Ausnahmen", closing: "Geschlossen", opening: "Geöffnet", addClosing: "Schließung hinzufügen", addOpening: "Öffnung hinzufügen", removeException: "Diese Ausnahme entfernen", exceptionFrom: "Von", exceptionUntil: "Bis",
    save: "Speichern", create: "Standort anlegen", cancel: "Abbrechen", needName: "Ein Standort hat einen Namen.", needCountry: "Ein Land hat zwei Buchstaben, z. B. DE.", needZone: "Eine Zeitzone wie Europe/Berlin.", half: "Breite und Länge gehören zusammen.", range: "Nicht auf der Erde.", order: "Das Ende liegt nicht nach dem Anfang.", overlap: "Diese Zeiten überschneiden sich.",
    faster: "Jemand anderes hat ihn inzwischen geändert. Er wurde neu geladen; ansehen, dann speichern.", exceptionOrder: "Eine Ausnahme endet nach ihrem Anfang.",
  },
);

/** Monday to Sunday in the reader's language. */
export function weekdays(language: string, style: "short" | "long" = "long"): string[] {
  const format = new Intl.DateTimeFormat(language, { weekday: style, timeZone: "UTC" });
  return Array.from({ length: 7 }, (_, index) => format.format(Date.UTC(2024, 0, 1 + index)));
}
