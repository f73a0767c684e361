"""The network's API, through the app as the program makes it."""

from __future__ import annotations

from typing import Any

import httpx

from forecourt.kit.database import Database
from forecourt.kit.ids import encode_id
from forecourt.network.record_knock import RecordKnock, record_knock
from forecourt.stations.events import CommandAnswered, Disconnected, StatusReported
from tests.api.harness import client_of, make_key, make_operator
from tests.network.harness import NOON, Network

LOCATION = {"name": "Garage am Zoo", "country": "DE", "time_zone": "Europe/Berlin", "latitude": "52.5"}


def code_of(response: httpx.Response) -> str:
    return str(response.json()["code"])


class TestLocations:
    async def test_create_read_edit_retire(self, client: httpx.AsyncClient) -> None:
        made = await client.post("/locations", json=LOCATION)
        assert made.status_code == 201, made.text
        location = made.json()
        assert location["id"].startswith("loc_")
        read = await client.get(f"/locations/{location['id']}")
        edited = await client.patch(
            f"/locations/{location['id']}",
            json={"city": "Berlin"},
            headers={"If-Match": read.headers["ETag"]},
        )
        assert edited.json()["city"] == "Berlin"
        stale = await client.patch(
            f"/locations/{location['id']}", json={"city": "Bonn"}, headers={"If-Match": read.headers["ETag"]}
        )
        assert stale.status_code == 412
        assert (await client.post(f"/locations/{location['id']}/retire")).json()["retired_at"]
        ids = [item["id"] for item in (await client.get("/locations")).json()["items"]]
        assert location["id"] not in ids

    async def test_a_time_zone_must_exist(self, client: httpx.AsyncClient) -> None:
        response = await client.post("/locations", json={**LOCATION, "time_zone": "Europe/Berlyn"})
        assert response.status_code == 422

    async def test_a_location_with_a_station_is_not_retired(
        self, client: httpx.AsyncClient, network: Network
    ) -> None:
        await network.add_station()
        response = await client.post(f"/locations/{encode_id('loc', network.location_id)}/retire")
        assert (response.status_code, code_of(response)) == (409, "LocationInUse")

    async def test_pages_sorts_filters_and_csv(self, client: httpx.AsyncClient) -> None:
        for name in ("C", "A", "B"):
            await client.post("/locations", json={**LOCATION, "name": name, "city": "Ulm"})
        first = (await client.get("/locations", params={"city": "Ulm", "sort": "-name", "limit": 2})).json()
        assert [item["name"] for item in first["items"]] == ["C", "B"]
        second = await client.get(
            "/locations", params={"city": "Ulm", "sort": "-name", "limit": 2, "cursor": first["next_cursor"]}
        )
        assert [item["name"] for item in second.json()["items"]] == ["A"]
        assert second.json()["next_cursor"] is None
        csv = await client.get("/locations", params={"city": "Ulm", "format": "csv"})
        assert csv.headers["content-type"].startswith("text/csv")
        assert len(csv.text.splitlines()) == 4
        assert (await client.get("/locations", params={"sort": "nonsense"})).status_code == 422


class TestStations:
    async def test_create_tells_the_password_once(self, client: httpx.AsyncClient, network: Network) -> None:
        body = {"identity": "CP-7", "location_id": encode_id("loc", network.location_id)}
        made = await client.post("/stations", json=body)
        assert made.status_code == 201, made.text
        assert len(made.json()["password"]) == 20
        read = await client.get("/stations/cp-7")
        assert read.json()["id"] == made.json()["station"]["id"]
        assert "password" not in read.text
        again = await client.post("/stations", json={**body, "identity": "cp-7"})
        assert (again.status_code, code_of(again)) == (409, "IdentityTaken")

    async def test_filters(self, client: httpx.AsyncClient, network: Network) -> None:
        station = await network.add_station("ON-1")
        await network.add_station("OFF-1", protocol=None)
        online = (await client.get("/stations", params={"link": "online"})).json()["items"]
        assert [item["id"] for item in online] == [encode_id("sta", station.id)]
        words = (await client.get("/stations", params={"q": "off"})).json()["items"]
        assert [item["identity"] for item in words] == ["OFF-1"]
        for sort in ("-link_since", "last_seen_at", "model", "-created_at"):
            pages = (await client.get("/stations", params={"sort": sort, "limit": 1})).json()
            following = await client.get(
                "/stations", params={"sort": sort, "limit": 1, "cursor": pages["next_cursor"]}
            )
            assert following.status_code == 200, following.text
            assert following.json()["items"][0]["id"] != pages["items"][0]["id"]

    async def test_block_closes_the_socket(self, client: httpx.AsyncClient, network: Network) -> None:
        station = await network.add_station()
        response = await client.patch(f"/stations/{encode_id('sta', station.id)}", json={"blocked": True})
        assert response.json()["blocked"] is True
        assert network.stations.disconnected == [(station.id, "station_blocked")]

    async def test_another_location_takes_the_evses_along(
        self, client: httpx.AsyncClient, network: Network
    ) -> None:
        station = await network.add_station()
        await network.say(station.id, StatusReported(1, 1, "available"))
        other = encode_id("loc", (await network.add_location(name="Other")).id)
        moved = await client.patch("/stations/CP-1", json={"location_id": other})
        assert moved.json()["location_id"] == other
        assert [e["location_id"] for e in (await client.get("/evses")).json()["items"]] == [other]
        wrong = await client.patch("/stations/CP-1", json={"location_id": encode_id("loc", station.id)})
        assert code_of(wrong) == "LocationNotFound"

    async def test_the_summary_counts(self, client: httpx.AsyncClient, network: Network) -> None:
        station = await network.add_station()
        await network.add_station("OFF", protocol=None)
        await network.say(station.id, StatusReported(1, 1, "available"), StatusReported(2, 1, "charging"))
        summary = (await client.get("/network/summary")).json()
        assert summary == {
            "locations": 1, "stations": {"online": 1, "offline": 1}, "evses": 2,
            "connectors": {"available": 1, "charging": 1}, "waiting_knocks": 0,
        }  # fmt: skip
        elsewhere = encode_id("loc", (await network.add_location(name="Other")).id)
        assert (await client.get("/network/summary", params={"location": elsewhere})).json()["stations"] == {}

    async def test_rotate_and_revoke(self, client: httpx.AsyncClient, network: Network) -> None:
        station = await network.add_station()
        path = f"/stations/{encode_id('sta', station.id)}/credentials"
        made = await client.post(path, json={"password": "weak"})
        assert made.status_code == 201, made.text
        listed = (await client.get(path)).json()
        assert [(item["weak"], item["replaced_at"] is None, item["expires_at"]) for item in listed] == [
            (False, False, None),
            (True, True, None),
        ]
        ends = (await client.post(path, json={"grace_s": 60})).json()
        assert [item["expires_at"] is None for item in (await client.get(path)).json()] == [
            False,
            False,
            True,
        ]
        assert (await client.delete(f"{path}/{ends['id']}")).status_code == 204
        network.stations.disconnected.clear()
        assert (await client.delete(f"{path}/{listed[1]['id']}")).status_code == 204
        assert network.stations.disconnected == [(station.id, "credential_revoked")]
        assert len((await client.get(path)).json()) == 1

    async def test_history_variables_events_boots(self, client: httpx.AsyncClient, network: Network) -> None:
        station = await network.add_station()
        await network.say(station.id, StatusReported(1, 1, "available"))
        await network.say(station.id, Disconnected(1, "closed"))
        path = f"/stations/{encode_id('sta', station.id)}"
        history = (await client.get(f"{path}/status-history")).json()["items"]
        assert sorted((item["track"], item["status"]) for item in history) == [
            ("link", "offline"), ("link", "online"), ("status", "available"),
        ]  # fmt: skip
        connector = (await client.get("/connectors", params={"station": encode_id("sta", station.id)})).json()
        one = connector["items"][0]
        assert one["status"] == "available"
        own = (await client.get(f"/connectors/{one['id']}/status-history")).json()["items"]
        assert [item["started_at"] for item in own] == ["2026-06-15T12:00:00Z"]
        for noun in ("variables", "events", "boots"):
            assert (await client.get(f"{path}/{noun}")).json()["items"] == []


class TestEvsesAndConnectors:
    async def test_made_by_hand(self, client: httpx.AsyncClient, network: Network) -> None:
        station = await network.add_station()
        body = {
            "location_id": encode_id("loc", network.location_id), "evse_uid": "DE*FCT*E1*1",
            "station_id": encode_id("sta", station.id), "evse_no": 1,
        }  # fmt: skip
        evse = await client.post("/evses", json=body)
        assert evse.status_code == 201, evse.text
        assert evse.json()["station_id"] == body["station_id"]
        again = await client.post("/evses", json={**body, "evse_uid": "de*fct*e1*1", "evse_no": 2})
        assert code_of(again) == "EvseUidTaken"
        same = await client.post("/evses", json={**body, "evse_uid": None})
        assert code_of(same) == "EvseNoTaken"
        plug = {
            "evse_id": evse.json()["id"],
            "connector_no": 1,
            "connector_type": "IEC_62196_T2",
            "max_power_w": 22000,
        }
        made = await client.post("/connectors", json=plug)
        assert made.status_code == 201, made.text
        assert code_of(await client.post("/connectors", json=plug)) == "ConnectorTaken"
        await network.say(station.id, StatusReported(1, 1, "charging", NOON))
        read = (await client.get(f"/connectors/{made.json()['id']}")).json()
        assert (read["status"], read["max_power_w"]) == ("charging", 22000)
        patched = await client.patch(f"/connectors/{read['id']}", json={"max_power_w": 11000})
        assert patched.json()["max_power_w"] == 11000
        await network.say(station.id, StatusReported(1, 1, "finishing"))
        read = (await client.get(f"/connectors/{made.json()['id']}")).json()
        assert (read["status"], read["max_power_w"]) == ("finishing", 11000)
        assert code_of(await client.post(f"/evses/{evse.json()['id']}/retire")) == "EvseInstalled"

    async def test_a_retired_connector_that_reports_again_breaks_nothing(
        self, client: httpx.AsyncClient, network: Network
    ) -> None:
        station = await network.add_station()
        await network.say(station.id, StatusReported(1, 1, "available"))
        one = (await client.get("/connectors")).json()["items"][0]
        assert (await client.post(f"/connectors/{one['id']}/retire")).status_code == 200
        await network.say(station.id, StatusReported(1, 1, "charging"))
        assert len((await client.get("/evses")).json()["items"]) == 1


class TestInbox:
    async def test_open_knock_adopt(self, client: httpx.AsyncClient, network: Network) -> None:
        assert (await client.post("/inbox/windows", json={"minutes": 10})).status_code == 201
        async with network.database.transaction(role="system") as uow:
            answer = await record_knock(RecordKnock(operator_id=network.operator_id, identity="NEW"), uow=uow)
        assert answer.entry is not None
        listed = (await client.get("/inbox/knocks")).json()["items"]
        body = {"location_id": encode_id("loc", network.location_id)}
        adopted = await client.post(f"/inbox/knocks/{listed[0]['id']}/adopt", json=body)
        assert adopted.status_code == 201, adopted.text
        assert adopted.json()["station"]["registration"] == "adopted"
        assert adopted.headers["cache-control"] == "no-store"
        assert (await client.get("/inbox/knocks")).json()["items"] == []
        assert (await client.delete("/inbox/windows")).status_code == 204
        assert (await client.get("/inbox/windows")).json() == []

    async def test_it_says_where_to_point_a_charger(
        self, client: httpx.AsyncClient, network: Network
    ) -> None:
        row = await network.row("SELECT slug FROM operator WHERE id = :operator")
        assert (await client.get("/inbox/addresses")).json() == [
            {"url": f"wss://test:9443/ocpp/{row['slug']}/", "encrypted": True},
            {"url": f"ws://test:9000/ocpp/{row['slug']}/", "encrypted": False},
        ]

    async def test_what_is_known_before_an_adoption(
        self, client: httpx.AsyncClient, network: Network
    ) -> None:
        await network.add_station("HBF-1")
        async with network.database.transaction(role="system") as uow:
            await record_knock(RecordKnock(operator_id=network.operator_id, identity="HBF-2"), uow=uow)
        knock = (await client.get("/inbox/knocks")).json()["items"][0]
        found = (await client.get(f"/inbox/knocks/{knock['id']}/matches")).json()
        location = encode_id("loc", network.location_id)
        assert [
            (place["location_id"], place["reason"], place["stations"]) for place in found["locations"]
        ] == [(location, "similar_name", ["HBF-1"])]
        adopted = await client.post(
            f"/inbox/knocks/{knock['id']}/adopt", json={"location_id": location, "free_vend": True}
        )
        assert adopted.json()["station"]["free_vend"] is True

    async def test_swap(self, client: httpx.AsyncClient, network: Network) -> None:
        old = await network.add_station("OLD")
        await network.say(old.id, StatusReported(1, 1, "available"))
        evse = (await client.get("/evses")).json()["items"][0]
        async with network.database.transaction(role="system") as uow:
            await record_knock(RecordKnock(operator_id=network.operator_id, identity="NEW"), uow=uow)
        knock = (await client.get("/inbox/knocks")).json()["items"][0]
        swapped = await client.post("/stations/OLD/swap", json={"knock_id": knock["id"]})
        assert swapped.status_code == 200, swapped.text
        after = (await client.get(f"/evses/{evse['id']}")).json()
        assert (after["evse_uid"], after["station_id"]) == (evse["evse_uid"], swapped.json()["station"]["id"])


class TestCommands:
    async def test_wait_answers_with_the_outcome(self, client: httpx.AsyncClient, network: Network) -> None:
        station = await network.add_station()

        async def answer(**message: Any) -> bool:
            await network.say(
                station.id, CommandAnswered(message["command_id"], "accepted", reply={"status": "Accepted"})
            )
            return True

        network.stations.send = answer  # type: ignore[method-assign]
        response = await client.post(
            "/stations/CP-1/commands/reset",
            params={"wait": 5, "because": "the driver is on the phone"},
            json={"type": "soft"},
        )
        assert response.status_code == 200, response.text
        trail = await network.row(
            "SELECT after FROM audit_entry WHERE operator_id = :operator AND action = 'command.reset'"
        )
        assert trail["after"]["because"] == "the driver is on the phone"
        assert response.json()["status"] == "accepted"
        read = await client.get(f"/commands/{response.json()['id']}")
        assert read.json()["reply"] == {"status": "Accepted"}
        listed = (await client.get("/stations/CP-1/commands", params={"kind": "reset"})).json()["items"]
        assert [item["id"] for item in listed] == [read.json()["id"]]
        assert (await client.get("/commands", params={"format": "csv"})).status_code == 200

    async def test_without_wait_it_is_accepted_for_sending(
        self, client: httpx.AsyncClient, network: Network
    ) -> None:
        await network.add_station()
        response = await client.post("/stations/CP-1/commands/clear-cache")
        assert response.status_code == 202, response.text
        read = await client.get(f"/commands/{response.json()['id']}")
        assert read.json()["status"] == "sent"

    async def test_an_evse_is_found_by_its_public_id(
        self, client: httpx.AsyncClient, network: Network
    ) -> None:
        station = await network.add_station()
        await network.say(station.id, StatusReported(2, 1, "available"))
        evse = (await client.get("/evses")).json()["items"][0]["id"]
        await client.post("/stations/CP-1/commands/remote-start", json={"id_token": "AB", "evse": evse})
        assert network.stations.sent[0][1].evse_no == 2

    async def test_refusals_have_codes(self, client: httpx.AsyncClient, network: Network) -> None:
        await network.add_station()
        await network.add_station("OFF", protocol=None)
        offline = await client.post("/stations/OFF/commands/reset")
        assert (offline.json()["status"], offline.json()["reason"]) == ("failed", "station_offline")
        for path, code in (
            ("CP-1/commands/dance", "UnknownCommand"),
            ("CP-1/commands/get-base-report", "CommandNotSupported"),
            ("NONE/commands/reset", "StationNotFound"),
            ("CP-1/commands/unlock-connector", "InvalidParameters"),
        ):
            assert code_of(await client.post(f"/stations/{path}")) == code


class TestIsolation:
    async def test_another_operator_sees_nothing(
        self, app: Any, network: Network, database: Database
    ) -> None:
        station = await network.add_station()
        await network.say(station.id, StatusReported(1, 1, "available"))
        other = await make_operator(database)
        async with client_of(app, await make_key(database, other)) as stranger:
            for path in ("/locations", "/stations", "/evses", "/connectors", "/inbox/knocks", "/commands"):
                assert (await stranger.get(path)).json()["items"] == []
            response = await stranger.post(f"/stations/{encode_id('sta', station.id)}/commands/reset")
            assert response.status_code == 404

    async def test_a_partner_sees_what_is_granted(
        self, app: Any, network: Network, database: Database
    ) -> None:
        from forecourt.identity.models import PartnerGrant
        from tests.api.harness import make_partner

        station = await network.add_station()
        await network.say(station.id, StatusReported(1, 1, "available"))
        elsewhere = await network.add_location(name="Elsewhere")
        partner = await make_partner(database, network.operator_id)
        key = await make_key(database, network.operator_id, partner_id=partner)
        async with client_of(app, key) as host:
            for path in ("/locations", "/stations", "/evses", "/connectors"):
                assert (await host.get(path)).json()["items"] == [], path
            async with network.work() as uow:
                uow.session.add(
                    PartnerGrant(
                        operator_id=network.operator_id, partner_id=partner, subject_type="location",
                        subject_id=network.location_id, valid_from=NOON,
                    )
                )  # fmt: skip
            for path in ("/locations", "/stations", "/evses", "/connectors"):
                assert len((await host.get(path)).json()["items"]) == 1, path
            assert (await host.get(f"/locations/{encode_id('loc', elsewhere.id)}")).status_code == 404
            history = await host.get("/stations/CP-1/status-history")
            assert len(history.json()["items"]) == 2
            assert (await host.get("/inbox/knocks")).status_code == 403
            assert (await host.post("/locations", json=LOCATION)).status_code == 403
