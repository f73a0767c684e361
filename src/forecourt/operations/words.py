"""The mails of alerts, in English and German: what is wrong, where, since when, and where to go."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from forecourt.network.models import Location
from forecourt.operations.models import Incident

_SEVERITY: Final = {
    "en": {"critical": "Critical", "warning": "Warning", "info": "Info"},
    "de": {"critical": "Kritisch", "warning": "Warnung", "info": "Hinweis"},
}
_WHAT: Final = {
    "en": {
        "station_offline": "{subject} is offline",
        "connector_faulted": "{subject} is faulted{error}",
        "session_without_energy": "{subject}: the car gets no energy",
    },
    "de": {
        "station_offline": "{subject} ist offline",
        "connector_faulted": "{subject} ist gestört{error}",
        "session_without_energy": "{subject}: das Auto bekommt keine Energie",
    },
}
_HEAD: Final = {
    "en": {
        "opened": "{severity}: {what}",
        "reopened": "{severity}, again: {what}",
        "resolved": "Over: {what}",
    },
    "de": {
        "opened": "{severity}: {what}",
        "reopened": "{severity}, erneut: {what}",
        "resolved": "Vorbei: {what}",
    },
}
_LINES: Final = {
    "en": {"where": "Where: {}", "since": "Since: {}, {} ago", "ended": "Ended: {}, after {}", "open": "Open it: {}"},
    "de": {"where": "Ort: {}", "since": "Seit: {}, vor {}", "ended": "Ende: {}, nach {}", "open": "Ansehen: {}"},
}  # fmt: skip
_TEST: Final = {
    "en": ("Test of {}", "This is a test of the alert channel “{}”. Mails arrive here.\n\n{}\n"),
    "de": ("Test von {}", "Dies ist ein Test des Meldewegs „{}“. E-Mails kommen hier an.\n\n{}\n"),
}


def incident_mail(
    incident: Incident, event: str, *, location: Location | None, language: str, link: str, now: datetime
) -> tuple[str, str]:
    """Subject and text of a mail about an incident.

    Args:
        incident: which.
        event: ``opened``, ``reopened`` or ``resolved``.
        location: where it is; times are in its zone.
        language: ``en`` or ``de``.
        link: to the incident in the console.
        now: the time.
    """
    words, lines = _HEAD[language], _LINES[language]
    zone = location.time_zone if location is not None else "UTC"
    error = incident.facts.get("error_code")
    what = (
        _WHAT[language]
        .get(incident.kind, "{subject}: " + incident.kind)
        .format(subject=_subject(incident, language), error=f" ({error})" if error else "")
    )
    subject = words[event].format(severity=_SEVERITY[language].get(incident.severity, ""), what=what)
    text = [subject, ""]
    if location is not None:
        text.append(lines["where"].format(", ".join(filter(None, (location.name, location.city)))))
    if incident.resolved_at is not None:
        lasted = incident.resolved_at - incident.since
        text.append(lines["ended"].format(_moment(incident.resolved_at, zone), _span(lasted, language)))
    else:
        text.append(
            lines["since"].format(_moment(incident.since, zone), _span(now - incident.since, language))
        )
    text += ["", lines["open"].format(link), ""]
    return subject, "\n".join(text)


def test_mail(channel: str, *, language: str, link: str) -> tuple[str, str]:
    """Subject and text of a mail that proves that a channel works."""
    subject, text = _TEST[language]
    return subject.format(channel), text.format(channel, link)


def _subject(incident: Incident, language: str) -> str:
    identity = incident.facts.get("identity") or incident.subject_type
    connector = incident.facts.get("connector_no")
    evse = incident.facts.get("evse_no")
    if evse is None:
        return str(identity)
    number = f"{evse}.{connector}" if connector and connector > 1 else str(evse)
    return f"{identity}, {'connector' if language == 'en' else 'Anschluss'} {number}"


def _moment(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"


def _span(span: timedelta, language: str) -> str:
    minutes = max(0, int(span.total_seconds() // 60))
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    day = ("d" if language == "en" else "T") if days else ""
    parts = [f"{days} {day}" if days else "", f"{hours} h" if hours else "", f"{minutes} min"]
    return " ".join(part for part in parts if part)
