"""The message log and the links over the API."""

from __future__ import annotations

from forecourt.gateway.endpoints import router
from forecourt.kit.database import Database
from forecourt.kit.ids import encode_id
from forecourt.stations import commands as cmd
from tests.api.harness import client_of, make_api, make_key, make_operator
from tests.gateway.conftest import World
from tests.gateway.test_commands import online, outcome, tell


class TestMessages:
    async def test_frames_can_be_found(self, world: World, database: Database) -> None:
        world.operator_id = await make_operator(database)
        entry = world.add()
        station = await world.connect()
        await station.boot()
        await station.call("Heartbeat", {}, message_id="beat")
        await station.call("Nonsense", {})
        key = await make_key(database, world.operator_id)
        name = encode_id("sta", entry.station_id)
        async with client_of(make_api(database, routers=[router]), key) as client:
            found = (await client.get("/messages", params={"station": name})).json()
            assert [row["action"] for row in found["items"]] == [
                "Nonsense", "Heartbeat", "BootNotification",
            ]  # fmt: skip
            assert found["items"][0]["reply"]["type"] == 4
            assert found["items"][1]["reply"]["payload"].startswith('[3,"beat",{')
            beats = (await client.get("/messages", params={"action": "Heartbeat", "direction": "in"})).json()
            assert beats["items"][0]["payload"] == '[2, "beat", "Heartbeat", {}]'
            same = (await client.get("/messages", params={"correlation": "beat"})).json()
            assert len(same["items"]) == 1
            errors = (await client.get("/messages", params={"error": "true"})).json()
            assert {row["error"] for row in errors["items"]} == {"NotImplemented"}
            first = (await client.get("/messages", params={"limit": 2})).json()
            rest = (await client.get("/messages", params={"limit": 2, "cursor": first["next_cursor"]})).json()
            assert len(first["items"]) == 2
            assert len(rest["items"]) == 1
            assert rest["next_cursor"] is None
            table = await client.get("/messages", params={"csv": "true"}, headers={"Accept": "text/csv"})
            assert table.headers["content-type"].startswith("text/csv")
            assert table.text.count("\n") == 4
            links = (await client.get("/links", params={"online": "true"})).json()
            assert [(row["station_id"], row["status"], row["epoch"]) for row in links["items"]] == [
                (name, "online", 1)
            ]

    async def test_a_call_of_ours_and_its_answer_are_one_exchange(
        self, world: World, database: Database
    ) -> None:
        world.operator_id = await make_operator(database)
        entry, station = await online(world)
        for answer in ('[3,"{}",{{"status":"Accepted"}}]', '[4,"{}","InternalError","",{{}}]'):
            command_id = await tell(world, entry, cmd.ClearCache())
            _, message_id, *_ = await station.receive()
            await station.send(answer.format(message_id))
            await outcome(world, command_id)
        await station.send('[3,"nobody-asked",{}]')
        await station.call("Heartbeat", {}, message_id="beat")
        key = await make_key(database, world.operator_id)
        asked = {"station": encode_id("sta", entry.station_id), "exchanges": "true"}
        async with client_of(make_api(database, routers=[router]), key) as client:
            beat, late, failed, done, *_ = (await client.get("/messages", params=asked)).json()["items"]
            assert (beat["action"], late["error"]) == ("Heartbeat", "late_reply")
            assert (failed["action"], failed["direction"]) == ("ClearCache", "out")
            assert (failed["reply"]["type"], failed["error"]) == (4, "InternalError")
            assert '"Accepted"' in done["reply"]["payload"]
            assert done["error"] is None
            assert done["reply"]["at"] >= done["at"]
            errors = (await client.get("/messages", params={**asked, "error": "true"})).json()["items"]
            assert [row["id"] for row in errors] == [late["id"], failed["id"]]
            fine = (await client.get("/messages", params={**asked, "error": "false"})).json()["items"]
            assert failed["id"] not in [row["id"] for row in fine]
            ours = (await client.get("/messages", params={**asked, "direction": "out"})).json()["items"]
            assert [row["id"] for row in ours] == [failed["id"], done["id"]]
            apart = (await client.get("/messages", params={"station": asked["station"]})).json()["items"]
            assert len([row for row in apart if row["action"] == "ClearCache"]) == 4
            table = await client.get("/messages", params=asked, headers={"Accept": "text/csv"})
            assert table.text.count(",ClearCache,") == 2
            assert table.text.splitlines()[0].endswith(",reply_at,reply_type,reply")

    async def test_another_operator_sees_nothing(self, world: World, database: Database) -> None:
        world.operator_id = await make_operator(database)
        world.add()
        station = await world.connect()
        await station.boot()
        other = await make_operator(database)
        key = await make_key(database, other)
        async with client_of(make_api(database, routers=[router]), key) as client:
            assert (await client.get("/messages")).json()["items"] == []
            assert (await client.get("/links")).json()["items"] == []
