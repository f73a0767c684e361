"""OCPP 1.6: a session from its start to its stop, told once, twice, late or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest

from forecourt.kit.database import Database
from forecourt.stations.answers import TransactionAnswer
from forecourt.stations.events import Booted

from .site import TAG, Site, at, copy_of, reading, start, status, stop, transaction_of, values


@pytest.fixture
async def site(database: Database) -> Site:
    return await Site.build(database)


class TestStart:
    async def test_gives_an_id_and_a_session_with_its_place_and_tariff(self, site: Site) -> None:
        (answer,) = await site.drive(start())
        assert isinstance(answer, TransactionAnswer)
        assert answer.id_token is not None
        assert answer.id_token.status == "accepted"
        assert int(transaction_of(answer)) > 0
        row = await site.session()
        assert row["transaction"] == answer.transaction
        assert row["evse_id"] == site.evse_ids[0]
        assert row["location_id"] == site.location_id
        assert row["tariff_version_id"] is not None
        assert row["token_value"] == TAG
        assert "session.started" in await site.events()

    async def test_told_twice_is_answered_with_the_same_id(self, site: Site) -> None:
        first, again = await site.drive(start(), start())
        site.restart()
        (later,) = await site.drive(start())
        assert transaction_of(first) == transaction_of(again) == transaction_of(later)
        assert await site.count("session") == 1
        assert await site.count("session_timeline") == 2

    async def test_with_an_unknown_tag_is_recorded_and_refused_with_a_reason(self, site: Site) -> None:
        (answer,) = await site.drive(start(tag="NOBODY"))
        assert isinstance(answer, TransactionAnswer)
        assert answer.id_token is not None
        assert answer.id_token.status == "invalid"
        (attempt,) = await site.rows("SELECT * FROM authorisation WHERE operator_id = %(op)s")
        assert attempt["reason_code"] == "TokenUnknown"
        assert await site.count("session") == 1
        assert "token.refused" in await site.events()

    async def test_on_a_connector_in_use_closes_the_other_session_by_evidence(self, site: Site) -> None:
        first, second = await site.drive(start(0), start(30, wh=2000))
        old, new = await site.sessions()
        assert (old["state"], old["end_cause"]) == ("ended", "closed_by_evidence")
        assert old["settle_after"] > at(60 * 23)
        assert new["state"] == "preparing"
        await site.drive(stop(transaction_of(first), 25, 1900), received_at=at(40))
        old, new = await site.sessions()
        assert old["ended_at"] == at(25)
        assert old["energy_wh"] == 900
        assert old["end_cause"] == "driver"
        assert new["transaction"] == transaction_of(second)


class TestMeterValues:
    async def test_run_the_energy_and_the_price(self, site: Site) -> None:
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        await site.drive(values(tx, reading(10, 2000, power_w=7000)), values(tx, reading(20, 3000)))
        row = await site.session()
        assert row["energy_wh"] == 2000
        assert row["cost_before_taxes"] == Decimal("1.00")
        assert row["state"] == "charging"
        assert await site.count("meter_reading") == 2
        assert site.live[-1][1]["cost"] == "1.00"

    async def test_told_twice_change_nothing(self, site: Site) -> None:
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        messages = [values(tx, reading(10, 2000)), values(tx, reading(20, 3000))]
        await site.drive(*messages)
        before = await site.session()
        site.restart()
        await site.drive(*(copy_of(message) for message in messages), received_at=at(30))
        after = await site.session()
        assert after["energy_wh"] == before["energy_wh"] == 2000
        assert after["cost_after_taxes"] == before["cost_after_taxes"]
        assert await site.count("meter_reading") == 2

    async def test_out_of_order_are_folded_in_order(self, site: Site) -> None:
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        await site.drive(values(tx, reading(20, 3000)))
        await site.drive(values(tx, reading(10, 2000)), received_at=at(21))
        row = await site.session()
        assert row["energy_wh"] == 2000
        assert row["quality"] == []

    async def test_a_repeat_fills_empty_columns_and_a_contradiction_is_a_finding(self, site: Site) -> None:
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        await site.drive(values(tx, reading(10, power_w=7000)))
        await site.drive(values(tx, reading(10, 2000, power_w=8000)))
        (row,) = await site.rows("SELECT * FROM meter_reading WHERE operator_id = %(op)s")
        assert (row["import_wh"], row["power_w"]) == (2000, 7000)
        assert (await site.session())["energy_wh"] == 1000
        (finding,) = await site.rows("SELECT * FROM finding WHERE operator_id = %(op)s")
        assert finding["code"] == "ReadingContradicted"
        assert finding["params"]["said"] == "8000"

    async def test_without_transaction_belong_to_the_session_on_the_connector(self, site: Site) -> None:
        await site.drive(start(0, 1000))
        await site.drive(values(None, reading(10, 2500)))
        assert (await site.session())["energy_wh"] == 1500

    async def test_of_an_unknown_transaction_are_kept_and_reported(self, site: Site) -> None:
        await site.drive(values("99", reading(10, 2500)))
        assert await site.count("meter_reading") == 1
        (orphan,) = await site.rows("SELECT * FROM orphan WHERE operator_id = %(op)s")
        assert (orphan["kind"], orphan["transaction"]) == ("readings", "99")

    async def test_that_jump_are_held_for_review(self, site: Site) -> None:
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        await site.drive(
            values(tx, reading(10, 2000)), values(tx, reading(20, 902000)), values(tx, reading(30, 903000))
        )
        await site.drive(stop(tx, 31, 903000))
        row = await site.session()
        assert row["energy_wh"] == 2000
        assert row["held_wh"] == 900000
        assert "jump_held" in row["quality"]
        (finding,) = await site.rows("SELECT * FROM finding WHERE operator_id = %(op)s")
        assert (finding["code"], finding["params"]["held_wh"]) == ("EnergyHeld", "900000")

    async def test_with_a_clock_at_1970_are_told_apart(self, site: Site) -> None:
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        old = at(0).replace(year=1970)
        one, two = reading(10, 2000), reading(10, 3000)
        one.stamped_at = two.stamped_at = old
        one.raw_stamp = two.raw_stamp = old.isoformat()
        await site.drive(values(tx, one), received_at=at(10))
        await site.drive(values(tx, two), received_at=at(20))
        assert await site.count("meter_reading") == 2
        assert (await site.session())["energy_wh"] == 2000


class TestStop:
    async def test_ends_the_session_and_is_ready_to_settle(self, site: Site) -> None:
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        await site.drive(values(tx, reading(10, 2000)))
        await site.drive(stop(tx, 20, 4000, stopped_reason="Local"))
        row = await site.session()
        assert (row["state"], row["end_cause"]) == ("ended", "driver")
        assert row["energy_wh"] == 3000
        assert row["settle_after"] == at(20)
        assert "session.ended" in await site.events()

    async def test_told_twice_changes_nothing(self, site: Site) -> None:
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        end = stop(tx, 20, 4000, readings=(reading(20, 4000, context="Transaction.End"),))
        await site.drive(end, copy_of(end))
        before = await site.session()
        site.restart()
        await site.drive(copy_of(end), received_at=at(30))
        after = await site.session()
        assert after["revision"] == before["revision"]
        assert await site.count("meter_reading") == 1
        assert (await site.events()).count("session.ended") == 1
        assert "session.corrected" not in await site.events()

    async def test_from_an_offline_queue_waits_before_it_settles(self, site: Site) -> None:
        (answer,) = await site.drive(start(0, 1000))
        await site.drive(stop(transaction_of(answer), 20, 4000), received_at=at(300))
        row = await site.session()
        assert row["ended_at"] == at(20)
        assert row["settle_after"] == at(315)

    async def test_with_minus_one_is_matched_by_tag(self, site: Site) -> None:
        await site.drive(start(0, 1000))
        await site.drive(stop("-1", 20, 4000, tag=TAG))
        row = await site.session()
        assert row["energy_wh"] == 3000
        (orphan,) = await site.rows("SELECT * FROM orphan WHERE operator_id = %(op)s")
        assert orphan["matched_session_id"] == row["id"]

    async def test_of_an_unknown_transaction_stops_nobody(self, site: Site) -> None:
        await site.drive(start(0, 1000))
        await site.drive(stop("123456", 20, 4000))
        assert (await site.session())["ended_at"] is None
        assert await site.count("orphan") == 1

    async def test_that_came_before_its_start_is_found_by_it(self, site: Site) -> None:
        await site.drive(stop("0", 20, 4000, tag=TAG))
        await site.drive(start(0, 1000), received_at=at(30))
        row = await site.session()
        assert (row["state"], row["ended_at"], row["energy_wh"]) == ("ended", at(20), 3000)
        (orphan,) = await site.rows("SELECT * FROM orphan WHERE operator_id = %(op)s")
        assert orphan["matched_session_id"] == row["id"]
        await site.drive(start(40, 5000))
        assert (await site.sessions())[-1]["ended_at"] is None

    async def test_below_the_last_reading_falls_back_to_it(self, site: Site) -> None:
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        await site.drive(values(tx, reading(10, 4000)))
        await site.drive(stop(tx, 20, 0))
        row = await site.session()
        assert row["energy_wh"] == 3000
        assert "register_fell" not in row["quality"] or row["held_wh"] == 0


class TestStatus:
    async def test_available_closes_a_zombie_and_the_late_stop_mends_it(self, site: Site) -> None:
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        await site.drive(status("charging", 1), values(tx, reading(10, 2000)))
        await site.drive(status("available", 30))
        row = await site.session()
        assert (row["state"], row["end_cause"], row["ended_at"]) == ("ended", "closed_by_evidence", at(30))
        await site.drive(stop(tx, 25, 3000), received_at=at(90))
        row = await site.session()
        assert (row["end_cause"], row["ended_at"], row["energy_wh"]) == ("driver", at(25), 2000)
        assert "session.corrected" in await site.events()

    async def test_that_is_older_than_the_session_is_ignored(self, site: Site) -> None:
        await site.drive(start(0, 1000))
        await site.drive(status("available", -5), received_at=at(1))
        assert (await site.session())["ended_at"] is None

    async def test_preparing_after_a_boot_shows_that_the_transaction_is_lost(self, site: Site) -> None:
        await site.drive(start(0, 1000))
        await site.drive(Booted("V", "M"), received_at=at(15))
        await site.drive(status("preparing", 16))
        row = await site.session()
        assert (row["end_cause"], row["ended_at"]) == ("closed_by_evidence", at(15))

    async def test_a_reading_after_available_shows_that_it_goes_on(self, site: Site) -> None:
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        await site.drive(values(tx, reading(5, 2000)), status("available", 10))
        await site.drive(values(tx, reading(15, 3000)))
        row = await site.session()
        assert row["ended_at"] is None
        assert row["energy_wh"] == 2000
        assert "reopened" in row["quality"]
