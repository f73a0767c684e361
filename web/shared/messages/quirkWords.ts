/** What each tolerated deviation means, and what we read instead; by the code in the log. */
import type { Language } from "#shared/i18n/i18n";

const WORDS: Record<string, [string, string]> = {
  json_repaired: ["The JSON was damaged in a known way and was repaired.", "Das JSON war auf bekannte Weise beschädigt und wurde repariert."],
  json_closed: ["The frame ended early and was closed.", "Die Nachricht brach ab und wurde geschlossen."],
  stray_bytes: ["Stray bytes around the frame were left out.", "Fremde Bytes um die Nachricht wurden weggelassen."],
  invalid_utf8: ["Bytes that are no UTF-8 were replaced.", "Bytes, die kein UTF-8 sind, wurden ersetzt."],
  nul_character: ["NUL characters were removed.", "NUL-Zeichen wurden entfernt."],
  lone_surrogate: ["Half a surrogate pair was replaced.", "Ein halbes Ersatzpaar wurde ersetzt."],
  payload_null: ["The payload is null; it was read as empty.", "Der Inhalt ist null; er wurde als leer gelesen."],
  payload_missing: ["The payload is missing; it was read as empty.", "Der Inhalt fehlt; er wurde als leer gelesen."],
  payload_empty_list: ["The payload is a list; it was read as empty.", "Der Inhalt ist eine Liste; er wurde als leer gelesen."],
  extra_elements: ["There are elements after the payload; they were left out.", "Nach dem Inhalt folgen weitere Elemente; sie wurden weggelassen."],
  message_type_text: ["The frame type is a text, not a number.", "Der Nachrichtentyp ist ein Text statt einer Zahl."],
  integer_message_id: ["The message id is a number, not a text.", "Die Nachrichten-Id ist eine Zahl statt eines Textes."],
  long_message_id: ["The message id is longer than 36 characters.", "Die Nachrichten-Id ist länger als 36 Zeichen."],
  error_incomplete: ["The error frame lacks elements.", "Der Fehlernachricht fehlen Elemente."],
  error_code: ["The error code is not in the standard.", "Der Fehlercode steht nicht im Standard."],
  action_spelling: ["The action is written in another case.", "Die Aktion ist anders groß- oder kleingeschrieben."],
  extra_field: ["A field that the standard does not have was left out.", "Ein Feld, das der Standard nicht kennt, wurde weggelassen."],
  field_spelling: ["The field's name is written in another case.", "Der Feldname ist anders groß- oder kleingeschrieben."],
  null_member: ["The field is null; it was read as absent.", "Das Feld ist null; es wurde als fehlend gelesen."],
  object_for_list: ["One object stands where a list belongs.", "Ein Objekt steht, wo eine Liste hingehört."],
  empty_list: ["The list is empty; the field was read as absent.", "Die Liste ist leer; das Feld wurde als fehlend gelesen."],
  missing_field: ["A required field is missing; a neutral value stands in.", "Ein Pflichtfeld fehlt; ein neutraler Wert steht dafür."],
  readonly_missing: ["The key does not say whether it can be written.", "Der Schlüssel sagt nicht, ob er schreibbar ist."],
  status_detail_missing: ["The error code is missing; it counts as no error.", "Der Fehlercode fehlt; er gilt als kein Fehler."],
  integral_float: ["A whole number is written with a fraction.", "Eine ganze Zahl ist mit Nachkommastelle geschrieben."],
  fraction_for_integer: ["A fraction stands where a whole number belongs; it was rounded.", "Ein Bruch steht, wo eine ganze Zahl hingehört; er wurde gerundet."],
  number_for_string: ["A number or boolean stands where a text belongs.", "Eine Zahl oder ein Wahrheitswert steht, wo ein Text hingehört."],
  string_for_number: ["A text stands where a number belongs.", "Ein Text steht, wo eine Zahl hingehört."],
  boolean_spelling: ["A boolean is written as a text or as 0 and 1.", "Ein Wahrheitswert ist als Text oder als 0 und 1 geschrieben."],
  object_for_string: ["An object stands where a text belongs; it was kept as JSON.", "Ein Objekt steht, wo ein Text hingehört; es blieb als JSON erhalten."],
  decimal_spelling: ["The number has a decimal comma, blanks or a plus sign.", "Die Zahl hat Dezimalkomma, Leerzeichen oder Pluszeichen."],
  decimal_places: ["The limit has more than one decimal; it was rounded.", "Die Grenze hat mehr als eine Nachkommastelle; sie wurde gerundet."],
  decimal_range: ["The number is out of any range and was left out.", "Die Zahl liegt außerhalb jedes Bereichs und wurde weggelassen."],
  long_string: ["The text is longer than the standard allows; it was cut.", "Der Text ist länger als erlaubt; er wurde gekürzt."],
  long_identifier: ["The identifier is longer than the standard allows; it was kept whole.", "Die Kennung ist länger als erlaubt; sie blieb ganz."],
  padded_string: ["The text was padded; the padding was cut.", "Der Text war aufgefüllt; das Füllmaterial wurde entfernt."],
  id_tag_long: ["The idTag is longer than 20 characters; it was cut.", "Das idTag ist länger als 20 Zeichen; es wurde gekürzt."],
  id_tag_missing: ["The idTag is missing; it counts as an empty one.", "Das idTag fehlt; es gilt als leer."],
  enum_spelling: ["The value is written in another case or with blanks.", "Der Wert ist anders geschrieben oder hat Leerzeichen."],
  enum_value: ["The value is not in the standard; it was mapped or left out.", "Der Wert steht nicht im Standard; er wurde umgedeutet oder weggelassen."],
  timestamp_naive: ["The time has no offset; it was taken as UTC.", "Der Zeit fehlt der Zonenversatz; sie galt als UTC."],
  timestamp_form: ["The time is written in an odd form.", "Die Zeit ist ungewöhnlich geschrieben."],
  timestamp_missing: ["The time is missing; the time of receipt stands in.", "Die Zeit fehlt; die Empfangszeit steht dafür."],
  timestamp_invalid: ["The time cannot be read; the time of receipt stands in, or nothing.", "Die Zeit ist unlesbar; die Empfangszeit steht dafür oder nichts."],
  bad_sample: ["The sample has no readable value and was left out.", "Der Messwert ist unlesbar und wurde weggelassen."],
  unit_missing: ["The unit is missing; the measurand's usual one applies.", "Die Einheit fehlt; die übliche der Messgröße gilt."],
  unit_spelling: ["The unit is written in another way.", "Die Einheit ist anders geschrieben."],
  unit_unknown: ["The unit is unknown; unit or sample were left out.", "Die Einheit ist unbekannt; Einheit oder Messwert wurden weggelassen."],
  measurand_unknown: ["The measurand is unknown; the sample was left out.", "Die Messgröße ist unbekannt; der Messwert wurde weggelassen."],
  empty_sampled_value: ["The meter value has no samples and was left out.", "Der Zählerwert ist leer und wurde weggelassen."],
};

const ERRORS: Record<string, [string, string]> = {
  late_reply: ["The answer came when nobody waited for it any more.", "Die Antwort kam, als niemand mehr darauf wartete."],
  stale_link: ["The station has a newer connection; this message had no effect.", "Die Station hat eine neuere Verbindung; diese Nachricht blieb ohne Wirkung."],
  NotImplemented: ["The action is not known here.", "Die Aktion ist hier nicht bekannt."],
  NotSupported: ["The action is known but not supported.", "Die Aktion ist bekannt, wird aber nicht unterstützt."],
  FormationViolation: ["The frame is no valid message.", "Die Nachricht ist nicht gültig aufgebaut."],
  FormatViolation: ["The frame is no valid message.", "Die Nachricht ist nicht gültig aufgebaut."],
  PropertyConstraintViolation: ["A value is out of what the standard allows.", "Ein Wert liegt außerhalb dessen, was der Standard erlaubt."],
  OccurrenceConstraintViolation: ["A required field is missing, or there are too many.", "Ein Pflichtfeld fehlt, oder es sind zu viele."],
  OccurenceConstraintViolation: ["A required field is missing, or there are too many.", "Ein Pflichtfeld fehlt, oder es sind zu viele."],
  TypeConstraintViolation: ["A value has the wrong type.", "Ein Wert hat den falschen Typ."],
  InternalError: ["The other side failed while it worked on it.", "Die Gegenseite scheiterte bei der Bearbeitung."],
  SecurityError: ["It was refused for reasons of security.", "Es wurde aus Sicherheitsgründen abgelehnt."],
  ProtocolError: ["It does not fit what was said before.", "Es passt nicht zum Vorigen."],
  GenericError: ["The other side reports an error without a name.", "Die Gegenseite meldet einen Fehler ohne Namen."],
};

const place = (language: Language) => (language === "de" ? 1 : 0);

/** The quirk in words; its code where there are none. */
export function quirkWords(code: string, language: Language): string {
  return WORDS[code]?.[place(language)] ?? code;
}

/** The error in words; null where there are none. */
export function errorWords(code: string, language: Language): string | null {
  return ERRORS[code]?.[place(language)] ?? null;
}
