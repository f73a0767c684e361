"""What a station said it takes in one request (ocpp.md 3.0, size)."""

from __future__ import annotations

from sqlalchemy import and_, or_, select

from forecourt.kit.database import UnitOfWork
from forecourt.network.command_kinds import GetVariables, Parameters, SetVariables
from forecourt.network.models import Station, Variable
from forecourt.stations.commands import Limits

_ACTIONS = {"get-variables": "GetVariables", "set-variables": "SetVariables"}
_MAX_KEYS = "GetConfigurationMaxKeys"


async def message_limits(station: Station, kind: str, *, uow: UnitOfWork) -> Limits:
    """Limits of a kind of command, from the station's own variables; without them none is known.

    OCPP 2.x: `ItemsPerMessage` and `BytesPerMessage` of the DeviceDataCtrlr; 1.6: `GetConfigurationMaxKeys`.
    """
    action = _ACTIONS.get(kind)
    if action is None:
        return Limits()
    rows = await uow.session.execute(
        select(Variable.variable, Variable.value).where(
            Variable.operator_id == station.operator_id,
            Variable.station_id == station.id,
            Variable.attribute == "Actual",
            or_(
                and_(
                    Variable.component == "DeviceDataCtrlr",
                    Variable.variable.in_(("ItemsPerMessage", "BytesPerMessage")),
                    Variable.variable_instance == action,
                ),
                and_(Variable.component == "", Variable.variable == _MAX_KEYS),
            ),
        )
    )
    found = {name: int(value) for name, value in rows if value and value.isascii() and value.isdigit()}
    if station.protocol == "ocpp1.6":
        return Limits(items=found.get(_MAX_KEYS) or None) if action == "GetVariables" else Limits()
    return Limits(items=found.get("ItemsPerMessage") or None, octets=found.get("BytesPerMessage") or None)


def count_calls(parameters: Parameters, limits: Limits, *, protocol: str | None) -> int:
    """About how many CALLs a command takes (byte limits not counted)."""
    match parameters:
        case SetVariables() if protocol == "ocpp1.6":
            return len(parameters.values)
        case SetVariables():
            items = len(parameters.values)
        case GetVariables():
            items = len(parameters.variables)
        case _:
            items = 1
    return max(1, -(-items // (limits.items or items or 1)))
