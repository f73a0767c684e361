"""OCPP 2.x: gaps, reordering, a missing Started, facts after Ended, cost in the answer."""

from __future__ import annotations

from decimal import Decimal

import pytest

from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.stations.answers import TransactionAnswer

from .site import TAG, Site, at, copy_of, event2, reading


@pytest.fixture
async def site(database: Database) -> Site:
    return await Site.build(database, "ocpp2.0.1")


def begin_reading(minute: float, wh: float) -> object:
    return reading(minute, wh, context="Transaction.Begin")


class TestOrder:
    async def test_in_order_goes_from_plugged_to_ended(self, site: Site) -> None:
        await site.drive(event2("started", 0, 0, reading(0, 1000), charging_state="ev_connected"))
        assert (await site.session())["state"] == "plugged"
        (answer,) = await site.drive(event2("updated", 1, 1, tag=TAG, charging_state="charging"))
        assert isinstance(answer, TransactionAnswer)
        assert answer.id_token is not None
        assert answer.id_token.status == "accepted"
        assert (await site.session())["state"] == "charging"
        await site.drive(event2("updated", 2, 10, reading(10, 3000)))
        (answer,) = await site.drive(
            event2("ended", 3, 20, reading(20, 5000), stopped_reason="EVDisconnected")
        )
        assert isinstance(answer, TransactionAnswer)
        assert answer.total_cost == Decimal("2.00")
        row = await site.session()
        assert (row["state"], row["energy_wh"], row["settle_after"]) == ("ended", 4000, at(20))

    async def test_authorised_before_plugging_in(self, site: Site) -> None:
        await site.drive(event2("started", 0, 0, tag=TAG))
        assert (await site.session())["state"] == "authorised"
        await site.drive(event2("updated", 1, 1, charging_state="ev_connected"))
        assert (await site.session())["state"] == "preparing"

    async def test_a_gap_waits_before_it_settles_and_ends_the_wait_when_filled(self, site: Site) -> None:
        await site.drive(event2("started", 0, 0, reading(0, 1000), charging_state="charging"))
        await site.drive(event2("ended", 2, 20, reading(20, 5000)))
        assert (await site.session())["settle_after"] == at(35)
        await site.drive(event2("updated", 1, 10, reading(10, 3000)), received_at=at(21))
        row = await site.session()
        assert row["settle_after"] == at(21)
        assert row["energy_wh"] == 4000

    async def test_ended_first_and_the_rest_later(self, site: Site) -> None:
        await site.drive(event2("ended", 3, 20, reading(20, 5000)))
        await site.drive(event2("updated", 1, 5, reading(5, 2000)), received_at=at(21))
        await site.drive(event2("started", 0, 0, reading(0, 1000)), received_at=at(22))
        row = await site.session()
        assert (row["state"], row["energy_wh"]) == ("ended", 4000)
        assert row["started_at"] == at(0)

    async def test_repeats_change_nothing(self, site: Site) -> None:
        messages = [
            event2("started", 0, 0, reading(0, 1000), tag=TAG, charging_state="charging"),
            event2("updated", 1, 10, reading(10, 3000)),
            event2("ended", 2, 20, reading(20, 5000)),
        ]
        await site.drive(*messages)
        before = await site.session()
        site.restart()
        await site.drive(*(copy_of(message) for message in messages), received_at=at(30))
        after = await site.session()
        assert after["revision"] == before["revision"]
        assert await site.count("meter_reading") == 3
        assert await site.count("authorisation") == 1

    async def test_an_event_after_ended_is_stored_and_does_not_reopen(self, site: Site) -> None:
        await site.drive(event2("started", 0, 0, reading(0, 1000)), event2("ended", 1, 20, reading(20, 5000)))
        await site.drive(event2("updated", 2, 25, reading(25, 5500)), received_at=at(25))
        row = await site.session()
        assert (row["state"], row["energy_wh"]) == ("ended", 4000)
        assert await site.count("meter_reading") == 3
        assert "reading_after_stop" in row["quality"]

    async def test_the_evse_may_become_known_later(self, site: Site) -> None:
        await site.drive(event2("started", 0, 0, reading(0, 1000), evse_no=None))
        assert (await site.session())["evse_id"] is None
        await site.drive(event2("updated", 1, 10, reading(10, 3000), evse_no=2))
        row = await site.session()
        assert row["evse_id"] == site.evse_ids[1]
        assert row["cost_after_taxes"] == 1

    async def test_two_evses_charge_at_once(self, site: Site) -> None:
        await site.drive(
            event2("started", 0, 0, reading(0, 1000), transaction="a", evse_no=1),
            event2("started", 0, 0, reading(0, 9000), transaction="b", evse_no=2),
            event2("updated", 1, 10, reading(10, 2000), transaction="a", evse_no=None),
            event2("updated", 1, 10, reading(10, 9500), transaction="b", evse_no=None),
        )
        first, second = await site.sessions()
        assert {first["energy_wh"], second["energy_wh"]} == {1000, 500}


class TestRemoteStart:
    @pytest.mark.parametrize("named_in", ["started", "updated"])
    async def test_is_effective_once_a_transaction_names_it(self, site: Site, named_in: str) -> None:
        await site.rows(
            "INSERT INTO command (operator_id, id, station_id, number, kind, params, status, expires_at, created_at)"
            " VALUES (%(op)s, %(id)s, %(station)s, 77, 'remote-start', '{}', 'accepted', %(at)s, %(at)s) RETURNING id",
            id=new_id(), station=site.station_id, at=at(-1),
        )  # fmt: skip
        first = 77 if named_in == "started" else None
        await site.drive(event2("started", 0, 0, reading(0, 1000), remote_start_no=first))
        await site.drive(event2("updated", 1, 1, remote_start_no=77))
        (command,) = await site.rows("SELECT id, status FROM command WHERE operator_id = %(op)s")
        assert command["status"] == "effective"
        assert (await site.session())["command_id"] == command["id"]


class TestFence:
    async def test_a_session_that_somebody_else_changed_is_read_again(self, site: Site) -> None:
        await site.drive(event2("started", 0, 0, reading(0, 1000)))
        await site.rows(
            "UPDATE session SET revision = revision + 1 WHERE operator_id = %(op)s RETURNING revision"
        )
        message = event2("updated", 1, 10, reading(10, 3000))
        with pytest.raises(Exception, match="changed by somebody else"):
            await site.drive(message)
        await site.drive(copy_of(message))
        assert (await site.session())["energy_wh"] == 2000


class TestFlood:
    async def test_what_a_busy_process_did_not_write_yet_is_folded_from_the_readings(
        self, site: Site
    ) -> None:
        names = [f"t{number}" for number in range(40)]
        for seq_no, minute in enumerate((0, 10, 10.005)):
            await site.drive(
                *(
                    event2(
                        "updated" if seq_no else "started", seq_no, minute, reading(minute, 1000 + 10 * seq_no),
                        transaction=name, evse_no=None, charging_state="charging",
                    )
                    for name in names
                )
            )  # fmt: skip
        assert {row["energy_wh"] for row in await site.sessions()} == {10}
        assert await site.count("meter_reading") == 120
        site.restart()
        await site.drive(
            *(
                event2("ended", 3, 20, reading(20, 1100), transaction=name, evse_no=None)
                for name in names[:20]
            )
        )
        rows = await site.sessions()
        assert sorted({row["energy_wh"] for row in rows}) == [10, 100]
        assert {row["settle_after"] for row in rows} == {None, at(20)}
        await site.drive(event2("updated", 3, 20, transaction=names[-1], evse_no=None))
        (row,) = [row for row in await site.sessions() if row["transaction"] == names[-1]]
        assert row["energy_wh"] == 20
