"""Open and close the inbox's door; refuse or block who stands before it."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from forecourt.identity.access import operator_of
from forecourt.identity.audit import record_change
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Invalid
from forecourt.network.directory import announce_station
from forecourt.network.errors import KnockDecided
from forecourt.network.models import InboxWindow, Knock
from forecourt.network.queries import actor_name, get_station, lock_knock
from forecourt.network.record_knock import admit, ensure_station
from forecourt.network.send_command import real_time
from forecourt.stations.commands import Stations

MAX_MINUTES = 120
_JUST_NOW = timedelta(minutes=15)


async def open_window(*, minutes: int, max_per_address: int = 5, uow: UnitOfWork) -> InboxWindow:
    """Hold the door open for some minutes: unknown stations come in as pending.

    Args:
        minutes: 1 to 120.
        max_per_address: how many different identities one remote address may bring in.

    Raises:
        Invalid: out of range.
    """
    if not 1 <= minutes <= MAX_MINUTES:
        raise Invalid(f"the door opens for 1 to {MAX_MINUTES} minutes, not {minutes}", minutes=minutes)
    now = uow.clock.now()
    window = InboxWindow(
        operator_id=operator_of(uow),
        opened_at=now,
        closes_at=now + real_time(timedelta(minutes=minutes), uow.clock),
        opened_by=actor_name(uow),
        max_per_address=max_per_address,
        admitted={},
    )
    uow.session.add(window)
    await uow.session.flush()
    await _let_in_who_waits(window, uow=uow)
    await record_change(
        uow,
        action="inbox.opened",
        subject_type="inbox_window",
        subject_id=window.id,
        after={"closes_at": window.closes_at, "max_per_address": max_per_address},
    )
    await announce_station(uow, None)
    return window


async def _let_in_who_waits(window: InboxWindow, *, uow: UnitOfWork) -> None:
    """Who knocked a moment ago comes in at the next try, without having to be noted again first."""
    since = window.opened_at - real_time(_JUST_NOW, uow.clock)
    waiting = await uow.session.scalars(
        select(Knock)
        .where(Knock.operator_id == window.operator_id, Knock.state == "waiting", Knock.last_at > since)
        .order_by(Knock.last_at.desc())
        .with_for_update()
    )
    for knock in waiting:
        if admit(window, knock.identity, knock.remote_address):
            await ensure_station(knock, uow=uow)
    await uow.session.flush()


async def close_window(*, uow: UnitOfWork) -> int:
    """Close the door now; tells how many windows were open."""
    now = uow.clock.now()
    windows = await list_open_windows(uow)
    for window in windows:
        before, window.closes_at = window.closes_at, now
        await record_change(
            uow,
            action="inbox.closed",
            subject_type="inbox_window",
            subject_id=window.id,
            before={"closes_at": before},
            after={"closes_at": now},
        )
    await uow.session.flush()
    await announce_station(uow, None)
    return len(windows)


async def list_open_windows(uow: UnitOfWork) -> list[InboxWindow]:
    """The windows that are open now."""
    rows = await uow.session.scalars(
        select(InboxWindow)
        .where(InboxWindow.operator_id == operator_of(uow), InboxWindow.closes_at > uow.clock.now())
        .order_by(InboxWindow.closes_at.desc())
    )
    return list(rows)


async def decide_knock(
    knock_id: UUID, decision: Literal["refused", "blocked", "waiting"], *, uow: UnitOfWork, stations: Stations
) -> Knock:
    """Refuse (it may be adopted later), block (never let in, never shown as waiting), or take that back.

    Raises:
        KnockNotFound.
        KnockDecided: it is adopted already.
    """
    knock = await lock_knock(uow, knock_id)
    if knock.state == "adopted":
        raise KnockDecided(f"{knock.identity!r} is adopted already", identity=knock.identity)
    before = {"state": knock.state}
    knock.state = decision
    knock.decided_at = uow.clock.now()
    knock.decided_by = actor_name(uow)
    if (station_id := knock.station_id) is not None:
        station = await get_station(uow, station_id, lock=True)
        station.blocked = decision != "waiting"
        station.revision += 1
        await uow.session.flush()
        await announce_station(uow, station.id)
        if station.blocked:
            uow.after_commit(lambda: stations.disconnect(station_id=station_id, reason=f"knock_{decision}"))
    await record_change(
        uow,
        action=f"knock.{decision}",
        subject_type="knock",
        subject_id=knock.id,
        before=before,
        after={"state": decision},
    )
    return knock
