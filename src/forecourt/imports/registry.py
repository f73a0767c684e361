"""The kinds of import there are."""

from __future__ import annotations

from collections.abc import Sequence

from forecourt.imports.errors import MappingUnusable, UnknownKind
from forecourt.imports.kind import Kind
from forecourt.imports.locations import Locations
from forecourt.imports.stations import Stations
from forecourt.imports.tokens import Tokens
from forecourt.stations.commands import Stations as StationsPort

KINDS = ("locations", "stations", "tokens")


def kind_of(name: str, stations: StationsPort | None = None) -> Kind:
    """The kind of that name.

    Raises:
        UnknownKind.
    """
    kinds: dict[str, Kind] = {
        "locations": Locations(),
        "stations": Stations(stations),
        "tokens": Tokens(),
    }
    if name not in kinds:
        raise UnknownKind(f"{name!r} cannot be imported; {', '.join(kinds)} can", kind=name)
    return kinds[name]


def check_mapping(kind: Kind, mapping: dict[str, int], columns: Sequence[str]) -> None:
    """Refuse a mapping that makes no sense.

    Raises:
        MappingUnusable.
    """
    names = {field.name for field in kind.fields}
    for field, column in mapping.items():
        if field not in names:
            raise MappingUnusable(f"{kind.name} have no field {field!r}", field=field)
        if not 0 <= column < len(columns):
            raise MappingUnusable(f"the file has no column {column}", field=field, column=column)
    if len(set(mapping.values())) < len(mapping):
        raise MappingUnusable("a column can be one field only")
