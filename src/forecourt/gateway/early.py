"""What must be known of a message before it is written: may it come already, has somebody to be asked?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecourt.stations.events import AuthorizeRequested, Event, TransactionReported

_BY_TRIGGER = {
    "SignChargingStationCertificate": "SignCertificate",
    "SignV2GCertificate": "SignCertificate",
    "SignV2G20Certificate": "SignCertificate",
    "SignCombinedCertificate": "SignCertificate",
}
_REPORTS = frozenset({"GetBaseReport", "GetReport"})


def asked_for(action: str, payload: Mapping[str, Any]) -> str | None:
    """The action that follows from a call of ours, or `None`: a station that is not accepted yet may send it
    (OCPP 2.x B02.FR.09)."""
    if action == "TriggerMessage":
        name = str(payload.get("requestedMessage", ""))
        return _BY_TRIGGER.get(name, name)
    return "NotifyReport" if action in _REPORTS else None


def wants_friends(event: Event) -> bool:
    """Whether somebody outside may have to be asked: who may start, who pays, how much power there is."""
    if type(event) is TransactionReported:
        return event.kind == "started" or event.id_token is not None
    return type(event) is AuthorizeRequested
