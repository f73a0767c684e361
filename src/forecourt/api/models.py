"""Table of the API: answers kept for repeated requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from forecourt.kit.columns import Base, TenantRow
from forecourt.kit.tenancy import PARTNER_SQL


class IdempotencyKey(TenantRow, Base):
    """A POST that was carried out under a caller's key, and what was answered (null: not kept, it held a secret)."""

    __tablename__ = "idempotency_key"
    __table_args__ = (
        UniqueConstraint("operator_id", "actor_id", "key"),
        Index(None, "created_at"),
        {"info": {"partner_sql": f"partner_id = {PARTNER_SQL}"}},
    )

    actor_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    key: Mapped[str]
    fingerprint: Mapped[bytes]
    created_at: Mapped[datetime]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[bytes | None]
