/** The trail's codes in words. What is younger than these words is shown as it is, so that nothing is hidden. */
import type { Language } from "#shared/i18n/i18n";

type Pair = readonly [en: string, de: string];

const NOUNS: Record<string, Pair> = {
  alert_channel: ["alert channel", "Alarmkanal"], alert_rule: ["alert rule", "Alarmregel"], connector: ["connector", "Anschluss"], evse: ["charge point", "Ladepunkt"],
  finding: ["finding", "Befund"], inbox: ["inbox", "Eingang"], invitation: ["invitation", "Einladung"], job: ["job", "Auftrag"], key: ["API key", "API-Schlüssel"], knock: ["unknown station", "unbekannte Station"],
  location: ["location", "Standort"], operator: ["operator", "Betreiber"], orphan: ["orphaned data", "herrenlose Daten"], partner: ["partner", "Partner"], session: ["session", "Ladevorgang"], station: ["station", "Station"],
  tariff: ["tariff", "Tarif"], token: ["id token", "Ladekarte"], token_group: ["token group", "Kartengruppe"], user: ["person", "Person"], command: ["command", "Befehl"], incident: ["incident", "Vorfall"],
};

const VERBS: Record<string, Pair> = {
  created: ["Created", "angelegt"], added: ["Added", "hinzugefügt"], updated: ["Changed", "geändert"], changed: ["Changed", "geändert"], deleted: ["Deleted", "gelöscht"], retired: ["Retired", "stillgelegt"],
  moved: ["Moved", "verlegt"], adopted: ["Adopted", "aufgenommen"], swapped: ["Swapped", "getauscht"], blocked: ["Blocked", "gesperrt"], unblocked: ["Unblocked", "entsperrt"], imported: ["Imported", "importiert"],
  archived: ["Archived", "archiviert"], assigned: ["Assigned", "zugewiesen"], published: ["Published", "veröffentlicht"], scheduled: ["Scheduled", "geplant"], revoked: ["Revoked", "zurückgezogen"], resolved: ["Resolved", "erledigt"],
  dismissed: ["Dismissed", "verworfen"], matched: ["Matched", "zugeordnet"], granted: ["Granted something to", "etwas freigegeben für"], retried: ["Retried", "wiederholt"], tested: ["Tested", "getestet"], opened: ["Opened", "geöffnet"],
  closed: ["Closed", "geschlossen"], refused: ["Refused", "abgewiesen"], accepted: ["Accepted", "angenommen"], reopened: ["Reopened", "wieder geöffnet"], acknowledged: ["Acknowledged", "bestätigt"],
};

const WHOLE: Record<string, Pair> = {
  "user.signed_in": ["Signed in", "Angemeldet"], "user.signed_out": ["Signed out", "Abgemeldet"], "user.password_changed": ["Changed the own password", "Eigenes Passwort geändert"],
  "user.password_reset": ["Set a new password by mail", "Neues Passwort per E-Mail gesetzt"], "user.password_reset_asked": ["Asked for a new password", "Neues Passwort angefordert"],
  "user.second_factor_changed": ["Changed the second factor", "Zweiten Faktor geändert"], "user.passkeys_changed": ["Changed passkeys", "Passkeys geändert"], "user.session_ended": ["Ended a session", "Eine Sitzung beendet"],
  "user.other_sessions_ended": ["Ended all other sessions", "Alle anderen Sitzungen beendet"], "invitation.created": ["Invited", "Eingeladen"], "invitation.sent_again": ["Sent the invitation again", "Einladung erneut gesendet"],
  "invitation.accepted": ["Accepted the invitation", "Einladung angenommen"], "partner.grant_ended": ["Ended a grant of partner", "Freigabe für Partner beendet"], "operator.logo_changed": ["Changed the logo", "Logo geändert"],
  "tariff.version_drafted": ["Drafted a tariff version", "Tarifversion entworfen"], "tariff.draft_edited": ["Edited a tariff draft", "Tarifentwurf bearbeitet"], "tariff.draft_discarded": ["Discarded a tariff draft", "Tarifentwurf verworfen"],
  "tariff.assignment_ended": ["Ended a tariff assignment", "Tarifzuweisung beendet"], "tariff.schedule_withdrawn": ["Withdrew a scheduled tariff", "Geplanten Tarif zurückgezogen"],
  "station.credential_rotated": ["Gave a new station password", "Neues Stationspasswort vergeben"], "station.credential_revoked": ["Revoked a station password", "Stationspasswort zurückgezogen"], "station.credential_retired": ["Retired a station password", "Stationspasswort abgelöst"],
  "alert_channel.secret_rotated": ["Gave an alert channel a new secret", "Neues Geheimnis für Alarmkanal"], "inbox.opened": ["Opened the inbox", "Eingang geöffnet"], "inbox.closed": ["Closed the inbox", "Eingang geschlossen"],
};

const FIELDS: Record<string, Pair> = {
  name: ["Name", "Name"], email: ["E-mail", "E-Mail"], role: ["Role", "Rolle"], active: ["Active", "Aktiv"], partner_id: ["Partner", "Partner"], method: ["By", "Mit"], password: ["Password", "Passwort"], language: ["Language", "Sprache"],
  time_zone: ["Time zone", "Zeitzone"], expires_at: ["Ends", "Endet"], revoked_at: ["Revoked", "Zurückgezogen"], ended_at: ["Ended", "Beendet"], permissions: ["Permissions", "Rechte"], valid_from: ["From", "Von"], valid_to: ["Until", "Bis"],
  subject_type: ["Kind", "Art"], subject_id: ["What", "Was"], kind: ["Kind", "Art"], country: ["Country", "Land"], currency: ["Currency", "Währung"], legal_name: ["Legal name", "Firma"], languages: ["Languages", "Sprachen"], logo: ["Logo", "Logo"],
  support_phone: ["Support phone", "Telefon des Supports"], support_email: ["Support mail", "E-Mail des Supports"], authenticator_app: ["Authenticator app", "Authenticator-App"], passkeys: ["Passkeys", "Passkeys"], recovery_codes: ["Recovery codes", "Wiederherstellungscodes"],
  recovery_codes_left: ["Recovery codes left", "Codes übrig"], session: ["Session", "Sitzung"], added: ["Added", "Hinzugefügt"], removed: ["Removed", "Entfernt"], label: ["Label", "Bezeichnung"], identity: ["Station id", "Stations-Id"], state: ["State", "Zustand"],
  status: ["Status", "Status"], reason: ["Reason", "Grund"], location_id: ["Location", "Standort"], station_id: ["Station", "Station"], max_power_w: ["Most power, W", "Höchstleistung, W"], blocked: ["Blocked", "Gesperrt"], version: ["Version", "Version"],
  "security.second_factor_required": ["Second factor required", "Zweiter Faktor verlangt"], "security.session_lifetime_hours": ["Longest session, h", "Längste Sitzung, h"], "security.session_idle_minutes": ["Unused for, min", "Ungenutzt, min"],
  "settings.connection_timeout_s": ["Time to plug in, s", "Zeit zum Einstecken, s"], "settings.party_id": ["Party id", "Party-Id"], "settings.one_session_per_token": ["One session per card", "Ein Ladevorgang je Karte"],
  latitude: ["Latitude", "Breite"], longitude: ["Longitude", "Länge"], address: ["Address", "Adresse"], type: ["Type", "Art"], other_sessions: ["Other sessions", "Andere Sitzungen"],
};

const VALUES: Record<string, Pair> = {
  true: ["yes", "ja"], false: ["no", "nein"], null: ["nothing", "nichts"], new: ["new", "neu"], old: ["old", "alt"], owner: ["Owner", "Inhaber"], admin: ["Administration", "Administration"], operations: ["Network operations", "Netzbetrieb"],
  finance: ["Finance", "Finanzen"], support: ["Support", "Support"], viewer: ["Viewer", "Nur lesen"], totp: ["password and code", "Passwort und Code"], passkey: ["passkey", "Passkey"], recovery_code: ["recovery code", "Wiederherstellungscode"],
  invitation: ["invitation", "Einladung"], location: ["location", "Standort"], token_group: ["token group", "Kartengruppe"], site_host: ["site host", "Standortpartner"], fleet: ["fleet", "Flotte"], installer: ["installer", "Installateur"], franchisee: ["franchisee", "Franchisenehmer"],
};

const pick = (pair: Pair, language: Language) => pair[language === "de" ? 1 : 0];

/** What a subject's type is called. */
export function nounWord(type: string, language: Language): string {
  const pair = NOUNS[type];
  return pair ? pick(pair, language) : spaced(type);
}

/** What was done: "Changed tariff". */
export function actionWords(action: string, language: Language): string {
  const whole = WHOLE[action];
  if (whole) return pick(whole, language);
  const [noun = "", rest = ""] = split(action);
  const verb = VERBS[rest];
  if (noun === "command") return language === "de" ? `Befehl gesendet: ${spaced(rest)}` : `Sent ${spaced(rest)}`;
  if (!verb || !NOUNS[noun]) return capital(spaced(action));
  return language === "de" ? `${capital(nounWord(noun, language))} ${pick(verb, language)}` : `${pick(verb, language)} ${nounWord(noun, language)}`;
}

export function fieldWord(field: string, language: Language): string {
  const pair = FIELDS[field];
  return pair ? pick(pair, language) : capital(spaced(field));
}

/** A value as one reads it; `time` writes moments. */
export function valueWords(value: unknown, language: Language, time: (at: string) => string): string {
  const pair = VALUES[String(value)];
  if (pair && (value === null || typeof value !== "object")) return pick(pair, language);
  if (typeof value === "string") return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value) ? time(value) : value;
  if (Array.isArray(value)) return value.length === 0 ? pick(VALUES["null"] as Pair, language) : value.map((one) => valueWords(one, language, time)).join(", ");
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return String(value);
}

function split(action: string): [string, string] {
  const dot = action.indexOf(".");
  return [action.slice(0, dot), action.slice(dot + 1)];
}

function spaced(text: string): string {
  return text.replace(/[._-]+/g, " ");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Kinds of subjects and actions that one filters by. */
export const SUBJECTS = Object.keys(NOUNS);
export const ACTIONS = [
  "user.signed_in", "user.created", "user.updated", "user.second_factor_changed", "user.passkeys_changed", "user.password_reset", "invitation.created", "invitation.accepted", "key.created", "key.revoked", "partner.granted", "operator.changed",
  "station.adopted", "station.swapped", "station.retired", "command.", "tariff.published", "tariff.assigned", "token.blocked", "token.imported",
];
