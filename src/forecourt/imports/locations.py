"""Locations from a file. A location is known by its name, in any case of letters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from forecourt.charging.models import Session
from forecourt.identity.access import operator_of
from forecourt.identity.audit import Change, record_changes
from forecourt.imports.fields import Field, country, degrees, opening_hours, text, time_zone
from forecourt.imports.kind import Fault, Judged, Values
from forecourt.imports.rows import chunks, differences, find_rows, lock_rows, set_columns, shown
from forecourt.kit.database import UnitOfWork
from forecourt.network.models import Evse, Location, Station


class Locations:
    """The kind `locations`."""

    name = "locations"
    fields = (
        Field("name", text(200), ("location", "location name", "site", "standort", "bezeichnung"), True, "Garage am Zoo"),
        Field("country", country, ("country code", "land"), True, "DE"),
        Field("time_zone", time_zone, ("timezone", "tz", "zeitzone"), True, "Europe/Berlin"),
        Field("address", text(300), ("street", "strasse", "straße", "adresse"), example="Budapester Str. 38"),
        Field("city", text(100), ("town", "ort", "stadt"), example="Berlin"),
        Field("postal_code", text(20), ("postcode", "zip", "zip code", "plz", "postleitzahl"), example="10787"),
        Field("latitude", degrees(90), ("lat", "breite", "breitengrad"), example="52.508"),
        Field("longitude", degrees(180), ("lon", "lng", "long", "länge", "längengrad"), example="13.3374"),
        Field("opening_hours", opening_hours, ("hours", "öffnungszeiten"), example="Mo-Fr 08:00-20:00; Sa 09:00-14:00"),
    )  # fmt: skip
    _names = {field.name: field.name for field in fields}  # noqa: RUF012 - never changed

    def key(self, values: Values) -> Hashable | None:
        """The name."""
        return str(values["name"]).lower() if "name" in values else None

    def label(self, values: Values) -> str:
        """The name."""
        return str(values.get("name", ""))

    async def look_up(self, uow: UnitOfWork, rows: Sequence[Values]) -> dict[str, list[Location]]:
        """Open locations by name."""
        return await by_name(uow, {str(row["name"]).lower() for row in rows if "name" in row})

    def judge(self, values: Values, known: dict[str, list[Location]]) -> Judged:
        """Compare with the location of that name."""
        judged = Judged(columns=dict(values))
        found = known.get(str(values["name"]).lower(), [])
        if len(found) > 1:
            judged.faults.append(
                Fault("SeveralOfThatName", "name", {"value": values["name"], "count": len(found)})
            )
        elif found:
            judged.existing = found[0]
            for name in differences(found[0], {k: v for k, v in values.items() if k != "name"}, self._names):
                judged.before[name], judged.after[name] = shown(getattr(found[0], name)), shown(values[name])
        else:
            judged.after = {name: shown(value) for name, value in values.items()}
        if judged.existing is None and ("latitude" in values) != ("longitude" in values):
            judged.faults.append(Fault("HalfAPlace", "latitude" if "longitude" in values else "longitude"))
        return judged

    async def create(self, uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """New locations."""
        made = [Location(operator_id=operator_of(uow), **columns) for columns in rows]
        uow.session.add_all(made)
        await uow.session.flush()
        for location in made:
            uow.record(
                "location.created", subject_id=location.id, subject_revision=location.revision, data={}
            )
        changes: list[Change] = [(row.id, None, columns) for row, columns in zip(made, rows, strict=True)]
        await record_changes(uow, action="location.created", subject_type="location", changes=changes)
        return made

    async def change(self, uow: UnitOfWork, changes: Mapping[UUID, Mapping[str, Any]]) -> list[Any]:
        """Other columns for locations."""
        return await set_columns(uow, Location, changes, subject_type="location")

    async def used(self, uow: UnitOfWork, ids: Collection[UUID], *, since: datetime) -> dict[UUID, str]:
        """Those where stations stand, EVSEs are, or somebody charged."""
        found: dict[UUID, str] = {}
        for some in chunks(ids):
            for code, query in (
                ("Charged", select(Session.location_id).where(Session.location_id.in_(some))),
                ("HasEvses", select(Evse.location_id).where(Evse.location_id.in_(some), Evse.retired_at.is_(None))),
                ("HasStations", select(Station.location_id).where(
                    Station.location_id.in_(some), Station.registration != "retired")),
            ):  # fmt: skip
                owner = query.column_descriptions[0]["entity"]
                rows = await uow.session.scalars(
                    query.where(owner.operator_id == operator_of(uow)).distinct()
                )
                found |= {id_: code for id_ in rows if id_ is not None}
        return found

    async def remove(self, uow: UnitOfWork, ids: Collection[UUID]) -> None:
        """Retire them."""
        now = uow.clock.now()
        rows = await lock_rows(uow, Location, ids)
        for row in rows.values():
            row.retired_at = now
            row.revision += 1
        changes: list[Change] = [(id_, {"retired_at": None}, {"retired_at": now}) for id_ in rows]
        await record_changes(uow, action="location.retired", subject_type="location", changes=changes)
        await uow.session.flush()

    async def load(self, uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, Any]:
        """Those that are not retired."""
        rows = await lock_rows(uow, Location, ids)
        return {id_: row for id_, row in rows.items() if row.retired_at is None}


async def by_name(uow: UnitOfWork, names: Collection[str]) -> dict[str, list[Location]]:
    """Open locations by their names without case."""
    found: dict[str, list[Location]] = defaultdict(list)
    for row in await find_rows(uow, Location, func.lower(Location.name), names):
        if row.retired_at is None:
            found[row.name.lower()].append(row)
    return found
