"""Sessions before their transaction: plugged or authorised first, refused, timed out, unplugged, taken over."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from forecourt.charging.settle import settle_due
from forecourt.charging.write_batch import SessionChanged
from forecourt.kit.clock import ManualClock
from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.stations.events import AuthorizeRequested, CommandAnswered, IdTokenRef

from .site import IDLE, TAG, Site, at, copy_of, event2, reading, start, status, stop, transaction_of, values


async def one_evse(database: Database, protocol: str = "ocpp1.6", **more: Any) -> Site:
    """A site whose station has one EVSE."""
    site = await Site.build(database, protocol, **more)
    await site.rows(
        "UPDATE installation SET valid_to = %(at)s WHERE evse_id = %(evse)s RETURNING id",
        at=at(-9000), evse=site.evse_ids[1],
    )  # fmt: skip
    return site


async def authorise(site: Site, minute: float, tag: str = TAG, kind: str | None = None) -> None:
    await site.drive(AuthorizeRequested(IdTokenRef(tag, kind)), received_at=at(minute))


async def remote_start(site: Site, minute: float, tag: str = TAG, evse_no: int | None = 1) -> Any:
    """A remote start that the station accepted at the minute."""
    (command,) = await site.rows(
        "INSERT INTO command (operator_id, id, station_id, number, kind, params, status, expires_at, created_at)"
        " VALUES (%(op)s, %(id)s, %(station)s, 7, 'remote-start',"
        "  jsonb_build_object('id_token', %(tag)s::text, 'evse_no', %(evse)s::int),"
        "  'accepted', %(at)s, %(at)s) RETURNING id",
        id=new_id(), station=site.station_id, at=at(minute), tag=tag, evse=evse_no,
    )  # fmt: skip
    await site.drive(CommandAnswered(command["id"], "accepted"), received_at=at(minute))
    return command["id"]


async def timeline(site: Site) -> list[tuple[str, str | None]]:
    rows = await site.rows(
        "SELECT kind, cause, message_id FROM session_timeline WHERE operator_id = %(op)s ORDER BY at, id"
    )
    assert all(row["message_id"] for row in rows if row["cause"] not in ("connection_timeout", "silence"))
    return [(row["kind"], row["cause"]) for row in rows]


async def settle(site: Site, moment: datetime) -> None:
    site.database.clock = ManualClock(moment)
    while await settle_due(site.database, prices=site.prices):
        pass


class TestPluggedFirst:
    async def test_one_session_from_plug_in_to_unplugging(self, database: Database) -> None:
        site = await Site.build(database, tariff=IDLE)
        await site.drive(status("available", -5), status("preparing", 0))
        row = await site.session()
        assert (row["state"], row["opened_at"], row["transaction"]) == ("plugged", at(0), None)
        (answer,) = await site.drive(start(2, 1000))
        tx = transaction_of(answer)
        assert (await site.session())["state"] == "preparing"
        await site.drive(status("charging", 3), values(tx, reading(30, 11000)), stop(tx, 40, 11000))
        await site.drive(status("finishing", 40.1))
        assert (await site.session())["state"] == "finishing"
        await site.drive(status("available", 70))
        row = await site.session()
        assert (row["state"], row["opened_at"], row["started_at"], row["ended_at"]) == (
            "ended", at(0), at(2), at(70),
        )  # fmt: skip
        assert row["transaction"] == tx
        assert row["energy_wh"] == 10000
        assert row["currency"] == "EUR"
        assert [kind for kind, _ in await timeline(site)] == [
            "plugged", "started", "authorised", "state", "stopped", "state", "unplugged",
        ]  # fmt: skip
        await settle(site, at(5000))
        (record,) = await site.rows("SELECT * FROM charge_detail_record WHERE operator_id = %(op)s")
        assert (record["started_at"], record["energy_wh"]) == (at(2), 10000)
        assert (await site.events()).count("session.started") == 1

    async def test_survives_a_restart_before_its_start(self, database: Database) -> None:
        site = await Site.build(database)
        await site.drive(status("preparing", 0))
        site.restart()
        (answer,) = await site.drive(start(2, 1000))
        site.restart()
        await site.drive(stop(transaction_of(answer), 20, 4000))
        row = await site.session()
        assert (row["state"], row["energy_wh"], row["cost_after_taxes"]) == ("ended", 3000, Decimal("1.5"))

    async def test_that_never_starts_ends_at_unplugging_and_owes_nothing(self, database: Database) -> None:
        site = await Site.build(database)
        await site.drive(status("preparing", 0), status("available", 9))
        row = await site.session()
        assert (row["state"], row["end_cause"], row["ended_at"]) == ("ended", "driver", at(9))
        await settle(site, at(60))
        assert await site.count("charge_detail_record") == 0
        assert (await site.session())["settled_at"] == at(60)
        assert "session.ended" in await site.events()

    async def test_a_status_told_again_or_after_a_session_is_no_new_car(self, database: Database) -> None:
        site = await Site.build(database)
        await site.drive(status("preparing", 0), status("preparing", 1))
        (answer,) = await site.drive(start(2, 1000))
        await site.drive(
            stop(transaction_of(answer), 20, 4000), status("finishing", 20.1), status("preparing", 21)
        )
        site.restart()
        await site.rows(
            "UPDATE connector SET status = 'preparing', status_since = %(at)s WHERE operator_id = %(op)s RETURNING id",
            at=at(21),
        )  # fmt: skip
        await site.drive(status("preparing", 22))
        assert await site.count("session") == 1
        await site.drive(status("available", 30), status("preparing", 40))
        assert [row["state"] for row in await site.sessions()] == ["ended", "plugged"]

    async def test_an_offline_start_of_an_earlier_car_leaves_it_waiting(self, database: Database) -> None:
        site = await Site.build(database)
        await site.drive(status("available", 60), status("preparing", 90))
        (answer,) = await site.drive(start(0, 1000), received_at=at(91))
        await site.drive(stop(transaction_of(answer), 30, 4000), received_at=at(91))
        early, waiting = await site.sessions()
        assert (early["state"], early["energy_wh"]) == ("ended", 3000)
        assert (waiting["state"], waiting["opened_at"]) == ("plugged", at(90))


class TestAuthorisedFirst:
    async def test_at_a_station_with_one_evse_authorize_opens_the_session(self, database: Database) -> None:
        site = await one_evse(database)
        await authorise(site, 0)
        row = await site.session()
        assert (row["state"], row["token_value"], row["token_status"]) == ("authorised", TAG, "accepted")
        assert row["evse_id"] == site.evse_ids[0]
        await site.drive(status("preparing", 1))
        assert (await site.session())["state"] == "preparing"
        await site.drive(start(1.5, 1000))
        row = await site.session()
        assert (row["state"], row["opened_at"], row["started_at"]) == ("preparing", at(0), at(1.5))
        assert row["token_id"] is not None
        assert [kind for kind, _ in await timeline(site)] == [
            "authorised",
            "plugged",
            "started",
            "authorised",
        ]

    async def test_with_two_evses_it_is_bound_by_the_start(self, database: Database) -> None:
        site = await Site.build(database)
        await authorise(site, 0)
        assert await site.count("session") == 0
        await site.drive(start(1, 1000, evse_no=2))
        assert (await site.session())["evse_id"] == site.evse_ids[1]

    @pytest.mark.parametrize(("said", "until"), [(None, 3), ("300", 6)])
    async def test_without_a_car_it_ends_by_time_out(
        self, database: Database, said: str | None, until: float
    ) -> None:
        site = await one_evse(database)
        if said is not None:
            await site.rows(
                "INSERT INTO variable (operator_id, id, station_id, component, component_instance, evse_no,"
                " connector_no, variable, variable_instance, attribute, value, changed_at, seen_at) VALUES"
                " (%(op)s, %(id)s, %(station)s, '', '', 0, 0, 'ConnectionTimeOut', '', 'Actual', %(said)s, %(at)s,"
                " %(at)s) RETURNING id",
                id=new_id(), station=site.station_id, said=said, at=at(-1),
            )  # fmt: skip
        await authorise(site, 0)
        await settle(site, at(until - 0.1))
        assert (await site.session())["state"] == "authorised"
        await settle(site, at(until + 0.1))
        row = await site.session()
        assert (row["state"], row["end_cause"], row["ended_at"]) == ("ended", "timed_out", at(until))
        assert (await timeline(site))[-1] == ("closed_by_evidence", "connection_timeout")
        assert await site.count("charge_detail_record") == 0
        assert "session.ended" in await site.events()
        site.restart()
        await site.drive(status("preparing", until + 1))
        assert (await site.sessions())[-1]["state"] == "plugged"

    async def test_that_timed_out_while_it_was_in_memory_is_read_again(self, database: Database) -> None:
        site = await one_evse(database)
        await authorise(site, 0)
        await settle(site, at(10))
        late = start(11, 1000)
        with pytest.raises(SessionChanged):
            await site.drive(late)
        await site.drive(copy_of(late))
        gone, here = await site.sessions()
        assert (gone["end_cause"], here["state"]) == ("timed_out", "preparing")

    async def test_preparing_by_a_tag_alone_is_a_time_out_too(self, database: Database) -> None:
        site = await one_evse(database)
        await authorise(site, 0)
        await site.drive(status("preparing", 0.1), status("available", 2.1))
        assert (await site.session())["end_cause"] == "timed_out"

    async def test_a_car_that_comes_in_time_is_not_timed_out(self, database: Database) -> None:
        site = await one_evse(database)
        await authorise(site, 0)
        await site.drive(status("preparing", 1))
        await settle(site, at(60))
        assert (await site.session())["state"] == "preparing"

    async def test_authorize_during_a_transaction_says_nothing(self, database: Database) -> None:
        site = await one_evse(database)
        await site.drive(start(0, 1000))
        await authorise(site, 5)
        await authorise(site, 6, "NOBODY")
        row = await site.session()
        assert (row["state"], row["token_value"]) == ("preparing", TAG)

    async def test_a_tariff_published_after_the_authorisation_does_not_price_it(
        self, database: Database
    ) -> None:
        site = await one_evse(database)
        await authorise(site, 0)
        before = (await site.session())["tariff_version_id"]
        assert before is not None
        await publish(site, at(1), "0.90")
        await site.drive(start(2, 1000))
        assert (await site.session())["tariff_version_id"] == before


async def publish(site: Site, moment: datetime, price: str) -> None:
    """The next version of the site's tariff, from a moment on."""
    document = {"currency": "EUR", "elements": [{"prices": [{"dimension": "energy", "price": price}]}]}
    async with site.database.transaction(site.operator_id) as uow:
        (old,) = await uow.session.execute(
            text(
                "UPDATE tariff_version SET status = 'retired', retired_at = :at WHERE operator_id = :op"
                " RETURNING operator_id, tariff_id, number"
            ),
            {"op": site.operator_id, "at": moment},
        )
        await uow.session.execute(
            text(
                "INSERT INTO tariff_version (operator_id, id, tariff_id, number, status, document, content_hash,"
                " published_at) VALUES (:op, :id, :tariff, :number, 'live', cast(:document AS jsonb), :hash, :at)"
            ),
            {
                "id": new_id(), "op": site.operator_id, "tariff": old.tariff_id, "number": old.number + 1,
                "at": moment, "hash": price,
                "document": str(document).replace("'", '"'),
            },
        )  # fmt: skip


class TestRefused:
    async def test_a_refused_token_ends_the_session_of_a_plugged_car(self, database: Database) -> None:
        site = await one_evse(database)
        await site.drive(status("preparing", 0))
        await authorise(site, 1, "NOBODY")
        row = await site.session()
        assert (row["state"], row["end_cause"], row["ended_at"]) == ("ended", "refused", at(1))
        assert ("refused", "TokenUnknown") in await timeline(site)
        await authorise(site, 2)
        assert (await site.sessions())[-1]["state"] == "preparing"  # the car is still there
        await site.drive(start(3, 1000))
        assert await site.count("session") == 2

    async def test_a_refused_start_is_recorded_and_ends_refused(self, database: Database) -> None:
        site = await Site.build(database)
        await site.drive(status("preparing", 0))
        (answer,) = await site.drive(start(1, 1000, tag="NOBODY"))
        await site.drive(stop(transaction_of(answer), 2, 1000, stopped_reason="DeAuthorized"))
        row = await site.session()
        assert (row["state"], row["end_cause"]) == ("ended", "refused")
        assert ("refused", "TokenUnknown") in await timeline(site)


class TestRemoteStart:
    async def test_that_is_accepted_opens_the_session_and_takes_effect_with_its_start(
        self, database: Database
    ) -> None:
        site = await Site.build(database)
        command_id = await remote_start(site, 0)
        row = await site.session()
        assert (row["state"], row["evse_no"], row["command_id"]) == ("authorised", 1, command_id)
        await site.drive(status("preparing", 1))
        (command,) = await site.rows("SELECT status FROM command WHERE operator_id = %(op)s")
        assert command["status"] == "accepted"
        site.restart()
        await site.drive(start(1.5, 1000))
        (command,) = await site.rows("SELECT status, evidence FROM command WHERE operator_id = %(op)s")
        row = await site.session()
        assert command["status"] == "effective"
        assert command["evidence"]["transaction"] == row["transaction"]
        assert row["command_id"] == command_id
        assert row["token_id"] is not None
        assert ("authorised", "remote_start") in await timeline(site)

    async def test_of_somebody_who_never_came_ends_when_another_starts(self, database: Database) -> None:
        site = await Site.build(database)
        await remote_start(site, 0, tag="APP-1")
        await site.drive(start(1, 1000))
        gone, here = await site.sessions()
        assert (gone["state"], gone["end_cause"]) == ("ended", "closed_by_evidence")
        assert (here["token_value"], here["state"]) == (TAG, "preparing")


class TestVersion2:
    @pytest.fixture
    async def site(self, database: Database) -> Site:
        return await Site.build(database, "ocpp2.0.1")

    async def test_occupied_opens_and_the_transaction_takes_over(self, site: Site) -> None:
        await site.drive(status("available", -5), status("occupied", 0))
        assert (await site.session())["state"] == "plugged"
        await site.drive(
            event2("started", 0, 1, reading(1, 1000), tag=TAG, charging_state="ev_connected"),
            event2("updated", 1, 2, charging_state="charging"),
            event2("ended", 2, 30, reading(30, 6000), stopped_reason="Local"),
        )
        await site.drive(status("occupied", 31), status("available", 40))
        row = await site.session()
        assert (row["state"], row["opened_at"], row["energy_wh"]) == ("ended", at(0), 5000)
        assert row["transaction"] == "tx-1"

    async def test_status_after_started_opens_nothing(self, site: Site) -> None:
        await site.drive(event2("started", 0, 0, charging_state="ev_connected"), status("occupied", 0.1))
        assert await site.count("session") == 1

    async def test_the_status_of_another_plug_of_the_evse_ends_nothing(self, site: Site) -> None:
        await site.drive(event2("started", 0, 0, reading(0, 1000), tag=TAG, charging_state="charging"))
        await site.drive(event2("updated", 1, 10, reading(10, 3000)))
        other = status("available", 11)
        other.connector_no = 2
        await site.drive(other)
        assert (await site.session())["state"] == "charging"

    async def test_a_queued_transaction_of_the_car_that_stands_there_leaves_no_second_session(
        self, site: Site
    ) -> None:
        await site.drive(status("occupied", 30))
        await site.drive(
            event2("started", 0, 0, reading(0, 1000), charging_state="charging", offline=True),
            event2("updated", 1, 20, reading(20, 3000), offline=True),
            received_at=at(31),
        )
        await site.drive(event2("ended", 2, 40, reading(40, 5000)))
        assert {row["state"] for row in await site.sessions()} == {"ended"}
        assert sum(row["energy_wh"] for row in await site.sessions()) == 4000

    async def test_the_version_is_the_one_of_the_authorisation(self, site: Site) -> None:
        await site.drive(event2("started", 0, 0, reading(0, 1000), charging_state="ev_connected"))
        first = (await site.session())["tariff_version_id"]
        await publish(site, at(5), "0.90")
        await site.drive(event2("updated", 1, 10, tag=TAG, charging_state="charging"))
        await site.drive(event2("ended", 2, 30, reading(30, 3000)))
        row = await site.session()
        assert row["tariff_version_id"] != first
        assert row["cost_after_taxes"] == Decimal("1.8")
