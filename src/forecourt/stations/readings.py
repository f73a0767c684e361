"""What a station measures: one wide reading per time stamp, whatever the protocol version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec


class SignedValue(msgspec.Struct):
    """A signed meter value, verbatim (OCPP 2.x `signedMeterValue`, or a 1.6 `SignedData` sample)."""

    data: str
    context: str | None = None
    measurand: str | None = None
    signing_method: str | None = None
    encoding_method: str | None = None
    public_key: str | None = None


class MeterReading(msgspec.Struct):
    """All that a station measured at one of its time stamps, in one context.

    Energy in Wh, power in W, current in A, voltage in V, state of charge in percent, temperature in °C.
    `raw_stamp` is the time as the station wrote it (`None` when it wrote none); `stamped_at` is what was
    read from it (`None` when missing or unreadable). `context` is the OCPP reading context,
    `Sample.Periodic` when absent. Registers are of the outlet (or the whole EVSE); per-phase registers are
    summed only when no total is given. `other` holds what has no column of its own, by
    `measurand[/phase][@location]`, as text.
    """

    stamped_at: datetime | None
    raw_stamp: str | None = None
    context: str = "Sample.Periodic"
    import_wh: Decimal | None = None
    export_wh: Decimal | None = None
    import_interval_wh: Decimal | None = None
    export_interval_wh: Decimal | None = None
    power_w: Decimal | None = None
    power_l1_w: Decimal | None = None
    power_l2_w: Decimal | None = None
    power_l3_w: Decimal | None = None
    current_a: Decimal | None = None
    current_l1_a: Decimal | None = None
    current_l2_a: Decimal | None = None
    current_l3_a: Decimal | None = None
    voltage_v: Decimal | None = None
    voltage_l1_v: Decimal | None = None
    voltage_l2_v: Decimal | None = None
    voltage_l3_v: Decimal | None = None
    soc_percent: Decimal | None = None
    temperature_c: Decimal | None = None
    power_offered_w: Decimal | None = None
    current_offered_a: Decimal | None = None
    other: Mapping[str, str] = {}
    signed: tuple[SignedValue, ...] = ()
