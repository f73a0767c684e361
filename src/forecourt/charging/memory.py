"""What the handler remembers: stations with their open sessions, and the rows that a batch collects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from forecourt.charging.fold import Course, Fact
from forecourt.charging.ports import Effect
from forecourt.charging.records import MeterReadingRow
from forecourt.kit.ids import new_id
from forecourt.network.skew import SkewEstimator
from forecourt.pricing.price_book import PricedBy
from forecourt.tariff import RunningTotal, State, running_total

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST: Final = datetime(2015, 1, 1, tzinfo=UTC)
AHEAD: Final = timedelta(days=1)
DRIFT: Final = timedelta(seconds=1)
NEWS: Final = timedelta(seconds=60)
"""How much later than it happened we may hear of a car that was plugged in."""
JUMP: Final = timedelta(seconds=5)
"""A clock that moves by so much was set."""
RECENT: Final = timedelta(minutes=2)
"""A fact older than this when it arrives waited in the station's queue."""


@dataclass(slots=True)
class EvsePlace:
    """An EVSE that a station serves now, and who prices it."""

    evse_id: UUID
    location_id: UUID | None
    max_power_w: int | None
    connector_type: str | None
    time_zone: str
    host_partner_id: UUID | None
    prices: dict[datetime, PricedBy | None] = field(default_factory=dict)
    """Who prices it, at the times that the messages of the batch are about."""

    def priced_at(self, at: datetime) -> PricedBy | None:
        """The version that applies at a time; of those that were looked up, the nearest."""
        if at in self.prices or not self.prices:
            return self.prices.get(at)
        return self.prices[min(self.prices, key=lambda known: abs(known - at))]


@dataclass(slots=True)
class OpenSession:
    """A session in memory. `revision` is the one in the database; `course` the running energy and price."""

    operator_id: UUID
    id: UUID
    station_id: UUID
    protocol: str
    transaction: str | None
    start_key: str | None
    evse_no: int | None
    connector_no: int | None
    location_id: UUID | None
    evse_id: UUID | None
    host_partner_id: UUID | None
    time_zone: str
    currency: str | None
    max_power_w: int | None
    opened_at: datetime
    course: Course
    priced_by: PricedBy | None
    revision: int = 1
    state: str = "preparing"
    started_at: datetime | None = None
    stop_reason: str | None = None
    token_id: UUID | None = None
    token_value: str | None = None
    token_type: str | None = None
    token_group: str | None = None
    token_status: str | None = None
    authorisation_id: UUID | None = None
    remote_start_no: int | None = None
    command_id: UUID | None = None
    fleet_partner_id: UUID | None = None
    connector_type: str | None = None
    seq: dict[str, Any] = field(default_factory=dict)
    settle_after: datetime | None = None
    settled_at: datetime | None = None
    settled_revision: int | None = None
    is_new: bool = False
    dirty: bool = False
    refold: bool = False
    booted_at: datetime | None = None
    loaded: bytes | None = None
    """Its fold as it was read, to see whether late facts changed anything."""
    loaded_seq: dict[str, Any] | None = None
    renamed: bool = False
    """Its transaction, start key or currency became known after its row was made."""
    correlate: bool = False
    """It named a remote start after it was written first: look for the command."""
    told_state: str | None = None
    """The state that its readers know."""
    urgent: bool = True
    """Its row is to be written with the next batch, however busy it is."""
    written_at: datetime | None = None
    shown: dict[str, Any] | None = None
    """What viewers see of it and never changes."""
    _total: tuple[State, RunningTotal] | None = None
    recent: set[tuple[str, str]] = field(default_factory=set)
    """Stamps and contexts of the latest readings: what comes again at once is not folded again."""

    def flag(self, code: str) -> None:
        """Remember a doubt about the session that is not a property of its facts."""
        flags = self.seq.setdefault("flags", [])
        if code not in flags:
            flags.append(code)

    @property
    def quality(self) -> list[str]:
        """Codes of all doubts, sorted."""
        return sorted({*self.course.quality, *self.seq.get("flags", ())})

    @property
    def is_over(self) -> bool:
        """Whether it has ended, as far as is known."""
        return self.course.fold.ended_at is not None

    @property
    def began_at(self) -> datetime:
        """When its course began."""
        return self.course.fold.begin or self.opened_at

    def take(self, fact: Fact) -> None:
        """Take a fact now, or remember that everything has to be folded again."""
        if self.refold:
            return
        course = self.course
        if course.fits(fact):
            last = course.fold.last
            if fact.kind != "reading" or last is None or last[0] == fact.at:
                self.urgent = True
            course.take(fact)
        else:
            self.refold = self.urgent = True

    @property
    def total(self) -> RunningTotal | None:
        """The price so far; computed once for each state."""
        price = self.course.price
        if price is None:
            return None
        if self._total is None or self._total[0] is not price:
            self._total = (price, running_total(price))
        return self._total[1]

    @property
    def shown_state(self) -> str:
        """The state in the domain's words, with `plugged` and `authorised` before both are there."""
        state = self.course.state
        if state == "preparing" and (self.transaction is None or self.protocol != "ocpp1.6"):
            if self.token_value is None:
                return "plugged"
            if not self.seq.get("plugged"):
                return "authorised"
        return state

    @property
    def is_waiting(self) -> bool:
        """Whether it is plugged or authorised, or both, and its transaction has not begun."""
        return self.transaction is None and not self.is_over


@dataclass(slots=True, frozen=True)
class OrphanStop:
    """A 1.6 stop that fits no session yet."""

    id: UUID
    at: datetime
    token_value: str | None
    meter_wh: Decimal | None
    reason: str | None
    message_id: str | None
    received_at: datetime
    transaction: str | None = None


@dataclass(slots=True, frozen=True)
class OrphanReadings:
    """Readings of a 1.6 transaction that nobody knows, from the time of the first one on."""

    transaction: str
    evse_no: int | None
    at: datetime


@dataclass(slots=True)
class StationMemory:
    """A station, the EVSEs it serves, and its open sessions."""

    operator_id: UUID
    station_id: UUID
    location_id: UUID | None
    time_zone: str
    free_vend: bool
    skew: timedelta
    places: dict[int, EvsePlace] = field(default_factory=dict)
    by_transaction: dict[str, OpenSession] = field(default_factory=dict)
    by_start_key: dict[str, OpenSession] = field(default_factory=dict)
    by_alias: dict[str, OpenSession] = field(default_factory=dict)
    """By ids that the station used although we never gave them, and that were matched."""
    open_by_evse: dict[int, OpenSession] = field(default_factory=dict)
    orphan_stops: list[OrphanStop] = field(default_factory=list)
    """Read when a start comes in, oldest first."""
    orphan_readings: list[OrphanReadings] = field(default_factory=list)
    parked: set[str] = field(default_factory=set)
    """Ids that were given to starts that could not be taken: what is told of them fits no session."""
    plugs: dict[tuple[int, int], tuple[datetime, bool]] = field(default_factory=dict)
    """By EVSE and connector: since when it is known whether a car is plugged in."""
    connection_timeout: timedelta = timedelta(seconds=120)
    shows_cost: bool = False
    """Its display of running costs is switched on (2.x TariffCostCtrlr)."""
    clock: SkewEstimator = field(default_factory=SkewEstimator)

    def observe(self, stamped_at: datetime | None, received_at: datetime) -> None:
        """Measure the station's clock by a live stamp. See ADR 8 for when open sessions follow."""
        before = self.clock.skew_s
        seen = before != 0 or self.clock.has_seen(before)
        self.clock.observe(stamped_at, received_at)
        skew = timedelta(milliseconds=round(self.clock.skew_s * 1000))
        change = abs(skew - self.skew)
        if any(session.transaction is not None for session in self.open_by_evse.values()):
            if change >= JUMP and seen:
                self.skew = skew
        elif change >= DRIFT:
            self.skew = skew

    def is_plugged(self, evse_no: int) -> bool:
        """Whether a car is plugged in there, as far as its statuses tell."""
        return any(plugged for (number, _), (_, plugged) in self.plugs.items() if number == evse_no)

    @property
    def only_evse_no(self) -> int | None:
        """Its EVSE, if it has no more than one."""
        return next(iter(self.places)) if len(self.places) == 1 else None

    def correct(self, stamped_at: datetime | None, received_at: datetime) -> datetime:
        """The station's time by our clock; the time of receipt when the stamp means nothing."""
        if stamped_at is None or stamped_at < EARLIEST:
            return received_at
        at = stamped_at - self.skew if self.skew else stamped_at
        return received_at if at > received_at + AHEAD else at

    def keep(self, session: OpenSession) -> None:
        """Find the session by its transaction and start from now on, and by its EVSE while it is open."""
        if session.transaction is not None:
            self.by_transaction[session.transaction] = session
        if session.start_key is not None:
            self.by_start_key[session.start_key] = session
        if not session.is_over and session.evse_no is not None:
            other = self.open_by_evse.get(session.evse_no)
            if other is None or other.is_over or other.began_at <= session.began_at:
                self.open_by_evse[session.evse_no] = session

    def sessions(self) -> set[UUID]:
        """Ids of what is in memory."""
        return {session.id for session in self.all_sessions()}

    def all_sessions(self) -> list[OpenSession]:
        """Every session in memory, once."""
        found = {id(s): s for s in self.by_transaction.values()}
        found.update((id(s), s) for s in self.by_start_key.values())
        found.update((id(s), s) for s in self.open_by_evse.values())
        return list(found.values())

    def forget_ended(self) -> None:
        """Keep what is open only; the rest is found in the database when somebody asks."""
        _forget_ended(self.by_transaction)
        _forget_ended(self.by_start_key)
        _forget_ended(self.open_by_evse)
        self.by_alias.clear()


def _forget_ended(sessions: dict[Any, OpenSession]) -> None:
    for key in [key for key, session in sessions.items() if session.is_over]:
        del sessions[key]


READING_COLUMNS: Final = tuple(column.name for column in MeterReadingRow.__table__.columns)
SIGNED_COLUMNS: Final = (
    "operator_id", "id", "station_id", "scope", "digest", "session_id", "measured_at", "context", "measurand",
    "data", "signing_method", "encoding_method", "public_key",
)  # fmt: skip
TIMELINE_COLUMNS: Final = (
    "operator_id", "id", "session_id", "fact_key", "at", "received_at", "kind", "state", "cause", "meter_wh",
    "detail", "message_id",
)  # fmt: skip
ORPHAN_COLUMNS: Final = (
    "operator_id", "id", "station_id", "fact_key", "kind", "reason_code", "transaction", "evse_no", "token_value",
    "at", "received_at", "meter_wh", "detail", "message_id", "matched_session_id", "matched_at",
)  # fmt: skip
FINDING_COLUMNS: Final = (
    "operator_id", "id", "fact_key", "found_at", "code", "params", "station_id", "session_id",
)  # fmt: skip
AUTHORISATION_COLUMNS: Final = (
    "operator_id", "id", "at", "kind", "station_id", "evse_id", "session_id", "token_id", "token_value", "token_type",
    "status", "reason_code", "reason_params", "issuer", "contract_id", "payer", "guarantee", "limits",
    "external_reference", "took_ms",
)  # fmt: skip


@dataclass(slots=True, frozen=True)
class Adoption:
    """Readings of a scope, from a (corrected) time on, that belong to a session. `transaction` marks its orphans."""

    session: OpenSession
    scope: str
    since: datetime | None = None
    transaction: str | None = None


@dataclass(slots=True)
class Batch:
    """The rows of one transaction. Readings are keyed, so that equal keys are merged before they are sent."""

    readings: dict[tuple[Any, ...], list[Any]] = field(default_factory=dict)
    signed: list[tuple[Any, ...]] = field(default_factory=list)
    timeline: list[tuple[Any, ...]] = field(default_factory=list)
    authorisations: list[tuple[Any, ...]] = field(default_factory=list)
    orphans: list[tuple[Any, ...]] = field(default_factory=list)
    findings: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    sessions: dict[UUID, OpenSession] = field(default_factory=dict)
    adoptions: list[Adoption] = field(default_factory=list)
    repeated: dict[UUID, OpenSession] = field(default_factory=dict)
    matched: list[tuple[UUID, UUID, UUID, datetime]] = field(default_factory=list)
    """Operator, orphan, session, time: an orphan found where it belongs."""
    effects: list[Effect] = field(default_factory=list)
    outbox: list[tuple[Any, ...]] = field(default_factory=list)
    now: datetime = EPOCH

    def touch(self, session: OpenSession) -> None:
        """The session's row is to be written."""
        if not session.dirty:
            session.dirty = True
            self.sessions[session.id] = session

    def note(
        self,
        session: OpenSession,
        *,
        kind: str,
        key: str,
        at: datetime,
        received_at: datetime,
        message_id: str | None,
        state: str | None = None,
        cause: str | None = None,
        meter_wh: Decimal | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Add a timeline entry; one with the same key is there only once."""
        session.urgent = True
        self.timeline.append((
            session.operator_id, new_id(), session.id, key, at, received_at, kind, state, cause, meter_wh,
            None if detail is None else dict(detail), message_id,
        ))  # fmt: skip

    def find(
        self, code: str, *, key: str, operator_id: UUID, at: datetime, station_id: UUID | None = None,
        session_id: UUID | None = None, **params: Any,
    ) -> None:  # fmt: skip
        """Add a finding; one with the same key is there only once."""
        self.findings.setdefault(
            key, (operator_id, new_id(), f"{code}:{key}", at, code, params, station_id, session_id)
        )
