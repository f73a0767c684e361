import { defineText } from "#shared/i18n/i18n";

export const text = defineText(
  {
    messages: "Messages", both: "Both", from: "From station", to: "To station", direction: "Direction", action: "Action", anyAction: "any",
    errors: "Only errors", range: "Time", all: "All kept", hour: "Last hour", day: "Last 24 hours", week: "Last 7 days", custom: "{from} to {until}",
    tail: "Live tail", paused: "Paused while you point at it", tailOff: "Off while the connection is away", command: "command", commandOf: "Command", messageOf: "Message id", clearCorrelation: "Show all messages",
    received: "Received", station: "Station", content: "Content", answeredIn: "Answered in", none: "none", timedOut: "no answer",
    findings: { one: "{count} finding", other: "{count} findings" }, older: "Older", end: "That is all that is kept.", shown: { one: "{count} exchange", other: "{count} exchanges" },
    tailing: "The newest {count}, asked for every two seconds.", empty: "No messages yet", emptyHelp: "What stations say and what they are told stands here for 30 days.",
    pretty: "Pretty and raw", raw: "Raw", view: "View", close: "Close", request: "Request", answer: "Answer", fromStation: "from the station, {time}", toStation: "to the station, {time}",
    answerAfter: "after {time}", answerNone: "No answer", bytes: "{count} bytes", copyJson: "Copy JSON", copyCurl: "Copy as curl", copyScenario: "As simulator script", copied: "Copied", copyFailed: "The browser does not let it be copied",
    unreadable: "This frame cannot be read as JSON; it is shown as it came.", emptyPayload: "Nothing in it", finding: "Tolerated", sent: "Sent: {raw}", refused: "Refused", openCommand: "Command {id}",
    export: "Export CSV", search: "Station", detail: "Exchange {action}", openStation: "Open {name}", deep: "Narrowed to", unknownStation: "There is no station of that name", filters: "Filters",
  },
  {
    messages: "Nachrichten", both: "Beide", from: "Von Station", to: "An Station", direction: "Richtung", action: "Aktion", anyAction: "alle",
    errors: "Nur Fehler", range: "Zeit", all: "Alles Vorhandene", hour: "Letzte Stunde", day: "Letzte 24 Stunden", week: "Letzte 7 Tage", custom: "{from} bis {until}",
    tail: "Live mitlesen", paused: "Angehalten, solange Sie darauf zeigen", tailOff: "Aus, solange die Verbindung fehlt", command: "Befehl", commandOf: "Befehl", messageOf: "Nachrichten-Id", clearCorrelation: "Alle Nachrichten zeigen",
    received: "Empfangen", station: "Station", content: "Inhalt", answeredIn: "Beantwortet in", none: "keine", timedOut: "keine Antwort",
    findings: { one: "{count} Befund", other: "{count} Befunde" }, older: "Ältere", end: "Mehr ist nicht vorhanden.", shown: { one: "{count} Austausch", other: "{count} Austausche" },
    tailing: "Die neuesten {count}, alle zwei Sekunden erfragt.", empty: "Noch keine Nachrichten", emptyHelp: "Was Stationen sagen und was ihnen gesagt wird, steht hier 30 Tage lang.",
    pretty: "Lesbar und roh", raw: "Roh", view: "Ansicht", close: "Schließen", request: "Anfrage", answer: "Antwort", fromStation: "von der Station, {time}", toStation: "an die Station, {time}",
    answerAfter: "nach {time}", answerNone: "Keine Antwort", bytes: "{count} Bytes", copyJson: "JSON kopieren", copyCurl: "Als curl kopieren", copyScenario: "Als Simulator-Skript", copied: "Kopiert", copyFailed: "Der Browser lässt das Kopieren nicht zu",
    unreadable: "Diese Nachricht ist kein lesbares JSON; sie steht hier, wie sie kam.", emptyPayload: "Nichts darin", finding: "Toleriert", sent: "Gesendet: {raw}", refused: "Abgelehnt", openCommand: "Befehl {id}",
    export: "CSV exportieren", search: "Station", detail: "Austausch {action}", openStation: "{name} öffnen", deep: "Eingegrenzt auf", unknownStation: "Eine Station dieses Namens gibt es nicht", filters: "Filter",
  },
);
