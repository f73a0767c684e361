"""Who may connect: the credential directory in memory, and the brake on guessing.

The upgrade of a WebSocket cannot wait for a database, so every station's entry is here, fed by an injected
loader. Passwords: HMAC-SHA-256 under a salt and the pepper, compared in constant time by the entry itself.
OCPP 1.6 security whitepaper 2.2; OCPP 2.0.1 A00.
"""

from __future__ import annotations

import base64
import binascii
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol
from uuid import UUID

MAX_TRUSTED = 100_000
"""Addresses at which stations were genuine that are remembered."""


class Credential(Protocol):
    """A station password as it is kept."""

    @property
    def id(self) -> UUID | None: ...
    @property
    def replaced(self) -> bool:
        """Does it end when a newer one is used?"""
        ...

    def matches_any(self, password: bytes, *, pepper: bytes) -> bool:
        """Is it this password, as it is or in hexadecimal? Constant time."""
        ...


class StationEntry(Protocol):
    """A station as the handshake sees it."""

    @property
    def operator_id(self) -> UUID: ...
    @property
    def operator_slug(self) -> str: ...
    @property
    def station_id(self) -> UUID: ...
    @property
    def identity(self) -> str:
        """Lower case."""
        ...

    @property
    def registration(self) -> str:
        """`adopted`, or `knocking`: let in as pending, without a credential."""
        ...

    @property
    def admitted(self) -> bool: ...
    @property
    def credentials(self) -> Sequence[Any]:
        """Each a `Credential`."""
        ...

    @property
    def allow_plain(self) -> bool: ...
    @property
    def security_profile(self) -> int: ...
    @property
    def strictness(self) -> str: ...
    @property
    def assume_16(self) -> bool: ...
    @property
    def ping_policy(self) -> str:
        """`on`, `observe` or `off`."""
        ...

    @property
    def quirks(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a credential check found. `profile` is the security profile that the connection amounts to."""

    status: int
    """200, or the HTTP status of the refusal."""
    reason: str = ""
    profile: int = 0
    credential: Any = None


class Directory:
    """Entries by operator slug and identity, and by station."""

    def __init__(self, pepper: bytes) -> None:
        """Start empty: nobody may connect."""
        self._pepper = pepper
        self._by_name: dict[tuple[str, str], StationEntry] = {}
        self._by_station: dict[UUID, StationEntry] = {}
        self.loaded = False

    def __len__(self) -> int:
        """How many stations it knows."""
        return len(self._by_station)

    def find(self, operator: str, identity: str) -> StationEntry | None:
        """The station of that operator (slug) and identity, whatever the case."""
        return self._by_name.get((operator.lower(), identity.lower()))

    def get(self, station_id: UUID) -> StationEntry | None:
        """The station with that id."""
        return self._by_station.get(station_id)

    def stations(self) -> Iterable[UUID]:
        """The ids of all stations."""
        return self._by_station.keys()

    def update(self, station_id: UUID, entries: Iterable[StationEntry]) -> None:
        """Take one station's entry; none: it is gone."""
        old = self._by_station.pop(station_id, None)
        if old is not None:
            name = _name(old)
            if self._by_name.get(name) is old:  # another station may have the identity by now
                del self._by_name[name]
        for entry in entries:
            self.refresh(entry)

    def refresh(self, entry: StationEntry) -> None:
        """Take an entry that says the same as the one there is, as far as links are concerned."""
        self._by_station[entry.station_id] = entry
        self._by_name[_name(entry)] = entry

    def check(
        self, entry: StationEntry, *, identity: str, authorization: str | None, secure: bool
    ) -> Verdict:
        """May this request be that station's connection?

        Profile 0 (nothing) needs `allow_plain`, or a station that is let in as pending; 1 is a password over
        `ws`, 2 over `wss`. A station that is set to profile 2 is refused on `ws` before its password is looked at.
        """
        pending = entry.registration == "knocking"
        if not secure and entry.security_profile >= 2 and not entry.allow_plain:
            return Verdict(403, "this station must use TLS (security profile 2)")
        given = read_basic(authorization)
        if given is not None and entry.credentials:
            user, password = given
            found = None
            for credential in entry.credentials:
                if credential.matches_any(password, pepper=self._pepper):
                    found = credential
            if found is not None and _same_identity(user, identity):
                return Verdict(200, profile=2 if secure else 1, credential=found)
            if not entry.allow_plain:
                return Verdict(401, "wrong user name or password")
        if entry.allow_plain or pending:
            return Verdict(200)
        return Verdict(401, "a user name and password are needed")


def _name(entry: StationEntry) -> tuple[str, str]:
    return entry.operator_slug.lower(), entry.identity.lower()


def retires_others(entry: StationEntry, used: Credential) -> bool:
    """Whether older passwords of the station end because this one is used (spec/ocpp.md 3.1, rotation)."""
    number = used.id
    return number is not None and any(
        other.replaced and other.id is not None and other.id < number for other in entry.credentials
    )


def read_basic(header: str | None) -> tuple[bytes, bytes] | None:
    """User and password of a Basic header, split at the first colon; `None` if there is none to be read."""
    if header is None:
        return None
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "basic" or len(token) > 4096:
        return None
    try:
        user, colon, password = base64.b64decode(token.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return None
    return (user, password) if colon else None


def _same_identity(user: bytes, identity: str) -> bool:
    return user.decode("utf-8", "replace").casefold() == identity.casefold()


class Throttle:
    """Counts failures by key in a sliding window; forgets the oldest keys above a limit."""

    def __init__(self, limit: int, window_s: float, *, max_keys: int = 50_000) -> None:
        """Block a key once it failed `limit` times within `window_s` seconds."""
        self._limit, self._window, self._max = limit, window_s, max_keys
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def blocked(self, key: str) -> bool:
        """Has it failed too often lately?"""
        times = self._failures.get(key)
        if times is None:
            return False
        horizon = monotonic() - self._window
        while times and times[0] < horizon:
            times.pop(0)
        if not times:
            del self._failures[key]
        return len(times) >= self._limit

    def failed(self, key: str) -> None:
        """Count one failure."""
        times = self._failures.setdefault(key, [])
        self._failures.move_to_end(key)
        if len(times) < self._limit:
            times.append(monotonic())
        else:
            times[-1] = monotonic()
        if len(self._failures) > self._max:
            self._failures.popitem(last=False)

    def clear(self, key: str) -> None:
        """It proved itself."""
        self._failures.pop(key, None)


class GuessingBrake:
    """Slows guessing by address and by identity, without letting a guesser lock the station itself out."""

    def __init__(self) -> None:
        """Ten wrong passwords a minute for an identity, thirty for an address."""
        self._addresses = Throttle(30, 60.0)
        self._identities = Throttle(10, 60.0)
        self._trusted: OrderedDict[str, str] = OrderedDict()

    def blocked(self, name: str, address: str | None) -> bool:
        """Refuse without looking at the password? Never at the address where the station was last genuine."""
        where = address or ""
        if self._trusted.get(name) == where:
            return self._identities.blocked(f"{name}@{where}")
        return self._addresses.blocked(where) or self._identities.blocked(name)

    def failed(self, name: str, address: str | None) -> None:
        """A wrong password."""
        where = address or ""
        self._addresses.failed(where)
        self._identities.failed(f"{name}@{where}" if self._trusted.get(name) == where else name)

    def succeeded(self, name: str, address: str | None) -> None:
        """The right one."""
        where = address or ""
        self.trust(name, where)
        self._identities.clear(name)
        self._identities.clear(f"{name}@{where}")

    def trust(self, name: str, address: str) -> None:
        """This is where the station was last genuine."""
        self._trusted[name] = address
        self._trusted.move_to_end(name)
        if len(self._trusted) > MAX_TRUSTED:
            self._trusted.popitem(last=False)
