"""Everything the tariff package raises.

    TariffError
    ├── TariffInvalid        the tariff itself is malformed, contradictory or beyond the limits
    │   └── OcpiTariffInvalid    the same, found while reading an OCPI Tariff object
    ├── ContextInvalid       the facts around a session do not hold (unknown time zone, ...)
    ├── TimelineInvalid      a segment or reading is malformed (negative energy, ends before it starts, ...)
    │   ├── SegmentOutOfOrder    a segment starts before the previous one ended
    │   └── OcpiSessionInvalid   the same, found while reading OCPI charging periods
    ├── StateInvalid         a dumped state cannot be read
    │   └── StateMismatch        it belongs to another tariff version
    └── PreviewInvalid       a preview request is not of the right shape

The class name is the stable code. All are also `ValueError`, so that decoders add the path of the field.
"""


class TariffError(ValueError):
    """Root of everything this package raises; `code` is the stable name."""

    @property
    def code(self) -> str:
        return type(self).__name__


class TariffInvalid(TariffError):
    """The tariff is malformed, contradictory or beyond the limits."""


class OcpiTariffInvalid(TariffInvalid):
    """An OCPI Tariff object that cannot be priced."""


class ContextInvalid(TariffError):
    """The facts around a session do not hold, e.g. an unknown time zone."""


class TimelineInvalid(TariffError):
    """A segment or a reading is malformed."""


class SegmentOutOfOrder(TimelineInvalid):
    """A segment starts before the previous one ended: rate again from the stored readings."""


class OcpiSessionInvalid(TimelineInvalid):
    """OCPI charging periods that cannot be turned into a timeline."""


class StateInvalid(TariffError):
    """Bytes that are no dumped state."""


class StateMismatch(StateInvalid):
    """A dumped state of another tariff version."""


class PreviewInvalid(TariffError):
    """A preview request that is not of the right shape."""


def shown(value: object) -> str:
    """`value` as error messages quote it: short, and safe for integers of any length."""
    if isinstance(value, int) and value.bit_length() > 256:
        return "an enormous integer"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
