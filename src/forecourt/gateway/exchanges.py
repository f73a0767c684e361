"""A call of ours and the station's answer, which came later, as one exchange."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Interval, and_, exists, literal, or_, select
from sqlalchemy.orm import aliased

from forecourt.gateway.models import MessageLog
from forecourt.kit.database import UnitOfWork

ANSWER_WITHIN: Final = timedelta(minutes=10)
"""How long after a call its answer is looked for; commands time out after five minutes at most."""
_CALL, _RESULT, _ERROR = 2, 3, 4
_LATE: Final = "late_reply"


def is_no_answer() -> ColumnElement[bool]:
    """Leaves out what stands in its call's row. A late answer belongs to no open call and keeps its own."""
    return or_(
        MessageLog.direction != "in",
        MessageLog.type.not_in((_RESULT, _ERROR)),
        MessageLog.error.is_not_distinct_from(_LATE),
    )


def is_failed_exchange() -> ColumnElement[bool]:
    """The call was refused, parked or dropped, or the station answered ours with an error."""
    answer = aliased(MessageLog)
    return or_(
        MessageLog.error.is_not(None),
        and_(
            MessageLog.direction == "out",
            MessageLog.type == _CALL,
            exists(
                select(1).where(
                    answer.operator_id == MessageLog.operator_id,
                    answer.station_id == MessageLog.station_id,
                    answer.received_at >= MessageLog.received_at,
                    answer.received_at < MessageLog.received_at + literal(ANSWER_WITHIN, Interval),
                    answer.message_id == MessageLog.message_id,
                    answer.direction == "in",
                    answer.error.is_not(None),
                )
            ),
        ),
    )


async def find_answers(uow: UnitOfWork, calls: Sequence[MessageLog]) -> dict[UUID, MessageLog]:
    """The stations' answers to those of the rows that are calls of ours, by the call's row."""
    ours = [row for row in calls if row.direction == "out" and row.type == _CALL]
    if not ours:
        return {}
    rows = await uow.session.scalars(
        select(MessageLog)
        .where(
            MessageLog.operator_id.in_({row.operator_id for row in ours}),
            MessageLog.station_id.in_({row.station_id for row in ours}),
            MessageLog.received_at >= min(row.received_at for row in ours),
            MessageLog.received_at < max(row.received_at for row in ours) + ANSWER_WITHIN,
            MessageLog.message_id.in_({row.message_id for row in ours}),
            MessageLog.direction == "in",
            MessageLog.type.in_((_RESULT, _ERROR)),
            MessageLog.error.is_distinct_from(_LATE),
        )
        .order_by(MessageLog.received_at.desc())
    )
    answers = list(rows)
    found: dict[UUID, MessageLog] = {}
    for call in ours:
        for answer in answers:
            same = answer.station_id == call.station_id and answer.message_id == call.message_id
            if same and timedelta(0) <= answer.received_at - call.received_at < ANSWER_WITHIN:
                found[call.id] = answer
    return found
