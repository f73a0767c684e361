"""What a station that is not accepted yet may send, because we asked for it (OCPP 2.x B02.FR.09)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BY_TRIGGER = {
    "SignChargingStationCertificate": "SignCertificate",
    "SignV2GCertificate": "SignCertificate",
    "SignV2G20Certificate": "SignCertificate",
    "SignCombinedCertificate": "SignCertificate",
}
_REPORTS = frozenset({"GetBaseReport", "GetReport"})


def asked_for(action: str, payload: Mapping[str, Any]) -> str | None:
    """The action that follows from a call of ours, or `None`."""
    if action == "TriggerMessage":
        name = str(payload.get("requestedMessage", ""))
        return _BY_TRIGGER.get(name, name)
    return "NotifyReport" if action in _REPORTS else None
