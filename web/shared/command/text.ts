import { defineText } from "#shared/i18n/i18n";

export const text = defineText(
  {
    pending: "Not sent yet", sent: "Sent", accepted: "Accepted", effective: "Effective", rejected: "Rejected",
    failed: "Failed", timed_out: "No answer", ineffective: "No effect", refused: "Not sent",
    sentWait: "Sent: waiting for the answer, {wait} left", sentWaiting: "Sent: waiting for the answer",
    acceptedWait: "Accepted: not proven yet", acceptedDone: "Accepted by the station",
    effectiveAfter: "Effective after {time}", rejectedBy: "The station refuses: {reason}",
    timedOut: "The station did not answer in time. It may still have done it.",
    noEffect: "Accepted, but nothing changed since", failedBy: "It did not work: {reason}",
    offline: "Offline, nothing was sent", notSent: "Nothing was sent: {reason}",
    busy: "{what}, {wait}", dismiss: "Dismiss", open: "Open", cancel: "Cancel", typeNumber: "Type {number} to confirm",
    reason: "Reason, for the audit trail", notifications: "Commands", noPermission: "It needs the permission {permission}.",
    waitsForLive: "Commands are off until the connection is back.",
  },
  {
    pending: "Noch nicht gesendet", sent: "Gesendet", accepted: "Angenommen", effective: "Wirksam", rejected: "Abgelehnt",
    failed: "Fehlgeschlagen", timed_out: "Keine Antwort", ineffective: "Ohne Wirkung", refused: "Nicht gesendet",
    sentWait: "Gesendet: wartet auf die Antwort, noch {wait}", sentWaiting: "Gesendet: wartet auf die Antwort",
    acceptedWait: "Angenommen: noch nicht belegt", acceptedDone: "Von der Station angenommen",
    effectiveAfter: "Wirksam nach {time}", rejectedBy: "Die Station lehnt ab: {reason}",
    timedOut: "Die Station hat nicht rechtzeitig geantwortet. Vielleicht hat sie es doch getan.",
    noEffect: "Angenommen, aber seither ohne Wirkung", failedBy: "Es ging nicht: {reason}",
    offline: "Offline, nichts wurde gesendet", notSent: "Nichts wurde gesendet: {reason}",
    busy: "{what}, {wait}", dismiss: "Schließen", open: "Öffnen", cancel: "Abbrechen", typeNumber: "Zur Bestätigung {number} eingeben",
    reason: "Grund, für das Protokoll", notifications: "Befehle", noPermission: "Dazu braucht es die Berechtigung {permission}.",
    waitsForLive: "Befehle sind aus, bis die Verbindung wieder da ist.",
  },
);
