"""EVSEs and connectors, made from what a station reports (quirks 30 and 34: from all evidence)."""

from __future__ import annotations

import re
from uuid import UUID

from forecourt.kit.ids import new_id
from forecourt.network.state import ConnectorState, Outlet, StationState

MAX_NO = 200
"""Numbers beyond are nonsense, not outlets."""


def make_evse_uid(*, country: str | None, party: str, identity: str, evse_no: int) -> str:
    """An EVSE id in eMI³ form, e.g. `DE*FCT*ECP1*2`: country, party, `E`, the station, its outlet."""
    party_id = (re.sub(r"[^A-Z0-9]", "", party.upper()) + "XXX")[:3]
    name = re.sub(r"[^A-Z0-9]", "", identity.upper())[:24] or "X"
    return f"{(country or 'XX').upper()}*{party_id}*E{name}*{evse_no}"


def ensure_connector(state: StationState, evse_no: int, connector_no: int) -> ConnectorState | None:
    """The connector of these OCPP numbers; made, with its EVSE and installation, if it is not there.

    Returns None for numbers that cannot be an outlet.
    """
    if not 0 < evse_no <= MAX_NO or not 0 <= connector_no <= MAX_NO:
        return None
    outlet = state.outlets.get(evse_no)
    if outlet is None:
        # A 1.6 connector is an EVSE with one connector; 2.x numbers the connectors of the EVSE itself.
        outlet = state.outlets[evse_no] = Outlet(
            evse_id=new_id(),
            evse_no=evse_no,
            connector_no=1 if state.protocol == "ocpp1.6" else None,
            evse_uid=make_evse_uid(
                country=state.country, party=state.party, identity=state.identity, evse_no=evse_no
            ),
            is_new=True,
            new_evse=True,
        )
    number = state.connector_number(outlet, connector_no)
    key = (outlet.evse_id, number)
    if (found := state.connectors.get(key)) is None:
        found = state.connectors[key] = ConnectorState(
            id=new_id(), evse_id=outlet.evse_id, evse_no=evse_no, connector_no=number, is_new=True
        )
    return found


def connectors_of(state: StationState, evse_id: UUID) -> list[ConnectorState]:
    """All connectors of one EVSE."""
    return [connector for (owner, _), connector in state.connectors.items() if owner == evse_id]
