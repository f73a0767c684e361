"""Go over to another operator where one is the same person, without the password again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from forecourt.identity.actor import Actor
from forecourt.identity.errors import OperatorNotFound
from forecourt.identity.models import AppUser, Operator
from forecourt.identity.sessions import Challenged, Origin, SignedIn, proceed
from forecourt.kit.database import Database


@dataclass(frozen=True, kw_only=True)
class OtherOperator:
    """An operator that the person belongs to."""

    slug: str
    name: str
    current: bool


async def operators_of(database: Database, actor: Actor) -> list[OtherOperator]:
    """All operators of the person, by name."""
    rows = await _rows(database, actor)
    return [
        OtherOperator(slug=slug, name=name, current=user.operator_id == actor.operator_id)
        for user, slug, name in rows
    ]


async def switch_operator(
    database: Database, actor: Actor, *, slug: str, origin: Origin
) -> SignedIn | Challenged:
    """Open a session there and end this one; a second factor that is set up or asked for there is asked for.

    Raises:
        OperatorNotFound: the person has not proven to be a user there.
    """
    for user, found, _ in await _rows(database, actor):
        if found == slug:
            return await proceed(
                database, user, method="password", origin=origin, replaces_session_id=actor.session_id
            )
    raise OperatorNotFound(f"you do not belong to an operator {slug!r}", operator=slug)


async def _rows(database: Database, actor: Actor) -> list[tuple[AppUser, str, str]]:
    async with database.transaction(role="system") as uow:  # across the operators of one person
        own = await uow.session.get_one(AppUser, (actor.operator_id, actor.id))
        rows = await uow.session.execute(
            select(AppUser, Operator.slug, Operator.name)
            .join(Operator, Operator.id == AppUser.operator_id)
            .where(AppUser.person_id == own.person_id, AppUser.active)
            .order_by(Operator.name, Operator.id)
        )
        return [(user, slug, name) for user, slug, name in rows]
