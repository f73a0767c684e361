"""Slow down whoever guesses passwords: counted per account, per network, and per account from one network.

A try is written down before its password is looked at, under a lock on the account, so that many tries at
the same time count as many.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, text, update

from forecourt.identity.credentials import sha256
from forecourt.identity.errors import SignInThrottled
from forecourt.identity.models import SignInAttempt
from forecourt.kit.database import Database

WINDOW = timedelta(minutes=15)
PER_ACCOUNT_AND_NETWORK = 5
PER_ACCOUNT = 30
PER_NETWORK = 60


async def begin_attempt(
    database: Database,
    *,
    account: str,
    address: str | None,
    now: datetime,
    limit: int = PER_ACCOUNT_AND_NETWORK,
) -> UUID:
    """Write the try down; it counts as wrong until ``mark_succeeded``.

    Args:
        account: what the caller claims to be, e.g. the e-mail; only its hash is kept.
        address: the caller's IP address.
        now: what time it is.
        limit: how many wrong tries at this account one network has.

    Raises:
        SignInThrottled: too many wrong tries in the last 15 minutes.
    """
    digest, network = sha256(account.strip().lower()), network_of(address)
    async with database.transaction(role="system") as uow:
        await uow.session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 1))"), {"key": digest.hex()}
        )
        wrong = select(func.count()).where(
            SignInAttempt.at > now - WINDOW, SignInAttempt.succeeded.is_(False)
        )
        of_account = wrong.where(SignInAttempt.account_sha256 == digest)
        both = await uow.session.scalar(of_account.where(SignInAttempt.network == network)) or 0
        account_count = await uow.session.scalar(of_account) or 0
        network_count = await uow.session.scalar(wrong.where(SignInAttempt.network == network)) or 0
        if both >= limit or account_count >= max(PER_ACCOUNT, limit) or network_count >= PER_NETWORK:
            seconds = int(WINDOW.total_seconds())
            raise SignInThrottled(
                f"too many wrong sign-ins: wait up to {seconds // 60} minutes", retry_after_seconds=seconds
            )
        attempt = SignInAttempt(account_sha256=digest, network=network, at=now)
        uow.session.add(attempt)
        await uow.session.flush()
        return attempt.id


async def mark_succeeded(database: Database, attempt_id: UUID, *, account: str, address: str | None) -> None:
    """The password was right: forget the wrong tries at this account from this network."""
    digest, network = sha256(account.strip().lower()), network_of(address)
    async with database.transaction(role="system") as uow:
        await uow.session.execute(
            update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(succeeded=True)
        )
        await uow.session.execute(
            delete(SignInAttempt).where(
                SignInAttempt.account_sha256 == digest,
                SignInAttempt.network == network,
                SignInAttempt.succeeded.is_(False),
            )
        )


async def forget_old_attempts(database: Database, *, now: datetime) -> int:
    """Delete tries that no longer count; tells how many."""
    async with database.transaction(role="system") as uow:
        rows = await uow.session.scalars(
            delete(SignInAttempt).where(SignInAttempt.at < now - WINDOW).returning(SignInAttempt.id)
        )
        return len(rows.all())


def network_of(address: str | None) -> str:
    """What counts as one place: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if parsed.version == 6 and parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
