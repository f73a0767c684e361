import { defineText } from "#shared/i18n/i18n";

export const text = defineText(
  {
    title: "Id tokens", tokens: "Tokens", groups: "Groups", show: "Show", search: "Value or printed number", all: "All", blockedView: "Blocked", newToken: "New token", newGroup: "New group", import: "Import…",
    value: "Value", type: "Type", number: "Printed number", group: "Group", contract: "Contract", issuer: "Issuer", validity: "Valid", state: "State", lastUsed: "Last used", sessions: "Sessions", created: "Created", whitelist: "Offline", language: "Language",
    validFrom: "Valid from", validUntil: "Valid until", always: "always", from: "from {date}", until: "until {date}", fromUntil: "{from} to {until}", never: "Never", unknown: "",
    valid: "Valid", blocked: "Blocked", blockedBecause: "Blocked: {reason}", expired: "Expired", notYet: "Not yet valid", yes: "yes", no: "no",
    emptyTitle: "No tokens yet", emptyHelp: "Add a card by hand, or import many from a CSV file.", emptyGroups: "No groups yet", emptyGroupsHelp: "Tokens of one group may stop each other's sessions.",
    block: "Block…", blockVerb: "Block", unblock: "Unblock", blockTitle: { one: "Block {count} token", other: "Block {count} tokens" }, blockEffect: "No station accepts it from now on", blockRunning: "Sessions that it began go on",
    lost: "Lost", stolen: "Stolen", unpaid: "Unpaid", operator: "Other reason", blockedNow: { one: "{count} token blocked", other: "{count} tokens blocked" }, unblockedNow: { one: "{count} token unblocked", other: "{count} tokens unblocked" }, notDone: { one: "{count} was not done", other: "{count} were not done" },
    selected: { one: "{count} selected", other: "{count} selected" }, clear: "Clear", close: "Close", edit: "Edit", save: "Save", cancel: "Cancel", create: "Create", saved: "Token saved", made: "Token created", groupMade: "Group created",
    hidden: "You see the end of the value only: this needs the permission tokens:write.", noGroup: "No group", chooseType: "Type", valueHelp: "As read; compared without case and separators.", needValue: "A token has a value.", order: "It ends before it begins.", faster: "Somebody else changed it meanwhile. It was loaded again.",
    offline_always: "Always, stations need not ask", offline_allowed: "As the station can", offline_allowed_offline: "While the station is offline", offline_never: "Never, always ask",
    facts: "Facts", attempts: "Attempts", attemptsNote: "why it was accepted or refused", noAttempts: "Nobody held it to a reader yet.", recentSessions: "Sessions", noSessions: "No session yet.", accepted: "Accepted", refused: "Refused", atStation: "at {station}",
    name: "Name", code: "Code", codeHelp: "What stations see; at most 20 characters for OCPP 1.6.", members: "Members", showMembers: "Show members", needName: "A group has a name and a code.",
    rfid: "RFID card", emaid: "Contract (eMAID)", app: "App", mac: "Car (MAC)", central: "Central", key_code: "PIN", local: "Local", evccid: "EVCCID", vin: "VIN",
    r_TokenUnknown: "No such token is known.", r_TokenBlocked: "The token is blocked ({reason}).", r_TokenExpired: "The token was valid until {valid_until}.", r_TokenNotYetValid: "The token is valid from {valid_from} on.", r_NotGuaranteed: "Nobody guarantees the payment.",
    r_TokenInUse: "The token charges at another place already.", r_FriendTimedOut: "The partner that decides did not answer within {budget_s} s.", r_FriendFailed: "The partner that decides failed.", r_NoCredit: "There is no credit left.",
    s_blocked: "Blocked", s_invalid: "Invalid", s_expired: "Expired", s_concurrent_tx: "In use elsewhere", s_no_credit: "No credit", s_not_at_this_time: "Not at this time", s_unknown: "Unknown", notAllowed: "This needs the permission {permission}.",
  },
  {
    title: "Ladekarten", tokens: "Karten", groups: "Gruppen", show: "Anzeigen", search: "Wert oder Aufdruck", all: "Alle", blockedView: "Gesperrt", newToken: "Neue Karte", newGroup: "Neue Gruppe", import: "Importieren…",
    value: "Wert", type: "Typ", number: "Aufdruck", group: "Gruppe", contract: "Vertrag", issuer: "Aussteller", validity: "Gültig", state: "Zustand", lastUsed: "Zuletzt benutzt", sessions: "Ladevorgänge", created: "Angelegt", whitelist: "Offline", language: "Sprache",
    validFrom: "Gültig ab", validUntil: "Gültig bis", always: "immer", from: "ab {date}", until: "bis {date}", fromUntil: "{from} bis {until}", never: "Nie", unknown: "",
    valid: "Gültig", blocked: "Gesperrt", blockedBecause: "Gesperrt: {reason}", expired: "Abgelaufen", notYet: "Noch nicht gültig", yes: "ja", no: "nein",
    emptyTitle: "Noch keine Karten", emptyHelp: "Legen Sie eine Karte an oder importieren Sie viele aus einer CSV-Datei.", emptyGroups: "Noch keine Gruppen", emptyGroupsHelp: "Karten einer Gruppe dürfen gegenseitig Ladevorgänge beenden.",
    block: "Sperren…", blockVerb: "Sperren", unblock: "Entsperren", blockTitle: { one: "{count} Karte sperren", other: "{count} Karten sperren" }, blockEffect: "Keine Station nimmt sie ab jetzt an", blockRunning: "Begonnene Ladevorgänge gehen weiter",
    lost: "Verloren", stolen: "Gestohlen", unpaid: "Unbezahlt", operator: "Anderer Grund", blockedNow: { one: "{count} Karte gesperrt", other: "{count} Karten gesperrt" }, unblockedNow: { one: "{count} Karte entsperrt", other: "{count} Karten entsperrt" }, notDone: { one: "{count} nicht ausgeführt", other: "{count} nicht ausgeführt" },
    selected: { one: "{count} ausgewählt", other: "{count} ausgewählt" }, clear: "Aufheben", close: "Schließen", edit: "Bearbeiten", save: "Speichern", cancel: "Abbrechen", create: "Anlegen", saved: "Karte gespeichert", made: "Karte angelegt", groupMade: "Gruppe angelegt",
    hidden: "Sie sehen nur das Ende des Werts: dafür braucht es die Berechtigung tokens:write.", noGroup: "Keine Gruppe", chooseType: "Typ", valueHelp: "Wie gelesen; verglichen ohne Groß- und Kleinschreibung und Trennzeichen.", needValue: "Eine Karte hat einen Wert.", order: "Das Ende liegt vor dem Anfang.", faster: "Jemand anderes hat sie inzwischen geändert. Sie wurde neu geladen.",
    offline_always: "Immer, Stationen müssen nicht fragen", offline_allowed: "Wie die Station es kann", offline_allowed_offline: "Solange die Station offline ist", offline_never: "Nie, immer fragen",
    facts: "Angaben", attempts: "Versuche", attemptsNote: "warum angenommen oder abgelehnt", noAttempts: "Noch hat sie niemand an einen Leser gehalten.", recentSessions: "Ladevorgänge", noSessions: "Noch kein Ladevorgang.", accepted: "Angenommen", refused: "Abgelehnt", atStation: "an {station}",
    name: "Name", code: "Code", codeHelp: "Was Stationen sehen; höchstens 20 Zeichen für OCPP 1.6.", members: "Mitglieder", showMembers: "Mitglieder zeigen", needName: "Eine Gruppe hat Namen und Code.",
    rfid: "RFID-Karte", emaid: "Vertrag (eMAID)", app: "App", mac: "Auto (MAC)", central: "Zentral", key_code: "PIN", local: "Lokal", evccid: "EVCCID", vin: "Fahrgestellnummer",
    r_TokenUnknown: "Diese Karte ist nicht bekannt.", r_TokenBlocked: "Die Karte ist gesperrt ({reason}).", r_TokenExpired: "Die Karte galt bis {valid_until}.", r_TokenNotYetValid: "Die Karte gilt erst ab {valid_from}.", r_NotGuaranteed: "Niemand steht für die Zahlung ein.",
    r_TokenInUse: "Mit der Karte wird schon anderswo geladen.", r_FriendTimedOut: "Der entscheidende Partner antwortete nicht binnen {budget_s} s.", r_FriendFailed: "Der entscheidende Partner ist ausgefallen.", r_NoCredit: "Das Guthaben ist aufgebraucht.",
    s_blocked: "Gesperrt", s_invalid: "Ungültig", s_expired: "Abgelaufen", s_concurrent_tx: "Anderswo in Benutzung", s_no_credit: "Kein Guthaben", s_not_at_this_time: "Jetzt nicht", s_unknown: "Unbekannt", notAllowed: "Dafür braucht es die Berechtigung {permission}.",
  },
);

export type Key = keyof (typeof text)["en"];

export function keyOf(name: string): Key | null {
  return name in text.en ? (name as Key) : null;
}
