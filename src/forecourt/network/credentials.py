"""Station passwords: how they are made, kept and checked.

HMAC-SHA-256 with a salt per password, keyed by a pepper from the settings: a slow hash at every reconnect of
a storm would stop the server, and without the pepper the database is of no use to a thief.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import itertools
import os
import secrets
from dataclasses import dataclass, field
from uuid import UUID

from forecourt.kit.errors import Invalid

_ALPHABET = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GENERATED_LENGTH = 20
"""Fits 1.6 `AuthorizationKey` (16 to 20 bytes) and 2.x `BasicAuthPassword` (16 to 40 characters)."""
_SALT_BYTES = 16
_MAX_PASSWORD_BYTES = 128


class UnusablePassword(Invalid):
    """A station password has 1 to 128 bytes."""


@dataclass(frozen=True, slots=True)
class StoredCredential:
    """A password as it is kept."""

    salt: bytes
    hash: bytes
    weak: bool = False
    id: UUID | None = None
    replaced: bool = field(default=False, compare=False)
    """It ends when a newer one is used for the first time."""

    def matches(self, password: bytes, *, pepper: bytes) -> bool:
        """Is it this password? Takes the same time whatever the answer. Use `matches_any` for a header."""
        return hmac.compare_digest(self.hash, _digest(password, self.salt, pepper))

    def matches_any(self, password: bytes, *, pepper: bytes) -> bool:
        """As `matches`, also if one side has the password in hexadecimal (1.6 `AuthorizationKey`)."""
        found = self.matches(password, pepper=pepper)
        if len(password) in (32, 34, 36, 38, 40):
            with contextlib.suppress(ValueError):
                found |= self.matches(bytes.fromhex(password.decode("ascii")), pepper=pepper)
        return found


def generate_password() -> str:
    """Make a password of 20 characters that is easy to read out and strong (116 bits)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_GENERATED_LENGTH))


def hash_password(password: bytes, *, pepper: bytes, identity: str = "") -> StoredCredential:
    """Turn a password into what is kept.

    Raises:
        UnusablePassword: it is empty or longer than 128 bytes.
    """
    if not 1 <= len(password) <= _MAX_PASSWORD_BYTES:
        raise UnusablePassword("a station password has 1 to 128 bytes", length=len(password))
    salt = os.urandom(_SALT_BYTES)
    return StoredCredential(
        salt=salt, hash=_digest(password, salt, pepper), weak=is_weak(password, identity=identity)
    )


def is_weak(password: bytes, *, identity: str = "") -> bool:
    """Shorter than 16 bytes, fewer than 6 different bytes, a plain run, or made of the identity."""
    lowered = password.lower()
    name = identity.lower().encode()
    if len(password) < 16 or len(set(password)) < 6 or (name and (name in lowered or lowered in name)):
        return True
    steps = {b - a for a, b in itertools.pairwise(password)}
    return len(steps) <= 2


def _digest(password: bytes, salt: bytes, pepper: bytes) -> bytes:
    return hmac.new(pepper, salt + password, hashlib.sha256).digest()
