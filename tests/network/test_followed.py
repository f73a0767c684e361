"""Whoever follows the stream hears of every revision: nothing changes silently."""

from __future__ import annotations

from typing import Any

import httpx

from forecourt.kit.ids import encode_id
from forecourt.network.record_knock import RecordKnock, record_knock
from forecourt.stations.events import Booted, StatusReported, VariablesReported, VariableValue
from tests.network.harness import Network

SILENT = """
SELECT kind, id, revision FROM (
    SELECT 'location' AS kind, operator_id, id, revision FROM location UNION ALL
    SELECT 'station', operator_id, id, revision FROM station UNION ALL
    SELECT 'evse', operator_id, id, revision FROM evse UNION ALL
    SELECT 'connector', operator_id, id, revision FROM connector UNION ALL
    SELECT 'command', operator_id, id, revision FROM command
) AS followed WHERE operator_id = :operator AND NOT EXISTS (
    SELECT FROM outbox_event e
    WHERE e.operator_id = followed.operator_id AND e.subject_id = followed.id AND e.subject_revision = followed.revision
)
"""


async def nothing_is_silent(network: Network) -> None:
    rows = await network.rows(SILENT)
    assert [dict(row) for row in rows] == []


async def types(network: Network) -> set[str]:
    rows = await network.rows("SELECT DISTINCT type FROM outbox_event WHERE operator_id = :operator")
    return {row["type"] for row in rows}


class TestFollowed:
    async def test_what_stations_report(self, network: Network) -> None:
        station = await network.add_station()
        await nothing_is_silent(network)
        await network.say(station.id, Booted("Acme", "X"))
        await nothing_is_silent(network)
        await network.say(station.id, StatusReported(1, 1, "available"))
        await nothing_is_silent(network)
        await network.say(station.id, StatusReported(0, 0, "unavailable"))
        await nothing_is_silent(network)
        value = VariableValue("", "NumberOfConnectors", "2")
        await network.say(station.id, VariablesReported(1, 0, False, (value,)))
        await nothing_is_silent(network)
        assert {"station.updated", "evse.created", "connector.created"} <= await types(network)

    async def test_what_people_change(self, client: httpx.AsyncClient, network: Network) -> None:
        async def done(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
            response = await client.request(method, path, json=body)
            assert response.status_code < 300, response.text
            await nothing_is_silent(network)
            return response.json()

        place = {"name": "Harbour", "country": "DE", "time_zone": "Europe/Berlin"}
        location = (await done("POST", "/locations", place))["id"]
        await done("PATCH", f"/locations/{location}", {"name": "Old harbour"})
        here = encode_id("loc", network.location_id)
        station = (await done("POST", "/stations", {"identity": "OLD", "location_id": here}))["station"]["id"]
        evse = await done("POST", "/evses", {"location_id": here, "station_id": station, "evse_no": 1})
        plug = (await done("POST", "/connectors", {"evse_id": evse["id"], "connector_no": 1}))["id"]
        await done("PATCH", f"/connectors/{plug}", {"max_power_w": 22000})
        await done("PATCH", f"/stations/{station}", {"label": "By the gate"})
        await done("PATCH", f"/stations/{station}", {"location_id": location})
        await done("POST", f"/stations/{station}/commands/reset", {"type": "soft"})
        async with network.database.transaction(role="system") as uow:
            await record_knock(RecordKnock(operator_id=network.operator_id, identity="NEW"), uow=uow)
        knock = (await client.get("/inbox/knocks")).json()["items"][0]["id"]
        new = (await done("POST", f"/stations/{station}/swap", {"knock_id": knock}))["station"]["id"]
        served = await done("GET", f"/evses/{evse['id']}")
        assert served["station_id"] == new
        assert served["revision"] > evse["revision"], "an EVSE that looks different has a new revision"
        await done("POST", f"/connectors/{plug}/retire")
        await done("POST", f"/stations/{new}/retire")
        await done("POST", f"/evses/{evse['id']}/retire")
        await done("POST", f"/locations/{location}/retire")
        told = await types(network)
        assert {"location.created", "location.updated", "command.created", "station.swapped"} <= told
