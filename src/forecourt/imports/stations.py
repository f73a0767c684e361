"""Stations from a file. A station is known by its OCPP identity, in any case of letters.

New ones get no password here: it is made when somebody takes the passwords of the import, and stored as a hash only.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from forecourt.charging.models import Session
from forecourt.identity.access import operator_of
from forecourt.identity.audit import Change, record_changes
from forecourt.imports.fields import Field, choice, text, whole, yes_no
from forecourt.imports.kind import Fault, Judged, Values
from forecourt.imports.locations import by_name
from forecourt.imports.rows import chunks, differences, find_rows, lock_rows, set_columns, shown
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import InvalidId, decode_id, encode_id
from forecourt.network.add_station import STRICTNESS
from forecourt.network.directory import announce_station
from forecourt.network.models import Knock, Location, Station
from forecourt.network.move_station import move_evses
from forecourt.network.queries import actor_name
from forecourt.network.retire_station import retire
from forecourt.stations.commands import Stations as StationsPort


@dataclass(frozen=True)
class Known:
    """Stations by identity; locations by name and by outside id; names of all locations that matter."""

    stations: Mapping[str, Station]
    named: Mapping[str, list[Location]]
    numbered: Mapping[str, Location]
    names: Mapping[UUID, str]


class Stations:
    """The kind `stations`."""

    name = "stations"
    fields = (
        Field("identity", text(100), ("station", "station id", "charge point id", "chargepoint", "cp id", "ocpp id", "ladepunkt",
              "ladestation", "kennung"), True, "CP-0042"),
        Field("location", text(200), ("location name", "location id", "site", "standort"), True, "Garage am Zoo"),
        Field("label", text(100), ("description", "bezeichnung", "beschriftung"), example="Left of the entrance"),
        Field("free_vend", yes_no, ("free", "kostenlos", "ohne karte"), example="no"),
        Field("allow_plain", yes_no, ("without password", "ohne passwort"), example="no"),
        Field("security_profile", whole(0, 3), ("profile", "sicherheitsprofil"), example="1"),
        Field("strictness", choice(*STRICTNESS), ("strenge",), example="standard"),
        Field("heartbeat_interval_s", whole(10, 86400), ("heartbeat", "heartbeat interval"), example="300"),
    )  # fmt: skip
    _names = {field.name: field.name for field in fields} | {"location_id": "location"}

    def __init__(self, stations: StationsPort | None = None) -> None:
        """With the port to stations, those that are taken back lose their sockets at once."""
        self._port = stations

    def key(self, values: Values) -> Hashable | None:
        """The identity."""
        return str(values["identity"]).lower() if "identity" in values else None

    def label(self, values: Values) -> str:
        """The identity."""
        return str(values.get("identity", ""))

    async def look_up(self, uow: UnitOfWork, rows: Sequence[Values]) -> Known:
        """Stations and locations that the rows name."""
        identities = {str(row["identity"]).lower() for row in rows if "identity" in row}
        places = {str(row["location"]).strip() for row in rows if "location" in row}
        stations = {
            row.identity.lower(): row
            for row in await find_rows(uow, Station, func.lower(Station.identity), identities)
            if row.registration != "retired"
        }
        ids = {_location_id(place) for place in places} | {row.location_id for row in stations.values()}
        locations = await find_rows(uow, Location, Location.id, {id_ for id_ in ids if id_ is not None})
        named = await by_name(uow, {place.lower() for place in places})
        names = {row.id: row.name for row in [*locations, *(one for some in named.values() for one in some)]}
        return Known(stations, named, {encode_id("loc", row.id): row for row in locations}, names)

    def judge(self, values: Values, known: Known) -> Judged:
        """Compare with the station of that identity."""
        columns = {name: value for name, value in values.items() if name != "location"}
        judged = Judged(columns=columns)
        location = _location(values, known, judged)
        if location is not None:
            columns["location_id"] = location.id
        existing = known.stations.get(str(values["identity"]).lower())
        if existing is not None and existing.registration != "adopted":
            judged.faults.append(Fault("StationKnocks", "identity", {"value": existing.identity}))
        elif existing is not None:
            judged.existing = existing
            del columns["identity"]
            for name in differences(existing, columns, self._names):
                field = self._names[name]
                judged.before[field], judged.after[field] = (
                    _shown(existing, name, known),
                    _as_told(name, columns, known),
                )
        else:
            judged.after = {name: shown(value) for name, value in values.items()}
        return judged

    async def create(self, uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """New stations, without passwords; the inbox's knocks of them are settled."""
        operator_id = operator_of(uow)
        made = []
        for columns in rows:
            values = {"security_profile": 1, **columns}
            if values.get("allow_plain"):
                values["security_profile"] = 0
            made.append(
                Station(operator_id=operator_id, registration="adopted", reported={}, quirks={}, **values)
            )
        uow.session.add_all(made)
        await uow.session.flush()
        for station in made:
            uow.record(
                "station.adopted",
                subject_id=station.id,
                subject_revision=station.revision,
                data={
                    "station_id": encode_id("sta", station.id),
                    "location_id": encode_id("loc", station.location_id) if station.location_id else None,
                    "identity": station.identity,
                },
            )
        changes: list[Change] = [
            (station.id, None, {"identity": station.identity, "location_id": station.location_id,
             "allow_plain": station.allow_plain, "security_profile": station.security_profile})
            for station in made
        ]  # fmt: skip
        await record_changes(uow, action="station.added", subject_type="station", changes=changes)
        by_identity = {station.identity.lower(): station for station in made}
        for knock in await find_rows(uow, Knock, func.lower(Knock.identity), by_identity.keys()):
            knock.state, knock.station_id = "adopted", by_identity[knock.identity.lower()].id
            knock.decided_at, knock.decided_by = uow.clock.now(), actor_name(uow)
        await announce_station(uow, None)
        return made

    async def change(self, uow: UnitOfWork, changes: Mapping[UUID, Mapping[str, Any]]) -> list[Any]:
        """Other columns for stations; another location takes their EVSEs along."""
        for id_, row in (await lock_rows(uow, Station, changes.keys())).items():
            place = changes[id_].get("location_id")
            if place is not None and place != row.location_id:
                await move_evses(row, place, uow=uow)
        rows = await set_columns(uow, Station, changes, subject_type="station")
        for row in rows:
            await announce_station(uow, row.id)
        return rows

    async def used(self, uow: UnitOfWork, ids: Collection[UUID], *, since: datetime) -> dict[UUID, str]:
        """Those that have connected, or where somebody charged."""
        found: dict[UUID, str] = {}
        for some in chunks(ids):
            connected = await uow.session.scalars(
                select(Station.id).where(
                    Station.operator_id == operator_of(uow), Station.id.in_(some), Station.link_epoch > 0
                )
            )
            charged = await uow.session.scalars(
                select(Session.station_id)
                .where(Session.operator_id == operator_of(uow), Session.station_id.in_(some))
                .distinct()
            )
            found |= dict.fromkeys(connected, "Connected") | dict.fromkeys(charged, "Charged")
        return found

    async def remove(self, uow: UnitOfWork, ids: Collection[UUID]) -> None:
        """Retire them; their identities are free again."""
        for row in (await lock_rows(uow, Station, ids)).values():
            await retire(row, reason="import_undone", uow=uow, stations=self._port or _Nobody())

    async def load(self, uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, Any]:
        """Those that are not retired."""
        rows = await lock_rows(uow, Station, ids)
        return {id_: row for id_, row in rows.items() if row.registration != "retired"}


class _Nobody:
    """Stations that never connected have no socket to close."""

    async def send(self, **_: Any) -> bool:
        """Reach nobody."""
        return False

    async def disconnect(self, **_: Any) -> None:
        """Close nothing."""


def _location_id(place: str) -> UUID | None:
    try:
        return decode_id("loc", place)
    except InvalidId:
        return None


def _location(values: Values, known: Known, judged: Judged) -> Location | None:
    if "location" not in values:
        return None
    place = str(values["location"])
    numbered = known.numbered.get(place.lower())
    found = [numbered] if numbered else known.named.get(place.lower(), [])
    if len(found) > 1:
        judged.faults.append(Fault("SeveralOfThatName", "location", {"value": place, "count": len(found)}))
    elif not found:
        judged.faults.append(Fault("LocationUnknown", "location", {"value": place}))
    elif found[0].retired_at is not None:
        judged.faults.append(Fault("LocationRetired", "location", {"value": place}))
    return found[0] if len(found) == 1 else None


def _shown(row: Station, name: str, known: Known) -> str:
    if name == "location_id":
        return known.names.get(row.location_id, "") if row.location_id else ""
    return shown(getattr(row, name))


def _as_told(name: str, columns: Mapping[str, Any], known: Known) -> str:
    return known.names.get(columns[name], "") if name == "location_id" else shown(columns[name])
