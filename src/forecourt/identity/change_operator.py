"""Change the operator's own data, settings, security rules and logo."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select

from forecourt.identity.access import operator_of
from forecourt.identity.audit import record_change
from forecourt.identity.edits import check_revision
from forecourt.identity.errors import LogoNotFound
from forecourt.identity.logo import clean_png
from forecourt.identity.models import Operator
from forecourt.identity.queries import get_operator
from forecourt.identity.security import Security
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Invalid
from forecourt.kit.money import currency_exponent

Unset = Literal["unset"]
_PLAIN = (
    "name",
    "legal_name",
    "country",
    "currency",
    "time_zone",
    "languages",
    "support_phone",
    "support_email",
)


class UnknownTimeZone(Invalid):
    """Not a name of the IANA time zone database."""


@dataclass(frozen=True, kw_only=True)
class ChangeOperator:
    """What to change.

    ``fields`` holds new values by name, of those in the operator's row that people edit; ``settings`` and
    ``security`` are merged by key, in ``settings`` None removes a key.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] | None = None
    security: dict[str, Any] | None = None
    if_revision: int | None = None


async def change_operator(command: ChangeOperator, *, uow: UnitOfWork) -> Operator:
    """Change what is given.

    Raises:
        PreconditionFailed: it is not at ``if_revision``.
        UnknownTimeZone, UnknownCurrency: no such zone or currency.
    """
    operator = await get_operator(uow, lock=True)
    check_revision(command.if_revision, operator.revision)
    before = _facts(operator)
    for name, value in command.fields.items():
        if name not in _PLAIN:
            raise ValueError(f"{name} is not a field that people edit")
        if name == "time_zone":
            check_time_zone(value)
        if name == "currency":
            currency_exponent(value)
        setattr(operator, name, value.strip() if isinstance(value, str) else value)
    if command.settings is not None:
        merged = operator.settings | command.settings
        operator.settings = {key: value for key, value in merged.items() if value is not None}
    if command.security is not None:
        operator.security = Security.of(operator.security | command.security).as_dict()
    await uow.session.flush()
    await record_change(
        uow,
        action="operator.changed",
        subject_type="operator",
        subject_id=operator.id,
        before=before,
        after=_facts(operator),
    )
    return operator


async def change_logo(uow: UnitOfWork, data: bytes | None, *, if_revision: int | None = None) -> Operator:
    """Take a new logo, or none.

    Raises:
        LogoRefused: it is not a small PNG.
        PreconditionFailed: the operator is not at ``if_revision``.
    """
    logo = None if data is None else clean_png(data)
    operator = await get_operator(uow, lock=True)
    check_revision(if_revision, operator.revision)
    before = {"logo": operator.logo_sha256}
    operator.logo = logo
    operator.logo_sha256 = None if logo is None else hashlib.sha256(logo).hexdigest()
    await uow.session.flush()
    await record_change(
        uow,
        action="operator.logo_changed",
        subject_type="operator",
        subject_id=operator.id,
        before=before,
        after={"logo": operator.logo_sha256},
    )
    return operator


async def read_logo(uow: UnitOfWork) -> tuple[bytes, str]:
    """The logo and its SHA-256.

    Raises:
        LogoNotFound: the operator has none.
    """
    row = (
        await uow.session.execute(
            select(Operator.logo, Operator.logo_sha256).where(Operator.id == operator_of(uow))
        )
    ).one()
    if row[0] is None or row[1] is None:
        raise LogoNotFound
    return row[0], row[1]


def check_time_zone(name: str) -> None:
    """Refuse what is no IANA time zone.

    Raises:
        UnknownTimeZone: no such zone.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimeZone(f"{name!r} is not a time zone", time_zone=name) from error


def _facts(operator: Operator) -> dict[str, Any]:
    settings = {f"settings.{key}": value for key, value in operator.settings.items()}
    rules = Security.of(operator.security).as_dict()
    return (
        {name: getattr(operator, name) for name in _PLAIN}
        | settings
        | {f"security.{key}": value for key, value in rules.items()}
    )
