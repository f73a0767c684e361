"""Give a station a password, rotate it, revoke it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from forecourt.identity.access import operator_of
from forecourt.identity.audit import record_change
from forecourt.kit.database import UnitOfWork
from forecourt.network.credentials import generate_password, hash_password
from forecourt.network.directory import announce_station
from forecourt.network.errors import CredentialNotFound, StationRetired
from forecourt.network.models import Station, StationCredential
from forecourt.network.queries import actor_name, get_station
from forecourt.network.send_command import real_time
from forecourt.stations.commands import Stations


async def add_credential(
    station: Station, *, password: str | None, pepper: bytes, uow: UnitOfWork
) -> tuple[StationCredential, str]:
    """Give the station a password beside those it has; hands back the row and the password.

    Raises:
        UnusablePassword: the given one is empty or too long.
    """
    text = password if password is not None else generate_password()
    stored = hash_password(text.encode(), pepper=pepper, identity=station.identity)
    row = StationCredential(
        operator_id=station.operator_id,
        station_id=station.id,
        salt=stored.salt,
        hash=stored.hash,
        weak=stored.weak,
        created_by=actor_name(uow),
    )
    uow.session.add(row)
    await uow.session.flush()
    await announce_station(uow, station.id)
    return row, text


async def rotate_credential(
    station_id: UUID,
    *,
    password: str | None,
    grace: timedelta | None = None,
    pepper: bytes,
    uow: UnitOfWork,
) -> tuple[StationCredential, str]:
    """Give the station a new password; the old ones stay valid until it is used (ocpp.md 3.1, A01).

    A station that never takes the new one, or refuses it, is not locked out. With `grace` the old ones end
    after so long in any case.

    Raises:
        StationNotFound, StationRetired, UnusablePassword.
    """
    station = await get_station(uow, station_id, lock=True)
    if station.registration == "retired":
        raise StationRetired(f"station {station.identity!r} is retired", identity=station.identity)
    now = uow.clock.now()
    ends = now + real_time(grace, uow.clock) if grace is not None else None
    for row in await list_credentials(uow, station_id):
        row.replaced_at = row.replaced_at or now
        if ends is not None and (row.expires_at is None or row.expires_at > ends):
            row.expires_at = ends
    made, text = await add_credential(station, password=password, pepper=pepper, uow=uow)
    await record_change(
        uow,
        action="station.credential_rotated",
        subject_type="station",
        subject_id=station.id,
        after={"credential_id": made.id, "weak": made.weak, "old_valid_until": ends},
    )
    return made, text


async def revoke_credential(
    station_id: UUID, credential_id: UUID, *, uow: UnitOfWork, stations: Stations
) -> StationCredential:
    """End a password now. The station's socket is closed: it comes back with a valid one or not at all.

    Raises:
        StationNotFound, CredentialNotFound.
    """
    station = await get_station(uow, station_id, lock=True)
    row = next((c for c in await list_credentials(uow, station_id) if c.id == credential_id), None)
    if row is None:
        raise CredentialNotFound(id=str(credential_id))
    row.revoked_at = uow.clock.now()
    await uow.session.flush()
    await announce_station(uow, station.id)
    await record_change(
        uow,
        action="station.credential_revoked",
        subject_type="station",
        subject_id=station.id,
        before={"credential_id": row.id, "revoked_at": None},
        after={"credential_id": row.id, "revoked_at": row.revoked_at},
    )
    uow.after_commit(lambda: stations.disconnect(station_id=station_id, reason="credential_revoked"))
    return row


async def list_credentials(uow: UnitOfWork, station_id: UUID) -> list[StationCredential]:
    """Those that are not revoked, oldest first."""
    rows = await uow.session.scalars(
        select(StationCredential)
        .where(
            StationCredential.operator_id == operator_of(uow),
            StationCredential.station_id == station_id,
            StationCredential.revoked_at.is_(None),
        )
        .order_by(StationCredential.id)
    )
    return list(rows)
