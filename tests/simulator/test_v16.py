"""A 1.6 station: what it says and what it answers."""

from __future__ import annotations

import base64
from typing import Any

from forecourt.simulator.session import Visit, start_visit
from tests.simulator.conftest import Online


def states(server: Any, connector: int = 1) -> list[str]:
    """The statuses that a connector reported."""
    return [s["status"] for s in server.of("StatusNotification") if s["connectorId"] == connector]


class TestSession:
    async def test_a_driver_charges_from_plug_in_to_unplug(self, online: Online) -> None:
        async with online("1.6") as (station, server):
            visit = Visit(id_token="TAG1", energy_wh=3000, stay_s=3600)
            assert start_visit(station, station.connectors[0], visit)
            (stop,) = await server.until("StopTransaction", within=20)
            (start,) = server.of("StartTransaction")
            assert stop["transactionId"] == 101
            assert stop["reason"] == "Local"
            assert stop["transactionData"][0]["timestamp"] == stop["timestamp"]
            assert 2950 <= stop["meterStop"] - start["meterStart"] <= 3050
            values = server.of("MeterValues")
            assert len(values) > 10
            assert {v["measurand"] for v in values[0]["meterValue"][0]["sampledValue"]} == {
                "Energy.Active.Import.Register",
                "Power.Active.Import",
                "Current.Import",
                "Voltage",
            }
            await server.when(lambda: states(server)[-1] == "Available" and len(states(server)) > 2)
            assert states(server) == [
                "Available",
                "Preparing",
                "Charging",
                "SuspendedEV",
                "Finishing",
                "Available",
            ]

    async def test_a_dc_session_reports_the_state_of_charge_and_ends_when_full(self, online: Online) -> None:
        async with online("1.6", kind="DC", max_power_w=150_000) as (station, server):
            start_visit(station, station.connectors[0], Visit(id_token="TAG1", energy_wh=20_000))
            await server.until("StopTransaction", within=20)
            samples = server.of("MeterValues")[-1]["meterValue"][0]["sampledValue"]
            assert any(s["measurand"] == "SoC" and s["location"] == "EV" for s in samples)

    async def test_a_refused_driver_leaves_without_a_transaction(self, online: Online) -> None:
        async with online("1.6") as (station, server):
            server.overrides["Authorize"] = lambda _: {"idTagInfo": {"status": "Blocked"}}
            start_visit(station, station.connectors[0], Visit(id_token="TAG1", energy_wh=3000))
            await server.when(lambda: states(server)[-1] == "Available" and len(states(server)) > 2)
            assert server.of("StartTransaction") == []

    async def test_a_start_that_the_server_refuses_is_stopped(self, online: Online) -> None:
        async with online("1.6") as (station, server):
            server.overrides["StartTransaction"] = lambda _: {
                "transactionId": 7,
                "idTagInfo": {"status": "Invalid"},
            }
            start_visit(station, station.connectors[0], Visit(id_token="TAG1", energy_wh=9000))
            (stop,) = await server.until("StopTransaction")
            assert stop["reason"] == "DeAuthorized"


class TestConnection:
    async def test_it_signs_on_with_basic_auth_and_its_subprotocol(self, online: Online) -> None:
        async with online("1.6", password="secret") as (_, server):
            wanted = "Basic " + base64.b64encode(b"CP-1:secret").decode()
            headers = {key.lower(): value for key, value in server.headers[0].items()}
            assert headers["authorization"] == wanted
            assert headers["sec-websocket-protocol"] == "ocpp1.6"

    async def test_it_beats_at_the_interval_it_is_told(self, online: Online) -> None:
        async with online("1.6") as (_, server):
            await server.command("CP-1", "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "60"})
            await server.until("Heartbeat", 3, within=3)

    async def test_while_pending_it_only_boots_and_answers(self, online: Online) -> None:
        async with online("1.6", wait=False) as (station, server):
            server.overrides["BootNotification"] = lambda _: {
                "status": "Pending",
                "currentTime": "2026-01-01T00:00:00Z",
                "interval": 3600,
            }
            await server.until("BootNotification")
            trigger = {"requestedMessage": "StatusNotification", "connectorId": 1}
            assert await server.command("CP-1", "TriggerMessage", trigger) == {"status": "Accepted"}
            await server.until("StatusNotification")
            assert not station.online
            del server.overrides["BootNotification"]
            await server.command("CP-1", "TriggerMessage", {"requestedMessage": "BootNotification"})
            await server.when(lambda: station.online)

    async def test_a_new_password_takes_effect_at_once(self, online: Online) -> None:
        async with online("1.6", password="old") as (_, server):
            change = {"key": "AuthorizationKey", "value": "new-password-1234"}
            assert await server.command("CP-1", "ChangeConfiguration", change) == {"status": "Accepted"}
            await server.when(lambda: len(server.headers) == 2)
            headers = {key.lower(): value for key, value in server.headers[1].items()}
            assert base64.b64decode(headers["authorization"][6:]) == b"CP-1:new-password-1234"


class TestOffline:
    async def test_a_session_while_offline_is_replayed_in_order(self, online: Online) -> None:
        async with online("1.6") as (station, server):
            station.disconnect(1200)
            await server.when(lambda: not station.online)
            before = len(server.calls)
            start_visit(station, station.connectors[0], Visit(id_token="TAG1", energy_wh=2000, stay_s=600))
            (stop,) = await server.until("StopTransaction", within=20)
            kept = [a for _, a, _ in server.calls[before:] if a not in ("StatusNotification", "Heartbeat")]
            assert kept[0] == "StartTransaction"
            assert kept[-1] == "StopTransaction"
            assert set(kept[1:-1]) == {"MeterValues"}
            assert all(m["transactionId"] == stop["transactionId"] for m in server.of("MeterValues"))
            times = [m["meterValue"][0]["timestamp"] for m in server.of("MeterValues")]
            assert times == sorted(times)


class TestCommands:
    async def test_remote_start_and_stop(self, online: Online) -> None:
        async with online("1.6", connectors=2) as (_, server):
            remote = {"idTag": "APP", "connectorId": 2}
            assert await server.command("CP-1", "RemoteStartTransaction", remote) == {"status": "Accepted"}
            (start,) = await server.until("StartTransaction")
            assert start["connectorId"] == 2
            assert start["idTag"] == "APP"
            await server.until("MeterValues", 2)
            answer = await server.command("CP-1", "RemoteStopTransaction", {"transactionId": 101})
            assert answer == {"status": "Accepted"}
            (stop,) = await server.until("StopTransaction")
            assert stop["reason"] == "Remote"
            assert await server.command("CP-1", "RemoteStopTransaction", {"transactionId": 101}) == {
                "status": "Rejected"
            }

    async def test_reset_ends_the_session_and_boots_again(self, online: Online) -> None:
        async with online("1.6") as (station, server):
            start_visit(station, station.connectors[0], Visit(id_token="T", energy_wh=20_000, stay_s=36_000))
            await server.until("MeterValues")
            assert await server.command("CP-1", "Reset", {"type": "Hard"}) == {"status": "Accepted"}
            await server.until("BootNotification", 2)
            assert server.of("StopTransaction")[0]["reason"] == "HardReset"

    async def test_availability(self, online: Online) -> None:
        async with online("1.6", connectors=2) as (_, server):
            change = {"connectorId": 0, "type": "Inoperative"}
            assert await server.command("CP-1", "ChangeAvailability", change) == {"status": "Accepted"}
            await server.when(lambda: states(server, 2)[-1] == "Unavailable")
            assert await server.command(
                "CP-1", "RemoteStartTransaction", {"idTag": "APP", "connectorId": 1}
            ) == {"status": "Rejected"}
            change["type"] = "Operative"
            await server.command("CP-1", "ChangeAvailability", change)
            await server.when(lambda: states(server, 2)[-1] == "Available")

    async def test_a_connector_goes_out_of_service_when_its_session_is_over(self, online: Online) -> None:
        async with online("1.6") as (station, server):
            start_visit(station, station.connectors[0], Visit(id_token="T", energy_wh=2000, stay_s=2400))
            await server.until("MeterValues")
            change = {"connectorId": 1, "type": "Inoperative"}
            assert await server.command("CP-1", "ChangeAvailability", change) == {"status": "Scheduled"}
            (stop,) = await server.until("StopTransaction", within=15)
            assert stop["meterStop"] - server.of("StartTransaction")[0]["meterStart"] > 1900
            await server.when(lambda: states(server)[-1] == "Unavailable")

    async def test_configuration(self, online: Online) -> None:
        async with online("1.6", connectors=2) as (_, server):
            answer = await server.command(
                "CP-1", "GetConfiguration", {"key": ["NumberOfConnectors", "Nonsense"]}
            )
            assert answer == {
                "configurationKey": [{"key": "NumberOfConnectors", "readonly": True, "value": "2"}],
                "unknownKey": ["Nonsense"],
            }
            for key, value, status in (
                ("NumberOfConnectors", "3", "Rejected"),
                ("Nonsense", "3", "NotSupported"),
                ("HeartbeatInterval", "x", "Rejected"),
                ("MeterValueSampleInterval", "30", "Accepted"),
                ("WebSocketPingInterval", "30", "RebootRequired"),
            ):
                answer = await server.command("CP-1", "ChangeConfiguration", {"key": key, "value": value})
                assert answer == {"status": status}, key

    async def test_a_charging_profile_is_obeyed_at_once(self, online: Online) -> None:
        async with online("1.6") as (station, server):
            start_visit(station, station.connectors[0], Visit(id_token="T", energy_wh=20_000, stay_s=90_000))
            await server.until("MeterValues")
            profile = {
                "chargingProfileId": 1,
                "stackLevel": 0,
                "chargingProfilePurpose": "TxProfile",
                "chargingProfileKind": "Relative",
                "chargingSchedule": {
                    "chargingRateUnit": "W",
                    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 1500}],
                },
            }
            command = {"connectorId": 1, "csChargingProfiles": profile}
            assert await server.command("CP-1", "SetChargingProfile", command) == {"status": "Accepted"}
            await server.when(lambda: abs(station.connectors[0].meter.power_w - 1500) < 1)
            composite = await server.command(
                "CP-1", "GetCompositeSchedule", {"connectorId": 1, "duration": 600}
            )
            periods = composite["chargingSchedule"]["chargingSchedulePeriod"]
            assert periods == [{"startPeriod": 0, "limit": 1500.0}]
            profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] = 0  # type: ignore[index]
            await server.command("CP-1", "SetChargingProfile", command)
            await server.when(lambda: states(server)[-1] == "SuspendedEVSE")
            assert await server.command("CP-1", "ClearChargingProfile", {"id": 1}) == {"status": "Accepted"}
            await server.when(lambda: states(server)[-1] == "Charging")
            assert await server.command("CP-1", "ClearChargingProfile", {"id": 1}) == {"status": "Unknown"}

    async def test_local_list_and_reservation(self, online: Online) -> None:
        async with online("1.6", speed=1) as (_, server):
            entries = [{"idTag": "A", "idTagInfo": {"status": "Accepted"}}]
            full = {"listVersion": 4, "updateType": "Full", "localAuthorizationList": entries}
            assert await server.command("CP-1", "SendLocalList", full) == {"status": "Accepted"}
            assert await server.command("CP-1", "GetLocalListVersion", {}) == {"listVersion": 4}
            old = {"listVersion": 4, "updateType": "Differential"}
            assert await server.command("CP-1", "SendLocalList", old) == {"status": "VersionMismatch"}
            reserve = {
                "connectorId": 1,
                "expiryDate": "2099-01-01T00:00:00Z",
                "idTag": "A",
                "reservationId": 9,
            }
            assert await server.command("CP-1", "ReserveNow", reserve) == {"status": "Accepted"}
            await server.when(lambda: states(server)[-1] == "Reserved")
            assert await server.command("CP-1", "ReserveNow", reserve) == {"status": "Occupied"}
            assert await server.command("CP-1", "RemoteStartTransaction", {"idTag": "B"}) == {
                "status": "Rejected"
            }
            assert await server.command("CP-1", "CancelReservation", {"reservationId": 9}) == {
                "status": "Accepted"
            }
            await server.when(lambda: states(server)[-1] == "Available")

    async def test_what_it_cannot_do_is_refused_properly(self, online: Online) -> None:
        async with online("1.6") as (_, server):
            assert (await server.command("CP-1", "GetDiagnostics", {"location": "ftp://x"}))[
                2
            ] == "NotSupported"
            assert (await server.command("CP-1", "MakeCoffee", {}))[2] == "NotImplemented"
            assert (await server.command("CP-1", "Reset", {}))[2] == "OccurenceConstraintViolation"
            assert await server.command("CP-1", "DataTransfer", {"vendorId": "x"}) == {
                "status": "UnknownVendorId"
            }
            assert await server.command("CP-1", "ClearCache", {}) == {"status": "Accepted"}
            assert await server.command("CP-1", "UnlockConnector", {"connectorId": 1}) == {
                "status": "Unlocked"
            }


class TestRefusals:
    async def test_a_transaction_message_is_tried_three_times_and_then_let_go(self, online: Online) -> None:
        async with online("1.6") as (station, server):
            server.refuse = {"MeterValues"}
            start_visit(station, station.connectors[0], Visit(id_token="T", energy_wh=800, stay_s=90))
            await server.until("StopTransaction", within=15)
            assert station.totals.messages_dropped == 1
            assert len([frame for frame in server.frames if frame[2] == "MeterValues"]) == 3
