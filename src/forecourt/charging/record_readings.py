"""Meter readings: a row for each stamp, and a fact for the session that they belong to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from forecourt.charging.fold import Fact
from forecourt.charging.memory import (
    AHEAD,
    EARLIEST,
    EPOCH,
    READING_COLUMNS,
    Batch,
    OpenSession,
    OrphanReadings,
    StationMemory,
)
from forecourt.kit.ids import new_id
from forecourt.stations.events import Inbound, MeterValuesReported
from forecourt.stations.readings import MeterReading

_KEPT_RECENT = 64
_FIRST_VALUE = READING_COLUMNS.index("import_wh")
_SESSION = READING_COLUMNS.index("session_id")
_QUALITY = READING_COLUMNS.index("quality")


def record_meter_values(
    station: StationMemory, message: Inbound, event: MeterValuesReported, *, into: Batch
) -> None:
    """MeterValues: of the transaction if it is known, else of the session open there and then.

    Readings of a transaction that nobody knows are parked as orphans. The main meter (EVSE 0) belongs to no
    session.
    """
    session = None
    if event.transaction is not None:
        session = station.by_transaction.get(event.transaction)
        scope = f"t:{event.transaction}"
    else:
        scope = f"e:{event.evse_no}"
    if session is not None:
        record_readings(station, message, event.readings, session, scope, event.evse_no, into=into)
        return
    at = message.received_at
    if event.readings:
        at = station.correct(event.readings[0].stamped_at, at)
    found = None
    if event.transaction is None or event.transaction not in station.parked:
        found = station.by_alias.get(event.transaction or "")
        if found is None and message.protocol == "ocpp1.6":
            found = station.open_by_evse.get(event.evse_no)
    if (
        found is not None
        and found.course.fold.stopped_at is None
        and found.transaction
        and at >= found.began_at
    ):
        record_readings(
            station, message, event.readings, found, scope, event.evse_no, into=into, in_transaction=False
        )
        return
    record_readings(station, message, event.readings, None, scope, event.evse_no, into=into)
    if event.transaction is not None:
        if event.transaction not in station.parked and all(
            orphan.transaction != event.transaction for orphan in station.orphan_readings
        ):
            station.orphan_readings.append(OrphanReadings(event.transaction, event.evse_no, at))
        into.orphans.append((
            station.operator_id, new_id(), station.station_id, f"readings:{event.transaction}:{at:%Y-%m-%d}",
            "readings", "UnknownTransaction", event.transaction, event.evse_no, None, at, message.received_at,
            None, None, message.message_id, None, None,
        ))  # fmt: skip


def record_readings(
    station: StationMemory,
    message: Inbound,
    readings: Sequence[MeterReading],
    session: OpenSession | None,
    scope: str,
    evse_no: int | None,
    *,
    into: Batch,
    in_transaction: bool = True,
) -> None:
    """Build the rows and let the session take the facts."""
    received_at = message.received_at
    session_id = None if session is None else session.id
    for reading in readings:
        stamped_at = reading.stamped_at
        raw = reading.raw_stamp
        if raw is None:
            raw = "" if stamped_at is None else stamped_at.isoformat()
        quality = None
        if stamped_at is None or stamped_at < EARLIEST or stamped_at > received_at + AHEAD:
            discriminator, stamp, quality = _fingerprint(reading), EPOCH, "clock"
            measured_at = received_at
        else:
            discriminator, stamp = 0, stamped_at
            measured_at = stamped_at - station.skew if station.skew else stamped_at
        context = reading.context
        key = (station.station_id.int, scope, raw, context, discriminator)
        other = reading.other
        row = [
            station.operator_id, station.station_id, scope, raw, context, discriminator, stamp, session_id, evse_no,
            measured_at, received_at, message.message_id, quality, reading.import_wh, reading.export_wh,
            reading.import_interval_wh, reading.export_interval_wh, reading.power_w, reading.power_l1_w,
            reading.power_l2_w, reading.power_l3_w, reading.current_a, reading.current_l1_a, reading.current_l2_a,
            reading.current_l3_a, reading.voltage_v, reading.voltage_l1_v, reading.voltage_l2_v, reading.voltage_l3_v,
            reading.soc_percent, reading.temperature_c, reading.power_offered_w, reading.current_offered_a,
            dict(other) if other else None,
        ]  # fmt: skip
        same = into.readings.setdefault(key, row)
        if same is not row:
            _merge(same, row, session, station, into)
        if reading.signed:
            _keep_signed(station, reading, session_id, scope, measured_at, into)
        if session is None:
            continue
        stamp_key = (raw, f"{context} {discriminator}" if discriminator else context)
        if stamp_key in session.recent:
            # A repeat: the database decides whether it says anything new.
            into.repeated[session.id] = session
            continue
        if len(session.recent) >= _KEPT_RECENT:
            session.recent.clear()
        session.recent.add(stamp_key)
        session.take(
            Fact(
                "reading", measured_at, context, reading.import_wh,
                reading.import_interval_wh if in_transaction else None,
                reading.power_w, reading.current_a, reading.soc_percent, in_transaction,
            )
        )  # fmt: skip
        into.touch(session)


def _merge(
    kept: list[Any], repeat: list[Any], session: OpenSession | None, station: StationMemory, into: Batch
) -> None:
    """Two readings of one key in one batch: fill what is empty, find what contradicts."""
    for index in range(_FIRST_VALUE, len(kept)):
        if repeat[index] is None or repeat[index] == kept[index]:
            continue
        if kept[index] is None:
            kept[index] = repeat[index]
            if session is not None:
                session.refold = True
                into.touch(session)
        else:
            contradiction(
                into, station.operator_id, station.station_id, kept, READING_COLUMNS[index], repeat[index]
            )


def contradiction(
    into: Batch, operator_id: UUID, station_id: UUID, kept: Sequence[Any], column: str, said: Any
) -> None:
    """The same reading told twice, differently: the first stands, a person may judge."""
    row = dict(zip(READING_COLUMNS, kept, strict=True))
    into.find(
        "ReadingContradicted",
        key=f"{station_id}:{row['scope']}:{row['raw_stamp']}:{row['context']}:{column}",
        operator_id=operator_id,
        at=row["received_at"],
        station_id=station_id,
        session_id=row["session_id"],
        column=column,
        kept=str(row[column]),
        said=str(said),
        stamp=row["raw_stamp"],
    )


def _fingerprint(reading: MeterReading) -> int:
    """Tells readings apart whose stamp means nothing: 63 bits of what they say."""
    values = msgspec.json.encode(msgspec.to_builtins(reading))
    return int.from_bytes(hashlib.blake2b(values, digest_size=8).digest(), "big") >> 1


def _keep_signed(
    station: StationMemory,
    reading: MeterReading,
    session_id: UUID | None,
    scope: str,
    at: datetime,
    into: Batch,
) -> None:
    for value in reading.signed:
        digest = hashlib.sha256(value.data.encode()).hexdigest()
        into.signed.append((
            station.operator_id, new_id(), station.station_id, scope, digest, session_id, at,
            value.context or reading.context, value.measurand, value.data, value.signing_method,
            value.encoding_method, value.public_key,
        ))  # fmt: skip
