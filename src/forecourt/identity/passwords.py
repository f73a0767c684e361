"""Argon2id password hashes (pwdlib's recommended parameters), computed off the event loop."""

from __future__ import annotations

import asyncio
import functools

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

from forecourt.identity.errors import PasswordTooWeak

MIN_LENGTH = 10
MAX_LENGTH = 256
_CONCURRENT = 2  # argon2 takes 64 MiB and a core for a while: more at once is a way to fell the server

_hasher = PasswordHash.recommended()
_slots: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}


def _slot() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    if loop not in _slots:
        for stale in [known for known in _slots if known.is_closed()]:
            del _slots[stale]
        _slots[loop] = asyncio.Semaphore(_CONCURRENT)
    return _slots[loop]


@functools.cache
def _dummy() -> str:
    return _hasher.hash("nobody has this password")


def _verify(password: str, password_hash: str | None) -> bool:
    return _hasher.verify(password, password_hash or _dummy())


async def hash_password(password: str) -> str:
    """Hash a new password.

    Raises:
        PasswordTooWeak: shorter than 10 or longer than 256 characters.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise PasswordTooWeak(
            f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters, this one has {len(password)}",
            min_length=MIN_LENGTH,
            max_length=MAX_LENGTH,
        )
    async with _slot():
        return await asyncio.to_thread(_hasher.hash, password)


async def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether the password fits. Without a hash it takes as long and says no."""
    if len(password) > MAX_LENGTH:
        return False
    async with _slot():
        try:
            fits = await asyncio.to_thread(_verify, password, password_hash)
        except UnknownHashError:
            return False
    return fits and password_hash is not None
