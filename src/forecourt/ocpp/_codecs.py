"""Compiled msgspec decoders, made on first use and kept."""

from functools import cache
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Raw

from forecourt.ocpp._actions import ACTIONS
from forecourt.ocpp._payload import Payload, decode_hook, decode_number
from forecourt.ocpp._versions import Version

MAX_ID_LENGTH: Final = 36

_Id = Annotated[str, Meta(min_length=1, max_length=MAX_ID_LENGTH)]

CALL: Final = msgspec.json.Decoder(tuple[int, _Id, str, Raw])
"""A well-formed CALL or SEND, the payload left as it is."""
RESULT: Final = msgspec.json.Decoder(tuple[int, _Id, Raw])
"""A well-formed CALLRESULT, the payload left as it is."""


@cache
def payload_decoder(struct: type[Payload]) -> msgspec.json.Decoder[Payload]:
    """The strict decoder for one struct."""
    return msgspec.json.Decoder(struct, dec_hook=decode_hook, float_hook=decode_number)


class Decoders(dict[str, msgspec.json.Decoder[Payload]]):
    """Decoders of one version's requests or responses; an unknown action raises `KeyError`."""

    def __init__(self, version: Version, *, responses: bool = False, send: bool = False) -> None:
        super().__init__()
        self._version = version
        self._responses = responses
        self._send = send

    def __missing__(self, action: str) -> msgspec.json.Decoder[Payload]:
        kind = ACTIONS[self._version][action]
        if kind.is_send != self._send:
            raise KeyError(action)
        struct = kind.response if self._responses else kind.request
        if struct is None:
            raise KeyError(action)
        self[action] = decoder = payload_decoder(struct)
        return decoder


REQUESTS: Final = {version: Decoders(version) for version in Version}
SENDS: Final = {version: Decoders(version, send=True) for version in Version}
RESPONSES: Final = {version: Decoders(version, responses=True) for version in Version}


def convert(value: Any, struct: type[Payload]) -> Payload:
    """A payload from plain values, with every constraint of the schema checked.

    Raises:
        msgspec.ValidationError: it breaks one.
    """
    return msgspec.convert(value, struct, dec_hook=decode_hook)
