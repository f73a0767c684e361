"""Create, version and archive tariffs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from forecourt.identity.access import operator_of
from forecourt.identity.audit import record_change
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id, new_id
from forecourt.pricing.errors import (
    DraftExists,
    TariffInUse,
    TariffNameTaken,
    TariffNotFound,
    TariffRefused,
    TariffVersionNotFound,
    VersionPublished,
)
from forecourt.pricing.models import Tariff, TariffAssignment, TariffVersionRow
from forecourt.tariff import Tariff as Document
from forecourt.tariff import TariffError, content_hash, tariff_from_dict, tariff_from_ocpi, tariff_to_dict


def read_document(tariff: Mapping[str, Any] | None, ocpi_tariff: Mapping[str, Any] | None) -> Document:
    """A tariff from either of its two spellings.

    Raises:
        TariffRefused: neither or both are given, or it cannot be read.
    """
    if (tariff is None) == (ocpi_tariff is None):
        raise TariffRefused("give either tariff or ocpi_tariff", reason="PreviewInvalid")
    try:
        return tariff_from_dict(tariff) if ocpi_tariff is None else tariff_from_ocpi(dict(ocpi_tariff))
    except TariffError as fault:
        raise refused(fault) from None


_AT = re.compile(r" - at `\$\.?(.*)`$")
_NAME = re.compile(r"^([\w.\[\]]+)(?:: | \S+ is )")


def refused(fault: TariffError) -> TariffRefused:
    """What a caller is told of a tariff or session that cannot be read.

    `path` names the field at fault where it is known, e.g. `elements.0.prices.0.price`; `what` is why.
    """
    what = str(fault)
    found = _AT.search(what)
    path = found[1] if found else ""
    what = what[: found.start()] if found else what
    if name := _NAME.match(what):
        path = f"{path}.{name[1]}".lstrip(".")
    path = re.sub(r"\[(\d+)\]", r".\1", path)
    return TariffRefused(str(fault), reason=fault.code, path=path, what=what)


async def create_tariff(
    uow: UnitOfWork, *, name: str, description: str | None, document: Document
) -> tuple[Tariff, TariffVersionRow]:
    """A new tariff with a draft of its first version.

    Raises:
        TariffNameTaken: another one has the name.
    """
    row = Tariff(
        operator_id=operator_of(uow),
        id=new_id(),
        name=name,
        description=description,
        currency=document.currency,
    )
    uow.session.add(row)
    try:
        await uow.session.flush()
    except IntegrityError:
        raise TariffNameTaken(f"there is a tariff {name!r} already", name=name) from None
    version = await _add_version(uow, row, 1, document)
    await record_change(
        uow, action="tariff.created", subject_type="tariff", subject_id=row.id,
        after={"name": name, "content_hash": version.content_hash},
    )  # fmt: skip
    return row, version


async def _add_version(uow: UnitOfWork, tariff: Tariff, number: int, document: Document) -> TariffVersionRow:
    version = TariffVersionRow(
        operator_id=tariff.operator_id, id=new_id(), tariff_id=tariff.id, number=number, status="draft",
        document=tariff_to_dict(document), content_hash=content_hash(document),
    )  # fmt: skip
    uow.session.add(version)
    await uow.session.flush()
    return version


async def get_tariff(uow: UnitOfWork, tariff_id: UUID, *, lock: bool = False) -> Tariff:
    """A tariff of the operator; raises TariffNotFound."""
    query = select(Tariff).where(Tariff.operator_id == operator_of(uow), Tariff.id == tariff_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = await uow.session.scalar(query)
    if row is None:
        raise TariffNotFound(id=encode_id("trf", tariff_id))
    return row


async def list_versions(uow: UnitOfWork, tariff_id: UUID) -> list[TariffVersionRow]:
    """All versions, newest first."""
    rows = await uow.session.scalars(
        select(TariffVersionRow)
        .where(TariffVersionRow.operator_id == operator_of(uow), TariffVersionRow.tariff_id == tariff_id)
        .order_by(TariffVersionRow.number.desc())
    )
    return list(rows)


async def get_version(uow: UnitOfWork, tariff_id: UUID, number: int) -> TariffVersionRow:
    """A version by its number; raises TariffVersionNotFound."""
    row = await uow.session.scalar(
        select(TariffVersionRow).where(
            TariffVersionRow.operator_id == operator_of(uow),
            TariffVersionRow.tariff_id == tariff_id,
            TariffVersionRow.number == number,
        )
    )
    if row is None:
        raise TariffVersionNotFound(f"there is no version {number}", number=number)
    return row


async def draft_version(uow: UnitOfWork, tariff_id: UUID, document: Document) -> TariffVersionRow:
    """A new draft of a tariff.

    Raises:
        DraftExists: there is one already.
        TariffRefused: it is in another currency than the tariff.
    """
    tariff = await get_tariff(uow, tariff_id, lock=True)
    versions = await list_versions(uow, tariff_id)
    if any(version.status == "draft" for version in versions):
        raise DraftExists(id=encode_id("trf", tariff_id))
    _same_currency(tariff, document)
    version = await _add_version(uow, tariff, (versions[0].number if versions else 0) + 1, document)
    await record_change(
        uow, action="tariff.version_drafted", subject_type="tariff", subject_id=tariff_id,
        after={"number": version.number, "content_hash": version.content_hash},
    )  # fmt: skip
    return version


async def edit_draft(uow: UnitOfWork, tariff_id: UUID, number: int, document: Document) -> TariffVersionRow:
    """Replace the document of a draft.

    Raises:
        VersionPublished: it is no draft any more.
    """
    tariff = await get_tariff(uow, tariff_id, lock=True)
    version = await get_version(uow, tariff_id, number)
    if version.status != "draft":
        raise VersionPublished(f"version {number} is {version.status}", number=number, status=version.status)
    _same_currency(tariff, document)
    before = version.content_hash
    tariff.revision += 1
    version.document, version.content_hash = tariff_to_dict(document), content_hash(document)
    await uow.session.flush()
    await record_change(
        uow, action="tariff.draft_edited", subject_type="tariff", subject_id=tariff_id,
        before={"content_hash": before}, after={"content_hash": version.content_hash},
    )  # fmt: skip
    return version


def _same_currency(tariff: Tariff, document: Document) -> None:
    if document.currency != tariff.currency:
        raise TariffRefused(
            f"the tariff is in {tariff.currency}, the version in {document.currency}",
            reason="CurrencyDiffers",
        )


async def archive_tariff(uow: UnitOfWork, tariff_id: UUID) -> None:
    """Take a tariff out of use; what was priced by it stays explained.

    Raises:
        TariffInUse: an assignment of it is not over.
    """
    tariff = await get_tariff(uow, tariff_id, lock=True)
    now = uow.clock.now()
    used = await uow.session.scalar(
        select(func.count()).where(
            TariffAssignment.operator_id == operator_of(uow),
            TariffAssignment.tariff_id == tariff_id,
            (TariffAssignment.valid_to.is_(None)) | (TariffAssignment.valid_to > now),
        )
    )
    if used:
        raise TariffInUse(f"{used} assignments are not over", assignments=used)
    if tariff.archived_at is None:
        tariff.archived_at = now
        tariff.revision += 1
        await uow.session.flush()
        await record_change(
            uow, action="tariff.archived", subject_type="tariff", subject_id=tariff_id,
            before={"archived_at": None}, after={"archived_at": now},
        )  # fmt: skip
