"""Settling: the running price is the final one, records are immutable, late facts make a revision."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecourt.charging.settle import close_silent, settle_due
from forecourt.charging.write_batch import SessionChanged
from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database
from forecourt.stations.events import Event

from .site import IDLE, Site, at, copy_of, event2, reading, start, status, stop, transaction_of, values


async def settle(site: Site, minute: float = 5000) -> list[dict[str, object]]:
    """Settle what is due, and read this operator's records."""
    site.database.clock = ManualClock(at(minute))
    while await settle_due(site.database, prices=site.prices):
        pass
    return await site.rows(
        "SELECT * FROM charge_detail_record WHERE operator_id = %(op)s ORDER BY session_id, revision"
    )


class TestSettle:
    async def test_makes_a_record_with_price_trace_and_timeline(self, database: Database) -> None:
        site = await Site.build(database)
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        await site.drive(values(tx, reading(10, 3000)), values(tx, reading(20, 5000)), stop(tx, 22, 5100))
        running = await site.session()
        (record,) = await settle(site)
        assert record["energy_wh"] == 4100
        assert record["total_after_taxes_minor"] == 205
        assert running["cost_after_taxes"] == Decimal("2.05")
        price = record["price"]
        assert isinstance(price, dict)
        assert price["trace"]
        timeline = record["timeline"]
        assert isinstance(timeline, dict)
        assert sum(Decimal(wh) for _, wh in timeline["quarters"]) == 4100
        assert len(timeline["quarters"]) == 2
        row = await site.session()
        assert row["settle_after"] is None
        assert row["settled_revision"] == 1
        assert "cdr.created" in await site.events()

    async def test_a_late_reading_makes_a_new_revision_and_a_repeat_makes_none(
        self, database: Database
    ) -> None:
        site = await Site.build(database)
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        await site.drive(stop(tx, 22, 5100))
        await settle(site)
        await site.drive(stop(tx, 22, 5100), received_at=at(100))
        assert len(await settle(site)) == 1
        late = values(tx, reading(11, 3000))
        await site.drive(late, received_at=at(120))
        await site.drive(copy_of(late), received_at=at(121))
        records = await settle(site)
        assert [record["revision"] for record in records] == [1, 2]
        assert records[1]["energy_wh"] == 4100

    async def test_a_record_is_never_changed(self, database: Database) -> None:
        site = await Site.build(database)
        (answer,) = await site.drive(start(0, 1000))
        await site.drive(stop(transaction_of(answer), 22, 5100))
        await settle(site)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await site.rows(
                "UPDATE charge_detail_record SET energy_wh = 0 WHERE operator_id = %(op)s RETURNING id"
            )

    async def test_a_session_without_tariff_is_settled_unpriced(self, database: Database) -> None:
        site = await Site.build(database, tariff=None)
        (answer,) = await site.drive(start(0, 1000))
        await site.drive(stop(transaction_of(answer), 22, 5100))
        (record,) = await settle(site)
        assert record["price"] is None
        assert record["quality"] == ["unpriced"]

    async def test_an_idle_tariff_runs_until_unplugging(self, database: Database) -> None:
        site = await Site.build(database, tariff=IDLE)
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        await site.drive(status("charging", 0.5), values(tx, reading(30, 11000)), stop(tx, 30, 11000))
        row = await site.session()
        assert (row["state"], row["ended_at"], row["stopped_at"]) == ("finishing", None, at(30))
        await site.drive(status("available", 90))
        row = await site.session()
        assert row["ended_at"] == at(90)
        (record,) = await settle(site)
        assert record["total_after_taxes_minor"] == 500 + 600

    async def test_an_idle_tariff_ends_with_the_stop_when_the_car_left_before_it(
        self, database: Database
    ) -> None:
        site = await Site.build(database, tariff=IDLE)
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        await site.drive(values(tx, reading(30, 11000)), status("available", 30.5), stop(tx, 30.6, 11000))
        row = await site.session()
        assert (row["ended_at"], row["end_cause"]) == (at(30.6), "driver")


class TestSilence:
    async def test_an_unplugging_that_nobody_tells_of_ends_at_the_last_fact(self, database: Database) -> None:
        site = await Site.build(database, tariff=IDLE)
        (answer,) = await site.drive(start(0, 1000))
        await site.drive(stop(transaction_of(answer), 30, 11000))
        assert (await site.session())["settle_after"] == at(30 + 24 * 60)
        (record,) = await settle(site)
        row = await site.session()
        assert (row["state"], row["ended_at"]) == ("ended", at(30))
        assert record["total_after_taxes_minor"] == 500
        last = (status("available", 90), start(5100, 20000))
        with pytest.raises(SessionChanged):
            await site.drive(*last, received_at=at(5100))
        await site.drive(*last, received_at=at(5100))
        assert [row["state"] for row in await site.sessions()] == ["ended", "preparing"]

    async def test_a_session_of_which_nothing_is_heard_ends_after_a_week(self, database: Database) -> None:
        site = await Site.build(database)
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        await site.drive(values(tx, reading(10, 2000)))
        site.database.clock = ManualClock(at(8 * 24 * 60))
        await close_silent(site.database)
        (record,) = await settle(site, 8 * 24 * 60)
        assert (record["ended_at"], record["energy_wh"]) == (at(10), 1000)
        assert (await site.session())["end_cause"] == "closed_by_evidence"
        late = stop(tx, 60, 4000)
        with pytest.raises(SessionChanged):
            await site.drive(late, received_at=at(8 * 24 * 60))
        await site.drive(late, received_at=at(8 * 24 * 60))
        records = await settle(site, 9 * 24 * 60)
        assert [record["energy_wh"] for record in records] == [1000, 3000]


EXPECTED = {"ocpp1.6": 115 + 190 + 50, "ocpp2.0.1": 115 + 190}
"""Cents: energy, idling from five minutes after the car suspended, and (1.6) plugged after the stop."""


def _session_16(tx: str) -> list[Event]:
    return [
        status("charging", 1),
        values(tx, reading(5, 1500, power_w=6000)),
        values(tx, reading(10, 2000, power_w=6000), reading(15, 2600)),
        status("suspended_ev", 16),
        values(tx, reading(25, 2600)),
        status("charging", 40),
        values(tx, reading(45, 3100)),
        stop(tx, 50, 3300),
        start(0, 1000),
    ]


def _session_2x() -> list[Event]:
    return [
        event2("started", 0, 0, reading(0, 1000, context="Transaction.Begin"), charging_state="ev_connected"),
        event2("updated", 1, 1, tag="04AABBCC", charging_state="charging"),
        event2("updated", 2, 5, reading(5, 1500, power_w=6000), charging_state="charging"),
        event2("updated", 3, 10, reading(10, 2000)),
        event2("updated", 4, 16, reading(16, 2600), charging_state="suspended_ev"),
        event2("updated", 5, 40, charging_state="charging"),
        event2("updated", 6, 45, reading(45, 3100)),
        event2("ended", 7, 50, reading(50, 3300, context="Transaction.End"), stopped_reason="EVDisconnected"),
    ]


orders = st.permutations(range(9)).flatmap(
    lambda order: st.lists(st.sampled_from(range(9)), max_size=4).map(lambda extra: [*order, *extra])
)
batches = st.lists(st.integers(1, 5), min_size=12, max_size=12)
slow = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("protocol", ["ocpp1.6", "ocpp2.0.1"])
@slow
@given(order=orders, sizes=batches, restart=st.booleans())
async def test_any_order_and_repetition_of_messages_gives_the_same_energy_and_price(
    database: Database, protocol: str, order: list[int], sizes: list[int], restart: bool
) -> None:
    site = await Site.build(database, protocol, tariff=IDLE)
    tx = ""
    if protocol == "ocpp1.6":
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
    messages = _session_16(tx) if tx else _session_2x()
    todo = [copy_of(messages[index % len(messages)]) for index in order]
    for size in sizes:
        part, todo = todo[:size], todo[size:]
        if part:
            await site.drive(*part, received_at=at(60))
        if restart:
            site.restart()
    if todo:
        await site.drive(*todo, received_at=at(61))
    if protocol == "ocpp1.6":
        await site.drive(status("available", 55), received_at=at(62))
    assert await site.count("session") == 1
    running = await site.session()
    records = await settle(site)
    final = records[-1]
    assert final["energy_wh"] == running["energy_wh"] == 2300
    assert final["quality"] == running["quality"] == []
    assert final["total_after_taxes_minor"] == EXPECTED[protocol]
    assert running["cost_after_taxes"] == Decimal(EXPECTED[protocol]) / 100
    assert final["ended_at"] == at(50) + (timedelta(minutes=5) if tx else timedelta())
