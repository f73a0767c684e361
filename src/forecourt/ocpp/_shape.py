"""The structs seen as plain shapes, for code that walks a message: the slow road and the encoder."""

from dataclasses import dataclass, field
from functools import cache
from typing import Literal, TypeAlias

from msgspec import inspect

from forecourt.ocpp._payload import CustomData, Number, Payload

Kind: TypeAlias = Literal[
    "struct", "list", "str", "int", "bool", "number", "timestamp", "enum", "custom", "any"
]


@dataclass(slots=True)
class Shape:
    """One type, reduced to what a walk over a message needs to know."""

    kind: Kind
    min_length: int | None = None
    max_length: int | None = None
    low: int | None = None
    high: int | None = None
    values: tuple[str, ...] = ()
    item: "Shape | None" = None
    struct: type[Payload] | None = None
    fields: "dict[str, tuple[Shape, bool]]" = field(default_factory=dict)
    """Name to (shape, required) of a struct."""

    @property
    def name(self) -> str:
        """The struct's name, or an empty text."""
        return self.struct.__name__ if self.struct is not None else ""


@cache
def shape_of(struct: type[Payload]) -> Shape:
    """The shape of a struct."""
    shape = Shape("struct", struct=struct)
    info = inspect.type_info(struct)
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{struct!r} is not a struct")
    shape.fields = {item.encode_name: (_shape(item.type), item.required) for item in info.fields}
    return shape


def _shape(kind: inspect.Type) -> Shape:
    match kind:
        case inspect.UnionType(types=types):
            return _shape(next(t for t in types if not isinstance(t, inspect.NoneType)))
        case inspect.StructType(cls=cls):
            return shape_of(cls)
        case inspect.ListType():
            return Shape(
                "list", min_length=kind.min_length, max_length=kind.max_length, item=_shape(kind.item_type)
            )
        case inspect.StrType():
            return Shape("str", max_length=kind.max_length)
        case inspect.IntType():
            return Shape("int", low=kind.ge, high=kind.le)
        case inspect.BoolType():
            return Shape("bool")
        case inspect.DateTimeType():
            return Shape("timestamp")
        case inspect.LiteralType(values=values):
            return Shape("enum", values=tuple(str(value) for value in values))
        case inspect.CustomType(cls=cls) if cls is Number:
            return Shape("number")
        case inspect.CustomType(cls=cls) if cls is CustomData:
            return Shape("custom")
    return Shape("any")


@cache
def needs_care(struct: type[Payload]) -> tuple[tuple[str, Shape], ...]:
    """The fields of a struct that hold, at any depth, a time stamp or a number: those that msgspec would
    not write the way stations read them."""
    return tuple((name, shape) for name, (shape, _) in shape_of(struct).fields.items() if _careful(shape))


def _careful(shape: Shape) -> bool:
    if shape.kind == "list":
        return shape.item is not None and _careful(shape.item)
    if shape.kind == "struct":
        return shape.struct is not None and bool(needs_care(shape.struct))
    return shape.kind in ("timestamp", "number")
