"""Register a station before it has ever connected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from forecourt.identity.access import operator_of
from forecourt.identity.audit import record_change
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Invalid
from forecourt.kit.ids import encode_id
from forecourt.network.directory import announce_station
from forecourt.network.errors import IdentityTaken
from forecourt.network.manage_credentials import add_credential
from forecourt.network.models import Knock, Station
from forecourt.network.queries import actor_name, find_station_by_identity, get_location

STRICTNESS = ("strict", "standard", "lenient")


@dataclass(frozen=True, kw_only=True)
class AddStation:
    """`allow_plain` lets it connect without any credential (profile 0); then none is made unless given."""

    identity: str
    location_id: UUID
    label: str | None = None
    password: str | None = None
    allow_plain: bool = False
    free_vend: bool = False
    security_profile: int = 1
    strictness: str = "standard"
    quirks: dict[str, Any] = field(default_factory=dict)
    heartbeat_interval_s: int = 300


async def add_station(command: AddStation, *, uow: UnitOfWork, pepper: bytes) -> tuple[Station, str | None]:
    """Make the station; hands back its password, which is told this once.

    Raises:
        LocationNotFound, IdentityTaken, UnusablePassword.
        Invalid: an identity or strictness that cannot be.
    """
    identity = command.identity.strip()
    if not identity or len(identity) > 100 or not identity.isprintable():
        raise Invalid(f"{command.identity!r} cannot be a station's identity", identity=command.identity)
    if command.strictness not in STRICTNESS:
        raise Invalid(f"strictness is one of {', '.join(STRICTNESS)}", strictness=command.strictness)
    await get_location(uow, command.location_id)
    if await find_station_by_identity(uow, identity) is not None:
        raise IdentityTaken(f"there is a station {identity!r} already", identity=identity)
    station = Station(
        operator_id=operator_of(uow),
        identity=identity,
        location_id=command.location_id,
        label=command.label,
        registration="adopted",
        allow_plain=command.allow_plain,
        free_vend=command.free_vend,
        security_profile=0 if command.allow_plain else command.security_profile,
        strictness=command.strictness,
        quirks=command.quirks,
        heartbeat_interval_s=command.heartbeat_interval_s,
        reported={},
    )
    uow.session.add(station)
    await uow.session.flush()
    password = None
    if command.password is not None or not command.allow_plain:
        _, password = await add_credential(station, password=command.password, pepper=pepper, uow=uow)
    await _settle_knock(station, uow=uow)
    await uow.session.refresh(station)
    uow.record(
        "station.adopted",
        subject_id=station.id,
        subject_revision=station.revision,
        data={
            "station_id": encode_id("sta", station.id),
            "location_id": encode_id("loc", command.location_id),
            "identity": identity,
        },
    )
    await record_change(
        uow,
        action="station.added",
        subject_type="station",
        subject_id=station.id,
        after={
            "identity": identity,
            "location_id": command.location_id,
            "allow_plain": station.allow_plain,
            "security_profile": station.security_profile,
        },
    )
    await announce_station(uow, station.id)
    return station, password


async def _settle_knock(station: Station, *, uow: UnitOfWork) -> None:
    """The identity may stand in the inbox; it was only seen, else the station's row would be there."""
    knock = await uow.session.scalar(
        select(Knock).where(
            Knock.operator_id == station.operator_id, func.lower(Knock.identity) == station.identity.lower()
        )
    )
    if knock is not None:
        knock.state, knock.station_id = "adopted", station.id
        knock.decided_at, knock.decided_by = uow.clock.now(), actor_name(uow)
