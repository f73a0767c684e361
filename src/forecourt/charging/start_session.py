"""Start and stop sessions from afar: a command to the station, whose effect is a transaction."""

from __future__ import annotations

import secrets
from typing import Final

from sqlalchemy import select

from forecourt.charging.errors import EvseNotServed, SessionOver, SessionWaits
from forecourt.charging.models import Session
from forecourt.identity.access import operator_of
from forecourt.kit.database import Database, UnitOfWork
from forecourt.kit.ids import decode_id
from forecourt.network.models import Command, Installation
from forecourt.network.queries import get_evse, get_station
from forecourt.network.send_command import request_command
from forecourt.stations.commands import Stations

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def remote_tag() -> str:
    """A tag for one remote start: at most 20 characters, as OCPP 1.6 wants, and not to be guessed."""
    return "RS" + "".join(secrets.choice(_ALPHABET) for _ in range(16))


async def start_session(
    uow: UnitOfWork, *, evse: str, id_token: str | None, database: Database, stations: Stations
) -> Command:
    """Ask the station that serves the EVSE to begin. The session appears when the station reports it.

    Raises:
        EvseNotServed: nothing is installed there now.
        EvseNotFound, and what `request_command` raises.
    """
    row = await get_evse(uow, decode_id("evs", evse))
    place = await uow.session.scalar(
        select(Installation)
        .where(
            Installation.operator_id == operator_of(uow),
            Installation.evse_id == row.id,
            Installation.valid_to.is_(None),
        )
        .order_by(Installation.evse_no)
        .limit(1)
    )
    if place is None:
        raise EvseNotServed(f"no station serves {row.evse_uid} now", evse=evse)
    station = await get_station(uow, place.station_id)
    params = {"id_token": id_token or remote_tag(), "evse_no": place.evse_no}
    if station.protocol != "ocpp1.6" and id_token is None:
        params["id_token_type"] = "central"  # noqa: S105
    return await request_command(
        station, "remote-start", params, uow=uow, database=database, stations=stations
    )


async def stop_session(
    uow: UnitOfWork, session: Session, *, database: Database, stations: Stations
) -> Command:
    """Ask the station to end the session's transaction.

    Raises:
        SessionOver: it has ended, or its transaction has.
        SessionWaits: its transaction has not begun.
    """
    if session.ended_at is not None or session.stopped_at is not None:
        raise SessionOver(state=session.state)
    if session.transaction is None:
        raise SessionWaits(state=session.state)
    station = await get_station(uow, session.station_id)
    return await request_command(
        station,
        "remote-stop",
        {"transaction": session.transaction},
        uow=uow,
        database=database,
        stations=stations,
    )
