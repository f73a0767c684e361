"""Jobs of operations: rules are judged every few seconds, webhooks are called."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select

from forecourt.identity.models import Operator
from forecourt.kit.crypto import SecretBox
from forecourt.kit.database import Database
from forecourt.kit.jobs import Jobs
from forecourt.operations.deliver import MAX_ATTEMPTS, deliver
from forecourt.operations.evaluate import evaluate_operator
from forecourt.operations.models import AlertDelivery
from forecourt.operations.tell import CALL_WEBHOOK, Links

KEEP_DAYS: Final = 90
"""Of deliveries; less than of the mails that they point at."""


def register(
    jobs: Jobs, database: Database, *, box: SecretBox, links: Links, webhooks_allow_private: bool
) -> None:
    """Register the jobs.

    Args:
        jobs: where.
        database: of their transactions.
        box: opens the secrets of webhooks.
        links: makes addresses of pages for mails and webhooks.
        webhooks_allow_private: whether webhooks may go to addresses inside our own network.
    """

    @jobs.periodic("operations.evaluate_rules", "* * * * * */5")
    async def evaluate(at: datetime) -> None:
        await evaluate_all(database, links=links)

    @jobs.periodic("operations.forget_old_deliveries", "31 2 * * *")
    async def forget(at: datetime) -> None:
        await forget_old_deliveries(database)

    @jobs.task(CALL_WEBHOOK, retry=MAX_ATTEMPTS - 1)
    async def call(operator_id: UUID, delivery_id: UUID) -> None:
        await deliver(
            database,
            box,
            operator_id=operator_id,
            delivery_id=delivery_id,
            allow_private=webhooks_allow_private,
        )


async def forget_old_deliveries(database: Database) -> None:
    """Delete deliveries older than `KEEP_DAYS`, of all operators; incidents and their course stay."""
    async with database.transaction(role="system") as uow:
        before = uow.clock.now() - timedelta(days=KEEP_DAYS)
        await uow.session.execute(delete(AlertDelivery).where(AlertDelivery.created_at < before))


async def evaluate_all(database: Database, *, links: Links) -> None:
    """Judge every operator's rules; one whose rules cannot be judged does not keep the others from it.

    Raises:
        ExceptionGroup: what went wrong, once all had their turn.
    """
    async with database.transaction(role="system") as uow:
        operators = list(await uow.session.scalars(select(Operator.id).order_by(Operator.id)))
    problems: list[Exception] = []
    for operator_id in operators:
        try:
            await evaluate_operator(database, operator_id, links=links)
        except Exception as error:
            problems.append(error)
    if problems:
        raise ExceptionGroup("alert rules could not be judged", problems)
