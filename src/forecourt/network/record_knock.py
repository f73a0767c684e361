"""Somebody unknown stands at the door: note it, and say whether the door is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text

from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id
from forecourt.network.directory import DirectoryEntry, announce_station, load_directory
from forecourt.network.models import InboxWindow, Knock, Station

_MAX_WAITING = 1000
"""Waiting knocks kept per operator; a new one takes the place of the one that seems least serious."""
_MAX_IDENTITY = 100


@dataclass(frozen=True, kw_only=True)
class RecordKnock:
    """What the handshake of an unregistered identity showed."""

    operator_id: UUID
    identity: str
    remote_address: str | None = None
    path: str | None = None
    subprotocols: Sequence[str] = ()
    user_agent: str | None = None
    has_password: bool = False


@dataclass(frozen=True, kw_only=True)
class KnockAnswer:
    """`entry` is there if it may come in, as a pending station. `reason` is why not: `door_closed`,
    `blocked`, `refused`, `address_limit`, `inbox_full`, `unusable_identity`."""

    entry: DirectoryEntry | None = None
    reason: str | None = None


async def record_knock(command: RecordKnock, *, uow: UnitOfWork) -> KnockAnswer:
    """Count the knock and decide. Needs a transaction of role system.

    While a window is open, each remote address may bring in a limited number of identities.
    """
    identity = command.identity.strip()
    if not identity or len(identity) > _MAX_IDENTITY or not identity.isprintable():
        return KnockAnswer(reason="unusable_identity")
    now = uow.clock.now()
    # Two knocks of one operator wait for each other, so that limits hold.
    await uow.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('knock'), hashtext(:operator))"),
        {"operator": str(command.operator_id)},
    )
    knock = await uow.session.scalar(
        select(Knock).where(
            Knock.operator_id == command.operator_id, func.lower(Knock.identity) == identity.lower()
        )
    )
    if knock is None:
        waiting = await uow.session.scalar(
            select(func.count()).where(Knock.operator_id == command.operator_id, Knock.state == "waiting")
        )
        if (waiting or 0) >= _MAX_WAITING and not await _make_room(command.operator_id, uow=uow):
            return KnockAnswer(reason="inbox_full")
        knock = Knock(
            operator_id=command.operator_id, identity=identity, first_at=now, last_at=now, count=0, said={}
        )
        uow.session.add(knock)
        await uow.session.flush()
        uow.record(
            "station.knocked",
            operator_id=command.operator_id,
            subject_id=knock.id,
            subject_revision=1,
            data={
                "knock_id": encode_id("knk", knock.id),
                "identity": identity,
                "remote_address": command.remote_address,
            },
        )
    if knock.state == "adopted":
        # Its station was retired since: it is a stranger again.
        knock.state, knock.station_id, knock.decided_at, knock.decided_by = "waiting", None, None, None
    knock.count += 1
    knock.last_at = now
    knock.remote_address = command.remote_address
    knock.path = command.path
    knock.said = {
        **knock.said,
        "subprotocols": list(command.subprotocols),
        "user_agent": command.user_agent,
        "has_password": command.has_password,
    }
    await uow.session.flush()
    if knock.state != "waiting":
        return KnockAnswer(reason=knock.state)
    reason = await _pass_door(command, identity, now, uow=uow)
    if reason is not None:
        return KnockAnswer(reason=reason)
    return KnockAnswer(entry=await _let_in(knock, uow=uow))


async def _make_room(operator_id: UUID, *, uow: UnitOfWork) -> bool:
    """Forget the knock that came least often and longest ago: a real station knocks again and again."""
    victim = await uow.session.scalar(
        select(Knock)
        .where(Knock.operator_id == operator_id, Knock.state == "waiting", Knock.station_id.is_(None))
        .order_by(Knock.count, Knock.last_at)
        .limit(1)
    )
    if victim is not None:
        await uow.session.delete(victim)
        await uow.session.flush()
    return victim is not None


async def _pass_door(command: RecordKnock, identity: str, now: datetime, *, uow: UnitOfWork) -> str | None:
    window = await uow.session.scalar(
        select(InboxWindow)
        .where(
            InboxWindow.operator_id == command.operator_id,
            InboxWindow.opened_at <= now,
            InboxWindow.closes_at > now,
        )
        .order_by(InboxWindow.closes_at.desc())
        .limit(1)
    )
    if window is None:
        return "door_closed"
    return None if admit(window, identity, command.remote_address) else "address_limit"


def admit(window: InboxWindow, identity: str, remote_address: str | None) -> bool:
    """Count the identity among those that its address may bring in; False if it brought too many."""
    address = remote_address or "?"
    admitted: list[str] = list(window.admitted.get(address, []))
    if identity.lower() in admitted:
        return True
    if len(admitted) >= window.max_per_address:
        return False
    window.admitted = {**window.admitted, address: [*admitted, identity.lower()]}
    return True


async def _let_in(knock: Knock, *, uow: UnitOfWork) -> DirectoryEntry | None:
    station_id = await ensure_station(knock, uow=uow)
    entries = await load_directory(await uow.connection(), [station_id], at=uow.clock.now())
    return entries[0] if entries else None


async def ensure_station(knock: Knock, *, uow: UnitOfWork) -> UUID:
    """The station row of a knock, made the first time it comes in."""
    station_id = knock.station_id
    if station_id is None:
        station = Station(
            operator_id=knock.operator_id,
            identity=knock.identity,
            registration="knocking",
            security_profile=0,
            reported={},
            quirks={},
        )
        uow.session.add(station)
        await uow.session.flush()
        station_id = knock.station_id = station.id
        await announce_station(uow, station_id)
    return station_id
