"""Secrets at rest, credentials that are only compared, and random tokens.

A secret that must be read again is sealed with AES-256-GCM under a key of a ring and bound to the row it is
in: moved to another row, it does not open. A credential of ours that is long and random (an API key) is
kept as HMAC-SHA-256 with salt and pepper; a person's password is not for this module (argon2).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from forecourt.kit.errors import ForecourtError

_VERSION = 1
_NONCE_BYTES = 12
_KEY_BYTES = 32
_TOKEN_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # noqa: S105


class SecretUnreadable(ForecourtError):
    """The sealed value does not open: another key, another row, or it was changed."""


class SecretBox:
    """Seals and opens secrets with a ring of keys."""

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        """Take the ring.

        Args:
            keys: 32 bytes by key id (1 to 32 ASCII characters); old ones stay until all was resealed.
            current: id of the key that seals.

        Raises:
            ValueError: a key of another length, or no such current key.
        """
        for key_id, key in keys.items():
            if len(key) != _KEY_BYTES or not (0 < len(key_id) <= 32 and key_id.isascii()):
                raise ValueError(
                    f"key {key_id!r} must have {_KEY_BYTES} bytes and an id of 1 to 32 ASCII characters"
                )
        if current not in keys:
            raise ValueError(f"the current key {current!r} is not in the ring")
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = current

    def seal(self, secret: bytes, *, context: str) -> bytes:
        """Encrypt. ``context`` names the place, e.g. ``"station.password:OPERATOR:ID"``; opening needs it too."""
        head = self._head(self._current)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return head + nonce + self._ciphers[self._current].encrypt(nonce, secret, head + context.encode())

    def open(self, sealed: bytes, *, context: str) -> bytes:
        """Decrypt what ``seal`` made for the same context.

        Raises:
            SecretUnreadable: it does not open.
        """
        key_id = self.key_id(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise SecretUnreadable(
                f"the value is sealed with key {key_id!r}, which is not in the ring", key_id=key_id
            )
        head = self._head(key_id)
        nonce, body = sealed[len(head) : len(head) + _NONCE_BYTES], sealed[len(head) + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, body, head + context.encode())
        except (InvalidTag, ValueError):
            raise SecretUnreadable(f"the sealed value of {context} does not open", context=context) from None

    def key_id(self, sealed: bytes) -> str:
        """Which key sealed it.

        Raises:
            SecretUnreadable: it is not a sealed value.
        """
        if len(sealed) < 2 or sealed[0] != _VERSION or len(sealed) < 2 + sealed[1] + _NONCE_BYTES:
            raise SecretUnreadable("it is not a sealed value")
        return sealed[2 : 2 + sealed[1]].decode("ascii", "replace")

    def is_stale(self, sealed: bytes) -> bool:
        """Whether it should be sealed again, with the current key."""
        return self.key_id(sealed) != self._current

    @staticmethod
    def _head(key_id: str) -> bytes:
        return bytes([_VERSION, len(key_id)]) + key_id.encode("ascii")


def new_key() -> bytes:
    """A key for ``SecretBox``."""
    return secrets.token_bytes(_KEY_BYTES)


def encode_key(key: bytes) -> str:
    """A key as text, for a settings file."""
    return base64.urlsafe_b64encode(key).decode()


def decode_key(text: str) -> bytes:
    """A key from text; raises ValueError if it is not one."""
    key = base64.urlsafe_b64decode(text.encode())
    if len(key) != _KEY_BYTES:
        raise ValueError(f"a key has {_KEY_BYTES} bytes, this one {len(key)}")
    return key


def new_salt() -> bytes:
    """Sixteen random bytes."""
    return secrets.token_bytes(16)


def hash_credential(credential: str, *, salt: bytes, pepper: bytes) -> bytes:
    """What is kept of a long random credential: HMAC-SHA-256 under the pepper (a server's secret), 32 bytes."""
    # The salt has a fixed place: its length goes in front, so that no two pairs give the same message.
    return hmac.new(
        pepper, len(salt).to_bytes(2, "big") + salt + credential.encode(), hashlib.sha256
    ).digest()


def verify_credential(credential: str, expected: bytes, *, salt: bytes, pepper: bytes) -> bool:
    """Whether the credential is the one that was hashed, in constant time."""
    return equal(hash_credential(credential, salt=salt, pepper=pepper), expected)


def equal(left: bytes | str, right: bytes | str) -> bool:
    """Compare in a time that tells nothing about where they differ."""
    left = left.encode() if isinstance(left, str) else left
    right = right.encode() if isinstance(right, str) else right
    return hmac.compare_digest(left, right)


def new_token(prefix: str = "", *, length: int = 32) -> str:
    """A random token of letters and digits (5.95 bits each), after ``prefix`` and an underscore if given."""
    body = "".join(secrets.choice(_TOKEN_ALPHABET) for _ in range(length))
    return f"{prefix}_{body}" if prefix else body
