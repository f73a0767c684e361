"""The two secrets that a caller can hold: an API key, and the token in the session cookie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

SESSION_COOKIE = "forecourt_session"
CSRF_COOKIE = "forecourt_csrf"
CSRF_HEADER = "X-CSRF-Token"

_KEY = re.compile(r"fck_([0-9a-f]{12})_([0-9a-f]{64})")


@dataclass(frozen=True)
class NewKey:
    """A fresh API key: ``text`` is shown once, the rest is stored."""

    text: str
    prefix: str
    secret_sha256: bytes


def new_key() -> NewKey:
    """Make an API key with 256 random bits."""
    prefix, secret = secrets.token_hex(6), secrets.token_hex(32)
    return NewKey(text=f"fck_{prefix}_{secret}", prefix=prefix, secret_sha256=sha256(secret))


def split_key(text: str) -> tuple[str, bytes] | None:
    """Prefix and SHA-256 of the secret, or None if the text is not a key."""
    match = _KEY.fullmatch(text.strip())
    return None if match is None else (match[1], sha256(match[2]))


def new_session_token() -> str:
    """256 random bits for the session cookie."""
    return secrets.token_urlsafe(32)


def csrf_token(session_token: str) -> str:
    """The CSRF token that belongs to a session; it cannot be turned back into the session's token."""
    digest = hmac.digest(session_token.encode(), b"forecourt csrf", "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def sha256(text: str) -> bytes:
    """SHA-256 of the UTF-8 text."""
    return hashlib.sha256(text.encode()).digest()


def same(one: bytes | str, other: bytes | str) -> bool:
    """Compare in constant time."""
    a = one.encode() if isinstance(one, str) else one
    b = other.encode() if isinstance(other, str) else other
    return hmac.compare_digest(a, b)
