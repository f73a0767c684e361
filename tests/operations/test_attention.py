"""What needs attention: everything that is wrong, once, the worst first, to whom it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from forecourt.charging.models import Finding, Orphan
from forecourt.identity.permissions import ALL
from forecourt.kit.ids import encode_id
from forecourt.network.models import Knock
from tests.api.harness import all_routers, client_of, make_api, make_key, make_operator
from tests.operations.floor import Floor


async def look(floor: Floor, *, permissions: Sequence[str] = tuple(sorted(ALL)), limit: int = 50) -> Any:
    key = await make_key(floor.database, floor.operator_id, permissions=permissions)
    async with client_of(make_api(floor.database, routers=all_routers()), key) as client:
        response = await client.get("/attention", params={"limit": limit})
    assert response.status_code == 200, response.text
    return response.json()


class TestAttention:
    async def test_all_is_well(self, floor: Floor) -> None:
        answer = await look(floor)
        assert (answer["items"], answer["total"], answer["people_stranded"]) == ([], 0, 0)

    async def test_a_fault_with_a_car_comes_before_one_without(self, floor: Floor) -> None:
        await floor.session(station=1, energy_wh=5000)
        await floor.fault(connector=0)
        await floor.fault(connector=1)
        floor.wait(6)
        answer = await look(floor)
        first, second = answer["items"]
        assert (first["station"]["identity"], first["people_stranded"]) == ("CP-2", 1)
        assert (second["station"]["identity"], second["people_stranded"]) == ("CP-1", 0)
        assert first["kind"] == "connector_faulted"
        assert first["age_seconds"] == 360
        assert first["action"] == "reset_station"
        assert first["facts"] == {"identity": "CP-2", "error_code": "GroundFailure"}
        assert first["location"]["time_zone"] == "Europe/Berlin"
        assert (first["evse_uid"], first["evse_no"], first["connector_no"]) == ("DE*T*E2", 1, 1)
        assert answer["people_stranded"] == 1

    async def test_money_decides_between_two_without_people(self, floor: Floor) -> None:
        """CP-1 took 84.00 in the day that it exists, which is 3.50 an hour; a correction replaces its record."""
        session = await floor.session(station=0, ended_at=floor.clock.now(), settled_at=floor.clock.now())
        await floor.record(session, 99900, station=0, revision=1)
        await floor.record(session, 8400, station=0, revision=2)
        await floor.link("offline", 1)
        floor.wait(1)
        await floor.link("offline", 0)
        first, second = (await look(floor))["items"]
        assert (first["station"]["identity"], first["cost_per_hour_minor"], first["currency"]) == (
            "CP-1",
            350,
            "EUR",
        )
        assert (second["station"]["identity"], second["cost_per_hour_minor"]) == ("CP-2", None)
        assert first["action"] == "check_station"

    async def test_an_incident_is_named_where_it_is_about_the_same(self, floor: Floor) -> None:
        await floor.fault()
        floor.wait(6)
        await floor.evaluate()
        (item,) = (await look(floor))["items"]
        incident = await floor.incident()
        assert item["incident"]["id"] == encode_id("inc", incident.id)
        assert item["incident"]["state"] == "open"
        assert item["key"] == f"connector_faulted:{encode_id('con', floor.connector_ids[0])}"

    async def test_a_car_without_energy_is_listed_once_its_incident_is_open_and_not_beneath_a_fault(
        self, floor: Floor
    ) -> None:
        session = await floor.session()
        assert (await look(floor))["items"] == []
        floor.wait(16)
        await floor.evaluate()
        (item,) = (await look(floor))["items"]
        assert (item["kind"], item["session_id"]) == ("session_without_energy", encode_id("ses", session))
        assert (item["people_stranded"], item["action"]) == (1, "open_session")
        await floor.fault()
        (item,) = (await look(floor))["items"]
        assert item["kind"] == "connector_faulted"

    async def test_what_waits_for_a_person_is_counted(self, floor: Floor) -> None:
        now = floor.clock.now()
        held = await floor.session(energy_wh=9000, held_wh=400, ended_at=now)
        op, station = floor.operator_id, floor.station_ids[0]
        async with floor.work() as uow:
            uow.session.add_all(
                [
                    *(
                        Orphan(operator_id=op, station_id=station, fact_key=f"o{n}", kind="reading",
                               reason_code="unknown_transaction", at=now, received_at=now + timedelta(minutes=n))
                        for n in range(3)
                    ),
                    Finding(operator_id=op, fact_key="f1", found_at=now, code="energy_jump", params={},
                            session_id=held, station_id=station),
                    Finding(operator_id=op, fact_key="f2", found_at=now, code="clock_skew", params={},
                            station_id=station),
                    Knock(operator_id=op, identity="NEW-1", first_at=now, last_at=now, count=4, said={}),
                ]
            )  # fmt: skip
        answer = await look(floor)
        assert answer["counts"] == {"session_held": 1, "orphans": 1, "findings": 1, "knock": 1}
        shown = {item["kind"]: item for item in answer["items"]}
        assert shown["orphans"]["count"] == 3
        assert shown["session_held"]["facts"] == {"held_wh": "400", "code": "energy_jump"}
        assert shown["findings"]["facts"] == {"code": "clock_skew"}
        assert (shown["knock"]["facts"]["identity"], shown["knock"]["count"]) == ("NEW-1", 4)
        assert [item["kind"] for item in answer["items"]] == ["session_held", "orphans", "findings", "knock"]

    async def test_the_limit_cuts_the_list_not_the_counts(self, floor: Floor) -> None:
        await floor.fault(connector=0)
        await floor.fault(connector=1)
        answer = await look(floor, limit=1)
        assert (len(answer["items"]), answer["total"], answer["counts"]) == (1, 2, {"connector_faulted": 2})

    @pytest.mark.parametrize(
        ("permission", "kinds"),
        [
            ("stations:read", {"connector_faulted"}),
            ("inbox:read", {"knock"}),
            ("tariffs:read", set()),
        ],
    )
    async def test_each_sees_what_it_may(self, floor: Floor, permission: str, kinds: set[str]) -> None:
        await floor.session()
        await floor.fault()
        floor.wait(6)
        await floor.evaluate()
        async with floor.work() as uow:
            uow.session.add(
                Knock(operator_id=floor.operator_id, identity="NEW", first_at=floor.clock.now(),
                      last_at=floor.clock.now(), said={})
            )  # fmt: skip
        answer = await look(floor, permissions=[permission])
        assert {item["kind"] for item in answer["items"]} == kinds
        assert all(item["incident"] is None and item["people_stranded"] == 0 for item in answer["items"])

    async def test_another_operator_sees_nothing(self, floor: Floor) -> None:
        await floor.fault()
        other = await make_operator(floor.database)
        key = await make_key(floor.database, other)
        async with client_of(make_api(floor.database, routers=all_routers()), key) as client:
            assert (await client.get("/attention")).json()["total"] == 0
