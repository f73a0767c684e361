"""What a station is answered, in words that hold for every OCPP version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

TokenStatus: TypeAlias = Literal[
    "accepted", "blocked", "concurrent_tx", "expired", "invalid", "no_credit",
    "not_allowed_type_evse", "not_at_this_location", "not_at_this_time", "unknown",
]  # fmt: skip


@dataclass(slots=True, frozen=True)
class IdTokenAnswer:
    """idTagInfo / idTokenInfo."""

    status: TokenStatus
    expires_at: datetime | None = None
    group: str | None = None
    language: str | None = None
    message: str | None = None


@dataclass(slots=True, frozen=True)
class BootAnswer:
    """`interval_s` is the heartbeat interval when accepted, else the wait before the next boot."""

    status: Literal["accepted", "pending", "rejected"]
    current_time: datetime
    interval_s: int


@dataclass(slots=True, frozen=True)
class HeartbeatAnswer:
    current_time: datetime


@dataclass(slots=True, frozen=True)
class AuthorizeAnswer:
    id_token: IdTokenAnswer


@dataclass(slots=True, frozen=True)
class TransactionLimits:
    """How much a transaction may take: Wh, seconds, major units of money after taxes, percent."""

    energy_wh: Decimal | None = None
    duration_s: int | None = None
    cost: Decimal | None = None
    soc_percent: Decimal | None = None


@dataclass(slots=True, frozen=True)
class TransactionAnswer:
    """`transaction` is the id given to a 1.6 start. `total_cost` is the running or final price (2.x).

    `limits` are told where the protocol can say them (2.1 only).
    """

    transaction: str | None = None
    id_token: IdTokenAnswer | None = None
    total_cost: Decimal | None = None
    limits: TransactionLimits | None = None


@dataclass(slots=True, frozen=True)
class DataTransferAnswer:
    status: Literal["accepted", "rejected", "unknown_message_id", "unknown_vendor_id"]


@dataclass(slots=True, frozen=True)
class Acknowledged:
    """An empty, or merely polite, answer."""


Answer: TypeAlias = (
    BootAnswer | HeartbeatAnswer | AuthorizeAnswer | TransactionAnswer | DataTransferAnswer | Acknowledged
)
ACKNOWLEDGED = Acknowledged()
