"""ConcurrentTx: one place at a time, if the operator says so; every start is recorded all the same."""

from __future__ import annotations

import pytest

from forecourt.kit.database import Database
from forecourt.stations.answers import Answer, TransactionAnswer

from .site import TAG, Site, at, copy_of, event2, reading, start, stop, transaction_of


def status_of(answer: Answer | None) -> str:
    assert isinstance(answer, TransactionAnswer)
    assert answer.id_token is not None
    return answer.id_token.status


async def build(database: Database, protocol: str = "ocpp1.6", *, policy: bool = True) -> Site:
    site = await Site.build(database, protocol)
    if policy:
        await site.rows(
            "UPDATE operator SET settings = '{\"one_session_per_token\": true}' WHERE id = %(op)s RETURNING id"
        )
    return site


class TestVersion16:
    async def test_a_second_start_elsewhere_is_refused_and_recorded(self, database: Database) -> None:
        site = await build(database)
        (first,) = await site.drive(start(0, 1000))
        (second,) = await site.drive(start(5, 500, evse_no=2))
        assert (status_of(first), status_of(second)) == ("accepted", "concurrent_tx")
        assert int(transaction_of(second)) > 0
        one, two = await site.sessions()
        assert (one["token_status"], two["token_status"]) == ("accepted", "concurrent_tx")
        (attempt,) = await site.rows(
            "SELECT * FROM authorisation WHERE operator_id = %(op)s AND status = 'concurrent_tx'"
        )
        assert attempt["reason_code"] == "TokenInUse"
        assert attempt["session_id"] == two["id"]
        assert "token.refused" in await site.events()
        (again,) = await site.drive(copy_of(start(5, 500, evse_no=2)))
        assert (status_of(again), transaction_of(again)) == ("concurrent_tx", transaction_of(second))
        await site.drive(stop(transaction_of(second), 6, 500), stop(transaction_of(first), 10, 2000))
        one, two = await site.sessions()
        assert (one["end_cause"], two["end_cause"]) == ("driver", "refused")

    async def test_without_the_policy_a_token_may_charge_twice(self, database: Database) -> None:
        site = await build(database, policy=False)
        first, second = await site.drive(start(0, 1000), start(5, 500, evse_no=2))
        assert (status_of(first), status_of(second)) == ("accepted", "accepted")

    async def test_in_one_batch_the_first_wins(self, database: Database) -> None:
        site = await build(database)
        first, second = await site.drive(start(0, 1000), start(5, 500, evse_no=2))
        assert (status_of(first), status_of(second)) == ("accepted", "concurrent_tx")

    async def test_after_its_stop_in_the_same_batch_it_is_free(self, database: Database) -> None:
        site = await build(database)
        (first,) = await site.drive(start(0, 1000))
        site.restart()
        _, second = await site.drive(stop(transaction_of(first), 4, 2000), start(5, 500, evse_no=2))
        assert status_of(second) == "accepted"

    async def test_a_zombie_at_the_same_connector_does_not_lock_the_driver_out(
        self, database: Database
    ) -> None:
        site = await build(database)
        _, second = await site.drive(start(0, 1000), start(30, 2000))
        assert status_of(second) == "accepted"

    async def test_an_offline_start_is_judged_at_its_own_time(self, database: Database) -> None:
        site = await build(database)
        await site.drive(start(60, 1000))
        (late,) = await site.drive(start(0, 500, evse_no=2), received_at=at(90))
        assert status_of(late) == "accepted"
        (running,) = await site.drive(start(70, 600, evse_no=2), received_at=at(91))
        assert status_of(running) == "concurrent_tx"
        assert await site.count("session") == 3


class TestVersion2:
    @pytest.mark.parametrize("protocol", ["ocpp2.0.1", "ocpp2.1"])
    async def test_a_transaction_elsewhere_is_refused_and_recorded(
        self, database: Database, protocol: str
    ) -> None:
        site = await build(database, protocol)
        (first,) = await site.drive(event2("started", 0, 0, reading(0, 1000), transaction="a", tag=TAG))
        (second,) = await site.drive(
            event2("started", 0, 5, reading(5, 100), transaction="b", tag=TAG, evse_no=2)
        )
        assert (status_of(first), status_of(second)) == ("accepted", "concurrent_tx")
        (stopping,) = await site.drive(event2("updated", 1, 6, transaction="a", tag=TAG))
        assert status_of(stopping) == "accepted"
        await site.drive(event2("ended", 2, 7, reading(7, 2000), transaction="a", tag=TAG))
        (now_free,) = await site.drive(event2("updated", 1, 8, transaction="b", tag=TAG, evse_no=2))
        assert status_of(now_free) == "accepted"
        rows = {row["transaction"]: row for row in await site.sessions()}
        assert rows["a"]["energy_wh"] == 1000
        assert rows["b"]["token_status"] == "accepted"
