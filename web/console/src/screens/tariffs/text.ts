import { defineText } from "#shared/i18n/i18n";

export const text = defineText(
  {
    title: "Tariffs", search: "Name or description", all: "In use", live: "Live", drafts: "With drafts", planned: "Planned", retired: "Retired",
    name: "Name", currency: "Currency", pays: "Drivers pay, with VAT", state: "Versions", applies: "Applies to", since: "Live since", created: "Created",
    live_: "Live", scheduled_: "Planned", draft_: "Draft", retired_: "Retired", everywhere: "whole operator", nowhere: "nowhere",
    locations: { one: "{count} location", other: "{count} locations" }, evses: { one: "{count} EVSE", other: "{count} EVSEs" },
    newTariff: "New tariff", importOcpi: "Import OCPI…", emptyTitle: "No tariffs yet", emptyHelp: "A tariff says what drivers pay, in sentences. Nobody pays it until it is published and assigned.",
    newTitle: "New tariff", duplicateTitle: "Duplicate {name}", copyOf: "{name} (copy)", nameLabel: "Name", currencyLabel: "Currency", basePrice: "Base price per kWh", vat: "VAT", vatHelp: "Empty if it is not known.", vatMode: "Prices", vatIncluded: "include VAT", vatExcluded: "do not include VAT",
    create: "Create the draft", cancel: "Cancel", close: "Close", needName: "Give it a name.", needPrice: "Not a price such as 0.49.", needVat: "Not a number from 0 to 100.", needCurrency: "Three capital letters, such as EUR.",
    nameTaken: "There is a tariff with this name already.", duplicate: "Duplicate", retire: "Retire…", retireTitle: "Retire {name}", retireVerb: "Retire", retireNext: "It can no longer be assigned or changed. What it priced stays explained.", retireAssigned: "It still applies to {where}. End that first, or it is refused.",
    retiredDone: "{name} is retired", inUse: "It still applies somewhere. Open it and end its assignments first.", actions: "Actions for {name}", open: "Open",
    importTitle: "Import an OCPI tariff", importLabel: "OCPI Tariff object (2.1.1, 2.2.1 or 2.3.0), as JSON", importFile: "Choose a file", importVerb: "Import as draft", notJson: "This is not JSON.", refused: "It cannot be priced: {why}.", failed: "Not created: {why}.",
  },
  {
    title: "Tarife", search: "Name oder Beschreibung", all: "In Gebrauch", live: "Gültig", drafts: "Mit Entwurf", planned: "Geplant", retired: "Stillgelegt",
    name: "Name", currency: "Währung", pays: "Zu zahlen, mit USt", state: "Versionen", applies: "Gilt für", since: "Gültig seit", created: "Angelegt",
    live_: "Gültig", scheduled_: "Geplant", draft_: "Entwurf", retired_: "Stillgelegt", everywhere: "ganzer Betreiber", nowhere: "nirgends",
    locations: { one: "{count} Standort", other: "{count} Standorte" }, evses: { one: "{count} EVSE", other: "{count} EVSEs" },
    newTariff: "Neuer Tarif", importOcpi: "OCPI importieren…", emptyTitle: "Noch keine Tarife", emptyHelp: "Ein Tarif sagt in Sätzen, was zu zahlen ist. Niemand zahlt ihn, bis er veröffentlicht und zugewiesen ist.",
    newTitle: "Neuer Tarif", duplicateTitle: "{name} verdoppeln", copyOf: "{name} (Kopie)", nameLabel: "Name", currencyLabel: "Währung", basePrice: "Grundpreis je kWh", vat: "USt", vatHelp: "Leer, wenn unbekannt.", vatMode: "Preise", vatIncluded: "enthalten die USt", vatExcluded: "enthalten keine USt",
    create: "Entwurf anlegen", cancel: "Abbrechen", close: "Schließen", needName: "Geben Sie ihm einen Namen.", needPrice: "Kein Preis wie 0,49.", needVat: "Keine Zahl von 0 bis 100.", needCurrency: "Drei Großbuchstaben wie EUR.",
    nameTaken: "Es gibt schon einen Tarif mit diesem Namen.", duplicate: "Verdoppeln", retire: "Stilllegen…", retireTitle: "{name} stilllegen", retireVerb: "Stilllegen", retireNext: "Er lässt sich nicht mehr zuweisen oder ändern. Was er bepreist hat, bleibt erklärt.", retireAssigned: "Er gilt noch für: {where}. Beenden Sie das zuerst, sonst wird es abgelehnt.",
    retiredDone: "{name} ist stillgelegt", inUse: "Er gilt noch irgendwo. Öffnen Sie ihn und beenden Sie zuerst seine Zuweisungen.", actions: "Aktionen für {name}", open: "Öffnen",
    importTitle: "Einen OCPI-Tarif importieren", importLabel: "OCPI-Tariff-Objekt (2.1.1, 2.2.1 oder 2.3.0) als JSON", importFile: "Datei wählen", importVerb: "Als Entwurf importieren", notJson: "Das ist kein JSON.", refused: "Er lässt sich nicht bepreisen: {why}.", failed: "Nicht angelegt: {why}.",
  },
);
