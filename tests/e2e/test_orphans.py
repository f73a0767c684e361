"""A person matches an orphan while the gateway holds its session in memory; the session goes on, nothing counts twice."""

from __future__ import annotations

import asyncio

import pytest
from ocpp.v16 import call as call16

from tests.e2e.chargers import Charger16, now
from tests.e2e.conftest import Program
from tests.e2e.test_first_charge import let_in, ok, until

pytestmark = pytest.mark.e2e


class TestAnOrphan:
    async def test_is_matched_by_hand_while_the_session_runs(self, served: Program) -> None:
        client = served.client()
        served.cli("token", "add", "DEADBEEF")
        served.cli("station", "add", "ONE-1", "--password", "a-good-password-1")
        charger, socket, task = await let_in(Charger16, served, "ONE-1", "a-good-password-1")
        assert (await charger.boot()).status == "Accepted"
        await charger.call(
            call16.StatusNotification(connector_id=1, error_code="NoError", status="Preparing")
        )
        waiting = (await until(lambda: ok(client.get("/sessions"))["items"], "the waiting session"))[0]
        assert (waiting["state"], waiting["transaction"]) == ("plugged", None)
        await charger.start_session("DEADBEEF")
        await charger.meter(1000)
        foreign = call16.MeterValues(
            connector_id=2,
            transaction_id=999_999,
            meter_value=[
                {
                    "timestamp": now(),
                    "sampledValue": [{"value": str(charger.register_wh + 10), "unit": "Wh"}],
                }
            ],
        )
        await charger.call(foreign)
        (orphan,) = await until(lambda: ok(client.get("/orphans"))["items"], "the orphan")
        matched = ok(
            await asyncio.to_thread(
                client.post, f"/orphans/{orphan['id']}/match", json={"session_id": waiting["id"]}
            )
        )
        assert matched["matched_session_id"] == waiting["id"]
        await charger.call(foreign)
        await charger.meter(500)
        await charger.stop_session()
        session = await until(
            lambda: (found := ok(client.get(f"/sessions/{waiting['id']}")))["state"] == "ended" and found,
            "the end",
        )
        assert (session["energy_wh"], session["end_cause"], session["quality"]) == ("1500", "driver", [])
        assert len(ok(client.get("/sessions"))["items"]) == 1
        readings = ok(client.get(f"/sessions/{waiting['id']}/readings"))["items"]
        assert len(readings) == 3
        task.cancel()
        await socket.close()
