"""Variables, problems and security events that a station reports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from forecourt.kit.ids import encode_id, new_id
from forecourt.network.collected import Collected
from forecourt.network.outlets import ensure_connector
from forecourt.network.state import StationState
from forecourt.stations.events import Inbound, ProblemReported, SecurityEventReported, VariableValue

_SECRET_VARIABLES = frozenset({"authorizationkey", "basicauthpassword"})
_MAX_CONNECTORS = 50
CONNECTOR_TYPES = {
    "cCCS1": ("IEC_62196_T1_COMBO", "cable"),
    "cCCS2": ("IEC_62196_T2_COMBO", "cable"),
    "cG105": ("CHADEMO", "cable"),
    "cChaoJi": ("CHAOJI", "cable"),
    "cNACS": ("SAE_J3400", "cable"),
    "cTesla": ("TESLA_S", "cable"),
    "cType1": ("IEC_62196_T1", "cable"),
    "cType2": ("IEC_62196_T2", "cable"),
    "sType2": ("IEC_62196_T2", "socket"),
    "sType3": ("IEC_62196_T3C", "socket"),
    "sCEE-7-7": ("DOMESTIC_F", "socket"),
    "s309-1P-16A": ("IEC_60309_2_single_16", "socket"),
    "s309-3P-16A": ("IEC_60309_2_three_16", "socket"),
    "s309-3P-32A": ("IEC_60309_2_three_32", "socket"),
}
"""OCPP 2.x `ConnectorEnumType` as OCPI `ConnectorType` and format."""


def record_variables(
    state: StationState, variables: Iterable[VariableValue], at: datetime, *, into: Collected
) -> None:
    """Keep values, the last one of each variable; learn of outlets from them. Secrets are not kept."""
    for value in variables:
        key = (
            state.operator_id, state.station_id, _clean(value.component), _clean(value.component_instance),
            value.evse_no or 0, value.connector_no or 0, _clean(value.variable), _clean(value.variable_instance),
            _clean(value.attribute) or "Actual",
        )  # fmt: skip
        text = None if value.variable.lower() in _SECRET_VARIABLES else value.value
        row: tuple[Any, ...] = (*key, new_id(), text, value.mutability, value.data_type, value.unit, at, at)
        if (earlier := into.variables.get(key)) is not None:
            row = (
                *row[:11],
                *(b if b is not None else a for a, b in zip(earlier[11:14], row[11:14], strict=True)),
                at,
                at,
            )
        into.variables[key] = row
        _learn_outlets(state, value, into=into)


def _clean(text: str | None) -> str:
    """What PostgreSQL will make of it, as keys must be distinct as they are stored."""
    return text.replace("\0", "") if text else ""


def _learn_outlets(state: StationState, value: VariableValue, *, into: Collected) -> None:
    found: list[tuple[int, int]] = []
    kind: tuple[str, str] | None = None
    if value.component == "" and value.variable.lower() == "numberofconnectors":
        count = int(value.value) if value.value and value.value.strip().isdigit() else 0
        found = [(number, 1) for number in range(1, min(count, _MAX_CONNECTORS) + 1)]
    elif value.component == "Connector" and value.evse_no and value.connector_no:
        found = [(value.evse_no, value.connector_no)]
        if value.variable == "ConnectorType":
            kind = CONNECTOR_TYPES.get(value.value or "")
    for evse_no, connector_no in found:
        if not state.adopted:
            key = f"{evse_no}/{connector_no}"
            if key not in state.reported:
                into.touch(state)
                state.reported = {**state.reported, key: {}}
            if kind is not None and "kind" not in state.reported[key]:
                into.touch(state)
                state.reported = {**state.reported, key: {**state.reported[key], "kind": list(kind)}}
            continue
        connector = ensure_connector(state, evse_no, connector_no)
        if connector is None:
            continue
        if connector.is_new:
            into.touch(state)
        if kind is not None and connector.connector_type is None:
            # What an operator said of it stays.
            connector.connector_type, connector.format = kind
            connector.revision += 0 if connector.is_new else 1
            into.connectors[connector.id] = (state, connector)


def record_problem(state: StationState, message: Inbound, event: ProblemReported, *, into: Collected) -> None:
    """Keep a problem as it was reported."""
    data = {
        "actual_value": event.actual_value,
        "trigger": event.trigger,
        "tech_code": event.tech_code,
        "tech_info": event.tech_info,
    }
    code = f"{event.component}.{event.variable}"
    _add_event(
        state,
        message,
        "problem",
        code,
        event.cleared,
        event.evse_no,
        event.connector_no,
        event.at,
        data,
        into,
    )
    _record(
        state, message, "station.problem_reported", {"code": code, "cleared": event.cleared, **data}, into
    )


def record_security_event(
    state: StationState, message: Inbound, event: SecurityEventReported, *, into: Collected
) -> None:
    """Keep a security event as it was reported."""
    data = {"tech_info": event.tech_info}
    _add_event(state, message, "security", event.type, False, None, None, event.at, data, into)
    _record(state, message, "station.security_event", {"type": event.type, **data}, into)


def _add_event(
    state: StationState,
    message: Inbound,
    kind: str,
    code: str,
    cleared: bool,
    evse_no: int | None,
    connector_no: int | None,
    at: datetime | None,
    data: dict[str, Any],
    into: Collected,
) -> None:
    into.events.append(
        (state.operator_id, new_id(), state.station_id, kind, code, cleared, evse_no, connector_no, at,
         message.received_at, message.message_id or None, data)
    )  # fmt: skip


def _record(
    state: StationState, message: Inbound, event_type: str, data: dict[str, Any], into: Collected
) -> None:
    into.record(
        state,
        event_type,
        subject_id=state.station_id,
        revision=state.revision,
        at=message.received_at,
        data={"station_id": encode_id("sta", state.station_id), "identity": state.identity, **data},
    )
