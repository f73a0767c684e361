"""The first rows of an installation: an operator, and its owner."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from forecourt.identity.actor import system_actor
from forecourt.identity.audit import record_change
from forecourt.identity.change_operator import check_time_zone
from forecourt.identity.errors import SlugTaken
from forecourt.identity.models import Operator
from forecourt.kit.database import Database
from forecourt.kit.errors import Invalid
from forecourt.kit.ids import new_id
from forecourt.kit.money import currency_exponent

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class SlugInvalid(Invalid):
    """A slug has 1 to 63 lower-case letters, digits and inner hyphens."""


async def create_operator(
    database: Database, *, slug: str, name: str, currency: str = "EUR", time_zone: str = "UTC"
) -> UUID:
    """Create a tenant; returns its id. Across tenants, hence the system role.

    Args:
        database: where.
        slug: its name in addresses (``/ocpp/SLUG/STATION``).
        name: as people read it.
        currency: ISO 4217.
        time_zone: IANA name, the default of its locations.

    Raises:
        SlugTaken: an operator with that slug exists.
        SlugInvalid: not a slug.
        UnknownCurrency, UnknownTimeZone, Invalid: the currency, the time zone or the name cannot be.
    """
    if not _SLUG.fullmatch(slug):
        raise SlugInvalid(
            f"{slug!r} is not a slug: use lower-case letters, digits and inner hyphens", slug=slug
        )
    if not name.strip() or len(name) > 200 or not name.isprintable():
        raise Invalid("the operator's name has 1 to 200 printable characters", name=name)
    currency_exponent(currency)
    check_time_zone(time_zone)
    operator_id = new_id()
    try:
        async with database.transaction(
            operator_id, role="system", actor=system_actor(operator_id, "bootstrap")
        ) as uow:
            uow.session.add(
                Operator(
                    id=operator_id, slug=slug, name=name, currency=currency, time_zone=time_zone, settings={}
                )
            )
            await uow.session.flush()
            await record_change(
                uow,
                action="operator.created",
                subject_type="operator",
                subject_id=operator_id,
                after={"slug": slug, "name": name, "currency": currency, "time_zone": time_zone},
            )
    except IntegrityError as error:
        raise SlugTaken(f"an operator with the slug {slug!r} exists", slug=slug) from error
    return operator_id


async def ensure_operator(
    database: Database, *, slug: str, name: str, currency: str = "EUR", time_zone: str = "UTC"
) -> UUID:
    """The operator with that slug, made if it is not there; its other fields then stay as they are."""
    found = await find_operator(database, slug)
    if found is not None:
        return found
    try:
        return await create_operator(database, slug=slug, name=name, currency=currency, time_zone=time_zone)
    except SlugTaken:  # another process was quicker
        found = await find_operator(database, slug)
        if found is None:
            raise
        return found


async def find_operator(database: Database, slug: str) -> UUID | None:
    """The id of the operator with that slug, or None."""
    async with database.transaction(role="system") as uow:
        return await uow.session.scalar(select(Operator.id).where(Operator.slug == slug))
