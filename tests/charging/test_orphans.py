"""Orphans that find their session by themselves, and those that must not."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from forecourt.app.handlers import park
from forecourt.gateway.journal import ParkedMessage
from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.stations.answers import TransactionAnswer

from .site import TAG, Site, at, reading, start, stop, transaction_of, values


@pytest.fixture
async def site(database: Database) -> Site:
    return await Site.build(database)


async def orphans(site: Site) -> list[tuple[str, str | None, UUID | None]]:
    rows = await site.rows(
        "SELECT kind, transaction, matched_session_id FROM orphan WHERE operator_id = %(op)s ORDER BY id"
    )
    return [(row["kind"], row["transaction"], row["matched_session_id"]) for row in rows]


async def readings_of(site: Site, session_id: UUID) -> int:
    (row,) = await site.rows(
        "SELECT count(*) AS n FROM meter_reading WHERE operator_id = %(op)s AND session_id = %(id)s",
        id=session_id,
    )
    return int(row["n"])


class TestReadings:
    @pytest.mark.parametrize("together", [True, False])
    async def test_before_their_start_under_an_id_of_the_stations_own(
        self, site: Site, together: bool
    ) -> None:
        early = [values("77", reading(5, 2000)), values("77", reading(10, 3000))]
        if together:
            await site.drive(*early, start(0, 1000), received_at=at(11))
        else:
            await site.drive(*early, received_at=at(10))
            await site.drive(start(0, 1000), received_at=at(11))
        row = await site.session()
        assert row["energy_wh"] == 2000
        assert await readings_of(site, row["id"]) == 2
        assert await orphans(site) == [("readings", "77", row["id"])]
        site.restart()
        await site.drive(values("77", reading(15, 4000)), values("77", reading(15, 4000)))
        assert (await site.session())["energy_wh"] == 3000
        await site.drive(stop("77", 20, 5000, tag=TAG))
        row = await site.session()
        assert (row["state"], row["energy_wh"]) == ("ended", 4000)

    async def test_of_another_connector_or_of_before_the_start_stay_orphans(self, site: Site) -> None:
        await site.drive(values("77", reading(5, 2000), evse_no=2), values("78", reading(-60, 900)))
        await site.drive(start(0, 1000), received_at=at(6))
        assert (await site.session())["energy_wh"] == 0
        assert [found for *_, found in await orphans(site)] == [None, None]

    async def test_that_a_stop_under_the_same_id_explains(self, site: Site) -> None:
        await site.drive(values("77", reading(5, 2000), evse_no=2))
        await site.drive(start(0, 1000, evse_no=1), received_at=at(6))
        await site.drive(stop("77", 20, 5000, tag=TAG))
        row = await site.session()
        assert row["energy_wh"] == 4000
        assert await readings_of(site, row["id"]) == 1
        assert {found for *_, found in await orphans(site)} == {row["id"]}

    @pytest.mark.parametrize("transaction", [None, "99"])
    async def test_during_a_session_are_bound_by_connector(self, site: Site, transaction: str | None) -> None:
        await site.drive(start(0, 1000))
        await site.drive(values(transaction, reading(10, 2500)))
        assert (await site.session())["energy_wh"] == 1500

    async def test_from_before_the_session_on_the_connector_are_not(self, site: Site) -> None:
        await site.drive(start(30, 1000))
        await site.drive(values(None, reading(10, 400)), received_at=at(31))
        await site.drive(values(None, reading(40, 2000)))
        row = await site.session()
        assert row["energy_wh"] == 1000
        assert await readings_of(site, row["id"]) == 1


class TestParkedStart:
    async def test_gets_an_id_like_any_other_and_what_follows_is_found_by_it(self, site: Site) -> None:
        message = ParkedMessage(
            site.operator_id, site.station_id, datetime.now(UTC), "ocpp1.6", "StartTransaction", "m1", "", "X", new_id()
        )  # fmt: skip
        (answer,) = await site.drive(start(-60, 500))
        zombie = transaction_of(answer)
        async with site.database.transaction(role="system") as uow:
            (given,) = await park(await uow.connection(), [message])
        assert isinstance(given, TransactionAnswer)
        number = given.transaction
        assert number is not None
        assert int(number) > int(zombie)
        await site.drive(values(number, reading(5, 2000), evse_no=2), values(number, reading(6, 2100)))
        await site.drive(stop(number, 10, 3000, tag=TAG))
        await site.drive(start(4, 1900, evse_no=2), received_at=at(11))
        assert await orphans(site) == [
            ("message", number, None), ("readings", number, None), ("stop", number, None),
        ]  # fmt: skip
        row, other = await site.sessions()
        assert (row["transaction"], row["ended_at"], row["energy_wh"]) == (zombie, None, 0)
        assert (other["ended_at"], other["energy_wh"]) == (None, 0)
