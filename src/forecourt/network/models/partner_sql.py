"""Which rows of the network a partner inside an operator sees: those of the locations granted to it."""

from __future__ import annotations

from forecourt.kit.tenancy import PARTNER_SQL


def by_location(table: str, column: str = "location_id") -> str:
    """Rows whose location is granted to the partner now."""
    return (
        f"EXISTS (SELECT FROM partner_grant g WHERE g.operator_id = {table}.operator_id"
        f" AND g.partner_id = {PARTNER_SQL} AND g.subject_type = 'location'"
        f" AND g.subject_id = {table}.{column} AND g.valid_from <= now()"
        f" AND (g.valid_to IS NULL OR g.valid_to > now()))"
    )


def by_station(table: str, column: str = "station_id") -> str:
    """Rows of a station that the partner sees; the station's own policy decides."""
    return f"EXISTS (SELECT FROM station s WHERE s.operator_id = {table}.operator_id AND s.id = {table}.{column})"


def by_evse(table: str, column: str = "evse_id") -> str:
    """Rows of an EVSE that the partner sees; the EVSE's own policy decides."""
    return (
        f"EXISTS (SELECT FROM evse e WHERE e.operator_id = {table}.operator_id AND e.id = {table}.{column})"
    )
