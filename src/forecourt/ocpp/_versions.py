"""The protocol versions we speak."""

from enum import StrEnum
from typing import TypeAlias

MessageId: TypeAlias = str | int
"""A message id. The protocol says string; a station that sends an integer gets its integer back."""


class Version(StrEnum):
    """An OCPP version; the value is the number in its WebSocket subprotocol."""

    V16 = "1.6"
    V201 = "2.0.1"
    V21 = "2.1"

    @property
    def subprotocol(self) -> str:
        """The registered WebSocket subprotocol, e.g. `ocpp2.0.1`."""
        return f"ocpp{self.value}"

    @classmethod
    def find_by_subprotocol(cls, name: str) -> "Version | None":
        """The version for a subprotocol name, or `None` if we do not speak it."""
        return _BY_SUBPROTOCOL.get(name)


_BY_SUBPROTOCOL = {version.subprotocol: version for version in Version}


class Strictness(StrEnum):
    """How much a station may deviate before its message is refused.

    `strict` reads only what the schemas allow (conformance tests). `standard` also reads what known
    stations are known to send, as long as the meaning is clear. `lenient` also fills in what is missing.
    """

    STRICT = "strict"
    STANDARD = "standard"
    LENIENT = "lenient"
