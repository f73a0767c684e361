"""Make a draft the prices of a tariff, now or at a set time; take a set time or a draft back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from forecourt.identity.audit import record_change
from forecourt.kit.database import UnitOfWork
from forecourt.kit.errors import Invalid
from forecourt.kit.ids import encode_id
from forecourt.pricing.errors import (
    DraftExists,
    NotScheduled,
    OnlyVersion,
    VersionPublished,
    VersionScheduled,
)
from forecourt.pricing.manage_tariffs import get_tariff, get_version, list_versions
from forecourt.pricing.models import Tariff, TariffVersionRow
from forecourt.pricing.standing import standings


async def publish_version(
    uow: UnitOfWork, tariff_id: UUID, number: int, *, at: datetime | None = None
) -> TariffVersionRow:
    """Make a draft the live version from now on, or from `at` on; the one before is retired then.

    Sessions that are open keep the version they began with.

    Raises:
        VersionPublished: it is no draft any more.
        VersionScheduled: another version waits for its time.
        Invalid: `at` is not in the future.
    """
    tariff = await get_tariff(uow, tariff_id, lock=True)
    version = await get_version(uow, tariff_id, number)
    await _settle(uow, tariff)
    if version.status != "draft":
        raise VersionPublished(f"version {number} is {version.status}", number=number, status=version.status)
    now = uow.clock.now()
    if at is not None and at <= now:
        raise Invalid("a version can be scheduled for the future only", at=str(at))
    before = None
    for other in await list_versions(uow, tariff_id):
        if other.status == "scheduled":
            raise VersionScheduled(f"version {other.number} is scheduled", number=other.number)
        if other.status == "live":
            before = other.number
            if at is None:
                other.status, other.retired_at = "retired", now
    await uow.session.flush()
    if at is None:
        version.status, version.published_at = "live", now
    else:
        version.status, version.published_at = "scheduled", at
    await _told(
        uow, tariff, version, "tariff.published" if at is None else "tariff.scheduled",
        before={"live_version": before},
        after={"live_version": number} if at is None else {"scheduled_version": number, "at": at},
    )  # fmt: skip
    return version


async def withdraw_version(uow: UnitOfWork, tariff_id: UUID, number: int) -> TariffVersionRow:
    """Make a version that waits for its time a draft again.

    Raises:
        NotScheduled: it is live already, or was never scheduled.
        DraftExists: a draft was begun meanwhile; discard it first.
    """
    tariff = await get_tariff(uow, tariff_id, lock=True)
    await _settle(uow, tariff)
    version = await get_version(uow, tariff_id, number)
    if version.status != "scheduled":
        raise NotScheduled(f"version {number} is {version.status}", number=number, status=version.status)
    if any(other.status == "draft" for other in await list_versions(uow, tariff_id)):
        raise DraftExists(id=encode_id("trf", tariff_id))
    at, version.status, version.published_at = version.published_at, "draft", None
    await _told(
        uow, tariff, version, "tariff.schedule_withdrawn",
        before={"scheduled_version": number, "at": at}, after={"scheduled_version": None},
    )  # fmt: skip
    return version


async def discard_draft(uow: UnitOfWork, tariff_id: UUID, number: int) -> None:
    """Delete a draft.

    Raises:
        VersionPublished: it is no draft any more.
        OnlyVersion: the tariff has no other version.
    """
    tariff = await get_tariff(uow, tariff_id, lock=True)
    version = await get_version(uow, tariff_id, number)
    if version.status != "draft":
        raise VersionPublished(f"version {number} is {version.status}", number=number, status=version.status)
    if len(await list_versions(uow, tariff_id)) == 1:
        raise OnlyVersion(id=encode_id("trf", tariff_id))
    await uow.session.delete(version)
    tariff.revision += 1
    await uow.session.flush()
    await record_change(
        uow, action="tariff.draft_discarded", subject_type="tariff", subject_id=tariff_id,
        before={"number": number, "content_hash": version.content_hash}, after={"number": None},
    )  # fmt: skip


async def _settle(uow: UnitOfWork, tariff: Tariff) -> None:
    """Write down what time has brought about: what was scheduled and is due is live, the one before retired."""
    versions = await list_versions(uow, tariff.id)
    found = standings(versions, uow.clock.now())
    # The oldest first: there is never more than one live row.
    for version in sorted(versions, key=lambda one: one.number):
        standing = found[version.id]
        if (version.status, version.retired_at) != (standing.status, standing.retired_at):
            version.status, version.retired_at = standing.status, standing.retired_at
            await uow.session.flush()


async def _told(
    uow: UnitOfWork, tariff: Tariff, version: TariffVersionRow, action: str, *, before: dict[str, object],
    after: dict[str, object],
) -> None:  # fmt: skip
    tariff.revision += 1
    await uow.session.flush()
    uow.record(
        action, subject_id=tariff.id, subject_revision=tariff.revision,
        data={
            "tariff_id": encode_id("trf", tariff.id), "version_id": encode_id("trv", version.id),
            "number": version.number, "content_hash": version.content_hash,
        },
    )  # fmt: skip
    await record_change(
        uow, action=action, subject_type="tariff", subject_id=tariff.id, before=before, after=after
    )
