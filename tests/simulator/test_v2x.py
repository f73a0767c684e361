"""A 2.0.1 and a 2.1 station: what they say and what they answer."""

from __future__ import annotations

from typing import Any

import pytest

from forecourt.simulator.session import Visit, start_visit
from tests.simulator.conftest import Online
from tests.simulator.server import TinyServer

VERSIONS = pytest.mark.parametrize("version", ["2.0.1", "2.1"])


def events(server: TinyServer) -> list[dict[str, Any]]:
    """All TransactionEvents."""
    return server.of("TransactionEvent")


@VERSIONS
class TestSession:
    async def test_a_driver_charges_from_plug_in_to_unplug(self, online: Online, version: str) -> None:
        async with online(version, connectors=2) as (station, server):
            visit = Visit(id_token="TAG1", energy_wh=3000, stay_s=3600)
            assert start_visit(station, station.connectors[1], visit)
            await server.when(lambda: events(server) and events(server)[-1]["eventType"] == "Ended", 20)
            found = events(server)
            assert [event["seqNo"] for event in found] == list(range(len(found)))
            assert len({event["transactionInfo"]["transactionId"] for event in found}) == 1
            started, ended = found[0], found[-1]
            assert started["eventType"] == "Started"
            assert started["evse"] == {"id": 2, "connectorId": 1}
            assert started["idToken"] == {"idToken": "TAG1", "type": "ISO14443"}
            assert ended["triggerReason"] == "StopAuthorized"
            assert ended["transactionInfo"]["stoppedReason"] == "Local"
            for event in found:
                assert all(v["timestamp"] == event["timestamp"] for v in event.get("meterValue", []))
            begin = started["meterValue"][0]["sampledValue"][0]["value"]
            end = ended["meterValue"][0]["sampledValue"][0]["value"]
            assert 2950 <= end - begin <= 3050
            states = [e["transactionInfo"]["chargingState"] for e in found]
            assert "Charging" in states
            assert "SuspendedEV" in states
            await server.when(lambda: server.of("StatusNotification")[-1]["connectorStatus"] == "Available")
            seen = [s["connectorStatus"] for s in server.of("StatusNotification") if s["evseId"] == 2]
            assert seen == ["Available", "Occupied", "Available"]

    async def test_events_made_offline_are_replayed_in_order_and_say_so(
        self, online: Online, version: str
    ) -> None:
        async with online(version) as (station, server):
            station.disconnect(1200)
            await server.when(lambda: not station.online)
            start_visit(station, station.connectors[0], Visit(id_token="TAG1", energy_wh=2000, stay_s=600))
            await server.when(lambda: events(server) and events(server)[-1]["eventType"] == "Ended", 20)
            assert [event["seqNo"] for event in events(server)] == list(range(len(events(server))))
            assert all(event["offline"] for event in events(server))

    async def test_a_token_that_the_server_refuses_late_stops_the_session(
        self, online: Online, version: str
    ) -> None:
        async with online(version) as (station, server):
            server.overrides["TransactionEvent"] = lambda event: (
                {"idTokenInfo": {"status": "Invalid"}} if event["eventType"] == "Started" else {}
            )
            start_visit(station, station.connectors[0], Visit(id_token="TAG1", energy_wh=9000))
            await server.when(lambda: events(server) and events(server)[-1]["eventType"] == "Ended")
            assert events(server)[-1]["transactionInfo"]["stoppedReason"] == "DeAuthorized"


@VERSIONS
class TestCommands:
    async def test_remote_start_and_stop(self, online: Online, version: str) -> None:
        async with online(version) as (_, server):
            remote = {"remoteStartId": 5, "evseId": 1, "idToken": {"idToken": "APP", "type": "Central"}}
            assert await server.command("CP-1", "RequestStartTransaction", remote) == {"status": "Accepted"}
            (started, *_) = await server.until("TransactionEvent", 3)
            assert started["triggerReason"] == "RemoteStart"
            assert started["transactionInfo"]["remoteStartId"] == 5
            key = {"transactionId": started["transactionInfo"]["transactionId"]}
            assert (await server.command("CP-1", "GetTransactionStatus", key))["ongoingIndicator"] is True
            assert await server.command("CP-1", "RequestStopTransaction", key) == {"status": "Accepted"}
            await server.when(lambda: events(server)[-1]["eventType"] == "Ended")
            assert events(server)[-1]["triggerReason"] == "RemoteStop"

    async def test_the_base_report_comes_in_pages(self, online: Online, version: str) -> None:
        async with online(version, connectors=3) as (_, server):
            ask = {"requestId": 8, "reportBase": "FullInventory"}
            assert await server.command("CP-1", "GetBaseReport", ask) == {"status": "Accepted"}
            await server.when(lambda: server.of("NotifyReport") and not server.of("NotifyReport")[-1]["tbc"])
            pages = server.of("NotifyReport")
            assert [page["seqNo"] for page in pages] == list(range(len(pages)))
            assert len(pages) > 1
            names = {
                (d["component"]["name"], d["component"].get("evse", {}).get("id"), d["variable"]["name"])
                for page in pages
                for d in page["reportData"]
            }
            assert ("Connector", 3, "ConnectorType") in names
            assert ("SampledDataCtrlr", None, "TxUpdatedInterval") in names

    async def test_variables(self, online: Online, version: str) -> None:
        async with online(version) as (station, server):
            component, variable = {"name": "SampledDataCtrlr"}, {"name": "TxUpdatedInterval"}
            item = {"component": component, "variable": variable}
            changes = [
                item | {"attributeValue": "30"},
                item | {"attributeValue": "often"},
                {"component": component, "variable": {"name": "X"}, "attributeValue": "1"},
                {"component": {"name": "Y"}, "variable": {"name": "X"}, "attributeValue": "1"},
            ]
            answer = await server.command("CP-1", "SetVariables", {"setVariableData": changes})
            assert [r["attributeStatus"] for r in answer["setVariableResult"]] == [
                "Accepted",
                "Rejected",
                "UnknownVariable",
                "UnknownComponent",
            ]
            assert station.meter_interval_s == 30
            answer = await server.command("CP-1", "GetVariables", {"getVariableData": [item]})
            assert answer["getVariableResult"][0]["attributeValue"] == "30"

    async def test_a_charging_profile_is_obeyed_and_reported(self, online: Online, version: str) -> None:
        async with online(version) as (station, server):
            start_visit(station, station.connectors[0], Visit(id_token="T", energy_wh=20_000, stay_s=90_000))
            await server.until("TransactionEvent", 3)
            profile = {
                "id": 3,
                "stackLevel": 0,
                "chargingProfilePurpose": "TxDefaultProfile",
                "chargingProfileKind": "Absolute",
                "chargingSchedule": [
                    {
                        "id": 1,
                        "startSchedule": "2020-01-01T00:00:00Z",
                        "chargingRateUnit": "A",
                        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 2, "numberPhases": 3}],
                    }
                ],
            }
            command = {"evseId": 0, "chargingProfile": profile}
            assert await server.command("CP-1", "SetChargingProfile", command) == {"status": "Accepted"}
            await server.when(lambda: abs(station.connectors[0].meter.power_w - 1380) < 1)
            ask = {"requestId": 4, "chargingProfile": {"chargingProfilePurpose": "TxDefaultProfile"}}
            assert await server.command("CP-1", "GetChargingProfiles", ask) == {"status": "Accepted"}
            (report,) = await server.until("ReportChargingProfiles")
            assert report["chargingProfile"] == [profile]
            answer = await server.command("CP-1", "GetCompositeSchedule", {"evseId": 1, "duration": 60})
            assert answer["schedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 1380.0}]
            clear = {"chargingProfileCriteria": {"chargingProfilePurpose": "TxDefaultProfile"}}
            assert await server.command("CP-1", "ClearChargingProfile", clear) == {"status": "Accepted"}
            await server.when(lambda: station.connectors[0].meter.power_w > 1400)

    async def test_reset_on_idle_waits_for_the_session(self, online: Online, version: str) -> None:
        async with online(version) as (station, server):
            start_visit(station, station.connectors[0], Visit(id_token="T", energy_wh=9000, stay_s=36_000))
            await server.until("TransactionEvent", 3)
            assert await server.command("CP-1", "Reset", {"type": "OnIdle"}) == {"status": "Scheduled"}
            unlock = {"evseId": 1, "connectorId": 1}
            assert await server.command("CP-1", "UnlockConnector", unlock) == {
                "status": "OngoingAuthorizedTransaction"
            }
            assert await server.command("CP-1", "Reset", {"type": "Immediate"}) == {"status": "Accepted"}
            boots = await server.until("BootNotification", 2)
            assert boots[1]["reason"] in ("RemoteReset", "ScheduledReset")
            assert events(server)[-1]["transactionInfo"]["stoppedReason"] == "ImmediateReset"

    async def test_trigger_availability_and_the_rest(self, online: Online, version: str) -> None:
        async with online(version, connectors=2) as (_, server):
            for kind in ("BootNotification", "Heartbeat", "MeterValues", "StatusNotification"):
                answer = await server.command("CP-1", "TriggerMessage", {"requestedMessage": kind})
                assert answer == {"status": "Accepted"}
            await server.until("MeterValues", 2)
            await server.until("BootNotification", 2)
            change = {"operationalStatus": "Inoperative", "evse": {"id": 2}}
            assert await server.command("CP-1", "ChangeAvailability", change) == {"status": "Accepted"}
            await server.when(lambda: server.of("StatusNotification")[-1]["connectorStatus"] == "Unavailable")
            token = {"idToken": "A", "type": "ISO14443"}
            entries = [{"idToken": token, "idTokenInfo": {"status": "Accepted"}}]
            full = {"versionNumber": 4, "updateType": "Full", "localAuthorizationList": entries}
            assert await server.command("CP-1", "SendLocalList", full) == {"status": "Accepted"}
            assert await server.command("CP-1", "GetLocalListVersion", {}) == {"versionNumber": 4}
            reserve = {"id": 1, "expiryDateTime": "2099-01-01T00:00:00Z", "idToken": token, "evseId": 2}
            assert await server.command("CP-1", "ReserveNow", reserve) == {"status": "Unavailable"}
            assert await server.command("CP-1", "ClearCache", {}) == {"status": "Accepted"}
            assert (await server.command("CP-1", "UnpublishFirmware", {"checksum": "x"}))[2] == "NotSupported"
            assert (await server.command("CP-1", "MakeCoffee", {}))[2] == "NotImplemented"
            assert (await server.command("CP-1", "Reset", {}))[2] == "OccurrenceConstraintViolation"


class TestStatusByEvent:
    async def test_a_station_may_report_its_status_by_event(self, online: Online) -> None:
        async with online("2.1", wait=False, status_by_event=True) as (_, server):
            (event,) = await server.until("NotifyEvent")
            (data,) = event["eventData"]
            assert data["variable"] == {"name": "AvailabilityState"}
            assert data["actualValue"] == "Available"


class TestStartAtPlug:
    async def test_the_transaction_begins_before_anyone_signs_on(self, online: Online) -> None:
        async with online("2.0.1", starts_at_plug=True) as (station, server):
            start_visit(station, station.connectors[0], Visit(id_token="T", energy_wh=2000, stay_s=1800))
            await server.when(lambda: events(server) and events(server)[-1]["eventType"] == "Ended", 20)
            started, authorised = events(server)[:2]
            assert started["triggerReason"] == "CablePluggedIn"
            assert "idToken" not in started
            assert authorised["triggerReason"] == "Authorized"
            assert authorised["idToken"]["idToken"] == "T"

    async def test_a_refused_driver_ends_it_without_energy(self, online: Online) -> None:
        async with online("2.0.1", starts_at_plug=True) as (station, server):
            server.overrides["Authorize"] = lambda _: {"idTokenInfo": {"status": "Blocked"}}
            start_visit(station, station.connectors[0], Visit(id_token="T", energy_wh=2000))
            await server.when(lambda: len(events(server)) == 2)
            assert events(server)[1]["transactionInfo"]["stoppedReason"] == "EVDisconnected"
            assert "idToken" not in events(server)[1]

    async def test_a_remote_start_signs_on_the_driver_who_is_plugged_in(self, online: Online) -> None:
        async with online("2.0.1", speed=60, starts_at_plug=True) as (station, server):
            server.overrides["Authorize"] = lambda _: {"idTokenInfo": {"status": "Blocked"}}
            start_visit(station, station.connectors[0], Visit(id_token="T", energy_wh=2000))
            await server.until("Authorize")
            remote = {"remoteStartId": 5, "evseId": 1, "idToken": {"idToken": "APP", "type": "Central"}}
            assert await server.command("CP-1", "RequestStartTransaction", remote) == {"status": "Accepted"}
            await server.when(lambda: len(events(server)) >= 2)
            assert events(server)[1]["triggerReason"] == "RemoteStart"
            assert events(server)[1]["transactionInfo"]["remoteStartId"] == 5
            assert events(server)[1]["idToken"]["idToken"] == "APP"
