"""What every generated message struct is made of."""

from abc import ABC
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import msgspec
from msgspec import Meta

INT64_MIN: Final = -(2**63)
INT64_MAX: Final = 2**63 - 1
MAX_NUMBER_LENGTH: Final = 128
MAX_EXPONENT: Final = 30
MAX_PLAIN: Final = 10**18

Int: TypeAlias = Annotated[int, Meta(ge=INT64_MIN, le=INT64_MAX)]
"""A JSON integer. The schemas set no bound; ours is 64 bits, because nothing behind it can store more."""

Timestamp: TypeAlias = Annotated[datetime, Meta(tz=True)]
"""An aware date and time. What is not RFC 3339 with an offset takes the slow road."""


class Payload(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """Base of every request, response and nested object; fields bear the names of the wire.

    An absent optional field is `None`, and `None` is left out when the message is encoded.
    """


if TYPE_CHECKING:
    Number: TypeAlias = Decimal
else:

    class Number(ABC):  # noqa: B024
        """A JSON number, decoded to `Decimal` without passing through a float.

        msgspec would also read its own `Decimal` from a JSON *string*, which the schemas forbid; a type
        that it does not know is handed to `decode_hook`, and `Decimal` counts as an instance of this one.
        """

    Number.register(Decimal)


class CustomData(dict[str, Any]):
    """The open extension object of OCPP 2.x: `vendorId` (at most 255 characters) and anything else."""


def decode_number(text: str) -> Decimal:
    """Read a JSON number with a fraction or an exponent; refuse what only a bomb would contain."""
    if len(text) > MAX_NUMBER_LENGTH:
        raise ValueError("Number out of range")
    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent that not even Decimal has
        raise ValueError("Number out of range") from None
    if number and not -MAX_EXPONENT < number.adjusted() < MAX_EXPONENT:
        raise ValueError("Number out of range")
    return number


def decode_hook(kind: type, value: Any) -> Any:
    """msgspec `dec_hook` for the two types above."""
    if kind is Number:
        if type(value) is Decimal:
            return value
        if type(value) is int:
            return Decimal(value) if -MAX_PLAIN < value < MAX_PLAIN else decode_number(str(value))
        raise ValueError(f"Expected `number`, got `{_json_name(value)}`")
    if kind is CustomData:
        if not isinstance(value, dict):
            raise ValueError(f"Expected `object`, got `{_json_name(value)}`")
        vendor = value.get("vendorId")
        if vendor is None:
            raise ValueError("Object missing required field `vendorId`")
        if not isinstance(vendor, str):
            raise ValueError(f"Expected `str`, got `{_json_name(vendor)}`")
        if len(vendor) > 255:
            raise ValueError("Expected `str` of length <= 255")
        return CustomData(value)
    raise NotImplementedError(kind)


def check_range(name: str, value: Decimal | None, low: int | None, high: int | None) -> None:
    """Enforce `minimum` and `maximum` of a number; msgspec has no such constraint for `Decimal`."""
    if value is None:
        return
    if low is not None and value < low:
        raise ValueError(f"Expected `number` >= {low} in `{name}`")
    if high is not None and value > high:
        raise ValueError(f"Expected `number` <= {high} in `{name}`")


def check_multiple(name: str, value: Decimal | None, step: str) -> None:
    """Enforce `multipleOf` of a number."""
    if value is not None and Decimal(str(value)) % Decimal(step):
        raise ValueError(f"Expected `number` that's a multiple of {step} in `{name}`")


def _json_name(value: Any) -> str:
    names = {
        str: "str",
        bool: "bool",
        int: "int",
        float: "float",
        Decimal: "float",
        list: "array",
        dict: "object",
    }
    return "null" if value is None else names.get(type(value), type(value).__name__)
