"""Put a new station in the place of a broken one: EVSE ids, QR codes, tariffs and history stay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from forecourt.identity.audit import record_change
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Invalid
from forecourt.kit.ids import encode_id
from forecourt.network.adopt_station import Adopted, install_reported
from forecourt.network.directory import announce_station
from forecourt.network.errors import EvseNoTaken, KnockDecided, StationNotAdopted, StationRetired
from forecourt.network.manage_credentials import add_credential
from forecourt.network.models import Connector, Evse, Installation, Knock, Station
from forecourt.network.queries import actor_name, get_knock, get_station, list_current_installations
from forecourt.network.retire_station import end_installations, retire
from forecourt.network.send_command import push_password, request_command
from forecourt.stations.commands import Stations


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """Which of the new station's numbers an EVSE gets. `connector_no` only for OCPP 1.6."""

    evse_id: UUID
    evse_no: int
    connector_no: int | None = None


@dataclass(frozen=True, kw_only=True)
class SwapStation:
    """Name the new hardware by a knock (it is adopted with this) or as a station that is there already.

    Without `mappings` every EVSE keeps its number; plugs that share an EVSE are renumbered as the new
    station's OCPP version numbers them.
    """

    station_id: UUID
    knock_id: UUID | None = None
    new_station_id: UUID | None = None
    mappings: Sequence[Mapping] | None = None


async def swap_station(
    command: SwapStation, *, uow: UnitOfWork, stations: Stations, database: Any, pepper: bytes
) -> Adopted:
    """Move the EVSEs of a station to another one and retire it. Hands back the new station.

    The password is empty when the new station was adopted already.

    Raises:
        StationNotFound, KnockNotFound, KnockDecided, StationRetired, StationNotAdopted.
        EvseNoTaken: two EVSEs would get the same number.
        Invalid: neither or both of knock and station are named, or a mapping names a foreign EVSE.
    """
    if (command.knock_id is None) == (command.new_station_id is None):
        raise Invalid("name the new station by its knock or by its id")
    await _lock_in_order(command, uow=uow)
    old = await get_station(uow, command.station_id, lock=True)
    if old.registration != "adopted":
        raise StationRetired(f"station {old.identity!r} is {old.registration}", identity=old.identity)
    new, knock = await _new_station(command, uow=uow)
    if new.id == old.id:
        raise Invalid("a station cannot take its own place", station_id=str(old.id))
    now = uow.clock.now()
    mappings = await _mappings(command, old, new, uow=uow)
    await _clear_own(new, uow=uow)
    await retire(old, reason="swapped", uow=uow, stations=stations)
    for mapping in mappings:
        uow.session.add(
            Installation(
                operator_id=old.operator_id,
                evse_id=mapping.evse_id,
                station_id=new.id,
                evse_no=mapping.evse_no,
                connector_no=mapping.connector_no,
                valid_from=now,
            )
        )
    new.location_id, new.label = old.location_id, new.label or old.label
    new.free_vend = old.free_vend
    new.registration, new.blocked = "adopted", False
    new.revision += 1
    await uow.session.flush()
    password = ""
    if knock is not None:
        new.security_profile = old.security_profile
        knock.state, knock.station_id = "adopted", new.id
        knock.decided_at, knock.decided_by = now, actor_name(uow)
        _, password = await add_credential(new, password=None, pepper=pepper, uow=uow)
    await uow.session.flush()
    await install_reported(await uow.connection(), new.id, at=now)
    await uow.session.refresh(new)
    await _record(old, new, mappings, uow=uow)
    if knock is not None and new.link == "online":
        await push_password(new, password, uow=uow, database=database, stations=stations)
        await request_command(
            new,
            "trigger-message",
            {"message": "BootNotification"},
            uow=uow,
            database=database,
            stations=stations,
        )
    return Adopted(station=new, password=password)


async def _lock_in_order(command: SwapStation, *, uow: UnitOfWork) -> None:
    """Both stations' rows by id, and the knock after them, as the gateways' batches lock them: no deadlock."""
    ids = {command.station_id, command.new_station_id}
    if command.knock_id is not None:
        ids.add((await get_knock(uow, command.knock_id)).station_id)
    query = select(Station.id).where(Station.id.in_(ids - {None})).order_by(Station.id)
    await uow.session.execute(query.with_for_update(key_share=True))


async def _new_station(command: SwapStation, *, uow: UnitOfWork) -> tuple[Station, Knock | None]:
    if command.new_station_id is not None:
        new = await get_station(uow, command.new_station_id, lock=True)
        if new.registration != "adopted":
            raise StationNotAdopted(f"station {new.identity!r} is {new.registration}", identity=new.identity)
        return new, None
    assert command.knock_id is not None
    knock = await get_knock(uow, command.knock_id, lock=True)
    if knock.state in ("adopted", "blocked"):
        raise KnockDecided(f"{knock.identity!r} is {knock.state}", identity=knock.identity, state=knock.state)
    if knock.station_id is not None:
        return await get_station(uow, knock.station_id, lock=True), knock
    new = Station(
        operator_id=knock.operator_id,
        identity=knock.identity,
        registration="knocking",
        quirks={},
        reported={},
    )
    uow.session.add(new)
    await uow.session.flush()
    await uow.session.refresh(new)
    return new, knock


async def _mappings(
    command: SwapStation, old: Station, new: Station, *, uow: UnitOfWork
) -> Sequence[Mapping]:
    present = await list_current_installations(uow, old.id)
    if command.mappings is not None:
        foreign = {m.evse_id for m in command.mappings} - {i.evse_id for i in present}
        if foreign:
            raise Invalid("the old station does not serve this EVSE", evse_ids=[str(e) for e in foreign])
        mappings = list(command.mappings)
    else:
        plugs: dict[UUID, list[int]] = defaultdict(list)
        for connector in await uow.session.scalars(
            select(Connector)
            .where(
                Connector.operator_id == old.operator_id,
                Connector.evse_id.in_({i.evse_id for i in present}),
                Connector.retired_at.is_(None),
            )
            .order_by(Connector.connector_no)
        ):
            plugs[connector.evse_id].append(connector.connector_no)
        mappings = map_outlets(
            [(i.evse_id, i.evse_no) for i in present],
            plugs,
            old.protocol == "ocpp1.6",
            new.protocol == "ocpp1.6",
        )
    numbers = [m.evse_no for m in mappings]
    if len(numbers) != len(set(numbers)):
        raise EvseNoTaken("two EVSEs would get the same number", evse_nos=numbers)
    return mappings


def map_outlets(
    served: Sequence[tuple[UUID, int]], plugs: dict[UUID, list[int]], old_16: bool, new_16: bool
) -> list[Mapping]:
    """Numbers for the same EVSEs on another station.

    Args:
        served: EVSE and number on the old station, by number.
        plugs: connector numbers by EVSE.
        old_16: the old one numbered plugs, not EVSEs.
        new_16: so does the new one.
    """
    order = list(dict.fromkeys(evse_id for evse_id, _ in served))
    single = all(len(plugs.get(evse_id, ())) <= 1 for evse_id in order)
    if single or (not old_16 and not new_16):
        return [Mapping(evse_id=e, evse_no=n, connector_no=1 if new_16 else None) for e, n in served]
    if not new_16:
        return [Mapping(evse_id=e, evse_no=n) for n, e in enumerate(order, 1)]
    outlets = [(evse_id, plug) for evse_id in order for plug in plugs.get(evse_id) or [1]]
    return [Mapping(evse_id=e, evse_no=n, connector_no=p) for n, (e, p) in enumerate(outlets, 1)]


async def _clear_own(new: Station, *, uow: UnitOfWork) -> None:
    """EVSEs that the new station was given when it was adopted were never meant for the public: retire them."""
    now = uow.clock.now()
    for evse_id in await end_installations(new, now, uow=uow):
        evse = await uow.session.get(Evse, (new.operator_id, evse_id))
        assert evse is not None
        evse.retired_at = now
        evse.revision += 1


async def _record(old: Station, new: Station, mappings: Sequence[Mapping], *, uow: UnitOfWork) -> None:
    uow.record(
        "station.swapped",
        subject_id=new.id,
        subject_revision=new.revision,
        data={
            "station_id": encode_id("sta", new.id),
            "old_station_id": encode_id("sta", old.id),
            "location_id": encode_id("loc", new.location_id) if new.location_id else None,
            "evse_ids": [encode_id("evs", evse_id) for evse_id in {m.evse_id for m in mappings}],
        },
    )
    await record_change(
        uow,
        action="station.swapped",
        subject_type="station",
        subject_id=new.id,
        before={"station_id": old.id},
        after={
            "station_id": new.id,
            "old_station_id": old.id,
            "location_id": new.location_id,
            "evses": {str(m.evse_no): m.evse_id for m in mappings},
        },
    )
    await announce_station(uow, new.id)
