"""What a session was begun on: tariff of its time, limits, running cost, contract, and the station's clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from forecourt.charging.authorise import Authoriser
from forecourt.charging.handler import ChargingHandler
from forecourt.charging.own_tokens import OwnTokens
from forecourt.charging.ports import Limits, Question, Resolution
from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.stations.answers import Answer, TransactionAnswer, TransactionLimits
from forecourt.stations.events import Booted, Event

from .site import TAG, Site, at, event2, reading, start, status, stop, transaction_of, values
from .test_await_transaction import publish
from .test_settle import settle


def told(answer: Answer | None) -> TransactionAnswer:
    assert isinstance(answer, TransactionAnswer)
    return answer


class TestOfflineStart:
    async def test_is_priced_by_the_version_of_its_own_time(self, database: Database) -> None:
        site = await Site.build(database)
        await publish(site, at(60), "0.90")
        (answer, other) = await site.drive(start(0, 1000), start(120, 5000, evse_no=2), received_at=at(240))
        await site.drive(
            stop(transaction_of(answer), 30, 3000),
            stop(transaction_of(other), 150, 7000),
            received_at=at(241),
        )
        first, second = await site.sessions()
        assert (first["cost_after_taxes"], second["cost_after_taxes"]) == (Decimal("1.0"), Decimal("1.8"))
        assert first["tariff_version_id"] != second["tariff_version_id"]

    async def test_is_priced_by_the_assignment_of_its_own_time(self, database: Database) -> None:
        site = await Site.build(database)
        await site.rows(
            "UPDATE tariff_assignment SET valid_to = %(at)s WHERE operator_id = %(op)s RETURNING id",
            at=at(60),
        )
        await site.drive(event := event2("started", 0, 0, reading(0, 1000)), received_at=at(240))
        assert event.at == at(0)
        await site.drive(start(100, 1000, evse_no=2), received_at=at(240))
        first, second = await site.sessions()
        assert first["tariff_version_id"] is not None
        assert second["tariff_version_id"] is None

    async def test_a_clock_that_is_wrong_is_corrected_first(self, database: Database) -> None:
        site = await Site.build(database)
        await publish(site, at(60), "0.90")
        await site.rows("UPDATE station SET clock_skew_ms = 7200000 WHERE operator_id = %(op)s RETURNING id")
        (answer,) = await site.drive(start(120, 1000), received_at=at(240))
        await site.drive(stop(transaction_of(answer), 150, 3000), received_at=at(241))
        row = await site.session()
        assert (row["started_at"], row["cost_after_taxes"]) == (at(0), Decimal("1.0"))


class TestLimits:
    class FiveKwh:
        """A limiter."""

        async def limit(self, question: Question, resolution: Resolution) -> Limits:
            return Limits(energy_wh=Decimal(5000), cost=Decimal("12.5"))

    async def test_are_kept_and_told(self, database: Database) -> None:
        site = await Site.build(database, "ocpp2.1")
        site.handler = ChargingHandler(
            authoriser=Authoriser([OwnTokens(database)], limiter=self.FiveKwh()), prices=site.prices
        )
        (answer,) = await site.drive(event2("started", 0, 0, reading(0, 1000), tag=TAG))
        assert told(answer).limits == TransactionLimits(energy_wh=Decimal(5000), cost=Decimal("12.5"))
        (kept,) = await site.rows("SELECT limits FROM authorisation WHERE operator_id = %(op)s")
        assert kept["limits"] == {"energy_wh": "5000", "cost": "12.5"}
        (answer,) = await site.drive(event2("updated", 1, 5, reading(5, 2000)))
        assert told(answer).limits is None


class TestRunningCost:
    @pytest.mark.parametrize(("enabled", "cost"), [("true", Decimal("1.00")), ("false", None)])
    async def test_is_told_where_the_station_shows_it(
        self, database: Database, enabled: str, cost: Decimal | None
    ) -> None:
        site = await Site.build(database, "ocpp2.0.1")
        await site.rows(
            "INSERT INTO variable (operator_id, id, station_id, component, component_instance, evse_no, connector_no,"
            " variable, variable_instance, attribute, value, changed_at, seen_at) VALUES (%(op)s, %(id)s, %(station)s,"
            " 'TariffCostCtrlr', '', 0, 0, 'Enabled', 'Cost', 'Actual', %(value)s, %(at)s, %(at)s) RETURNING id",
            id=new_id(), station=site.station_id, value=enabled, at=at(-1),
        )  # fmt: skip
        await site.drive(event2("started", 0, 0, reading(0, 1000), tag=TAG, charging_state="charging"))
        (answer,) = await site.drive(event2("updated", 1, 5, reading(5, 2000)))
        (answer,) = await site.drive(event2("updated", 2, 10, reading(10, 3000)))
        assert told(answer).total_cost == cost
        (answer,) = await site.drive(event2("ended", 3, 20, reading(20, 4000)))
        assert told(answer).total_cost == Decimal("1.50")


class TestRecord:
    async def test_names_contract_and_issuer_of_the_token(self, database: Database) -> None:
        site = await Site.build(database)
        await site.rows(
            "UPDATE id_token SET contract_id = 'DE-ABC-C123', issuer = 'DE*ABC' WHERE operator_id = %(op)s RETURNING id"
        )
        (answer,) = await site.drive(start(0, 1000))
        await site.drive(stop(transaction_of(answer), 22, 5100))
        (record,) = await settle(site)
        assert (record["contract_id"], record["token_issuer"]) == ("DE-ABC-C123", "DE*ABC")


def shifted(event: Any, by: timedelta) -> Any:
    """The same event as a station tells it whose clock is off."""
    if hasattr(event, "at") and isinstance(event.at, datetime):
        event.at = event.at + by
        if hasattr(event, "raw_stamp"):
            event.raw_stamp = event.at.isoformat()
    for one in getattr(event, "readings", ()):
        one.stamped_at += by
        one.raw_stamp = one.stamped_at.isoformat()
    return event


class TestClock:
    async def test_that_is_set_during_a_session_is_followed(self, database: Database) -> None:
        """An hour ahead until it boots in the middle, then right: earlier readings keep their correction."""
        site = await Site.build(database)
        hour = timedelta(hours=1)

        async def say(event: Event, minute: float, by: timedelta) -> Answer | None:
            (answer,) = await site.drive(shifted(event, by), received_at=at(minute))
            return answer

        await say(status("preparing", 0), 0, hour)
        tx = transaction_of(await say(start(1, 1000), 1, hour))
        await say(status("charging", 2), 2, hour)
        await say(values(tx, reading(10, 2000)), 10, hour)
        await site.drive(Booted("V", "M"), received_at=at(11))
        for minute in (12, 13, 14):
            await say(status("charging", minute), minute, timedelta())
        await say(values(tx, reading(20, 3000)), 20, timedelta())
        await say(stop(tx, 30, 4000), 30, timedelta())
        row = await site.session()
        assert (row["started_at"], row["ended_at"], row["energy_wh"]) == (at(1), at(30), 3000)
        assert row["quality"] == []
        times = await site.rows(
            "SELECT measured_at FROM meter_reading WHERE operator_id = %(op)s ORDER BY measured_at"
        )
        assert [time["measured_at"] for time in times] == [at(10), at(20)]

    async def test_that_turns_out_wrong_during_a_session_keeps_its_order(self, database: Database) -> None:
        """Nothing was known of the clock when the session began: one correction holds for all of it."""
        site = await Site.build(database)
        by = timedelta(minutes=20)
        (answer,) = await site.drive(shifted(start(0, 1000), by), received_at=at(0))
        tx = transaction_of(answer)
        await site.drive(shifted(values(tx, reading(10, 2000)), by), received_at=at(10))
        await site.drive(shifted(status("charging", 11), by), received_at=at(11))
        await site.drive(shifted(values(tx, reading(15, 3000)), by), received_at=at(15))
        await site.drive(shifted(stop(tx, 20, 4000), by), received_at=at(20))
        row = await site.session()
        assert row["energy_wh"] == 3000
        assert row["quality"] == []
        await site.drive(shifted(status("available", 21), by), received_at=at(21))
        await site.drive(shifted(start(30, 4000), by), received_at=at(30))
        assert (await site.sessions())[-1]["started_at"] == at(30)
