"""One OCPP 1.6 station from boot to stop, over a real socket and a real database."""

from __future__ import annotations

from decimal import Decimal

from forecourt.stations.events import (
    Booted,
    Connected,
    Disconnected,
    MeterValuesReported,
    StatusReported,
    TransactionReported,
)
from tests.gateway.conftest import World, stamp, until


class TestSession:
    async def test_a_station_boots_charges_and_stops(self, world: World) -> None:
        entry = world.add("CP1")
        station = await world.connect("CP1")
        assert (await station.boot())[2]["status"] == "Accepted"
        assert "currentTime" in (await station.call("Heartbeat", {}))[2]
        status = {"connectorId": 1, "errorCode": "NoError", "status": "Preparing"}
        assert (await station.call("StatusNotification", status))[2] == {}
        assert (await station.call("Authorize", {"idTag": "TAG"}))[2]["idTagInfo"]["status"] == "Accepted"
        start = {"connectorId": 1, "idTag": "TAG", "meterStart": 100, "timestamp": stamp()}
        started = (await station.call("StartTransaction", start))[2]
        transaction = started["transactionId"]
        assert transaction > 0
        values = [{"timestamp": stamp(), "sampledValue": [{"value": "1.5", "unit": "kWh"}]}]
        metered = {"connectorId": 1, "transactionId": transaction, "meterValue": values}
        assert (await station.call("MeterValues", metered))[2] == {}
        stop = {"transactionId": transaction, "meterStop": 2000, "timestamp": stamp()}
        assert (await station.call("StopTransaction", stop))[2] == {}

        handler = world.handler
        assert isinstance(handler.events(Connected)[0], Connected)
        assert handler.events(Connected)[0].epoch == 1
        assert handler.events(Booted)[0].vendor == "V"
        assert handler.events(StatusReported)[0].status == "preparing"
        assert handler.events(MeterValuesReported)[0].readings[0].import_wh == Decimal(1500)
        begun, ended = handler.events(TransactionReported)
        assert (begun.kind, begun.meter_start_wh) == ("started", Decimal(100))
        assert (ended.kind, ended.transaction, ended.meter_stop_wh) == (
            "ended",
            str(transaction),
            Decimal(2000),
        )

        rows = await world.log(entry)
        assert [row["direction"] for row in rows] == ["in", "out"] * 7
        assert {row["error"] for row in rows} == {None}

        await station.socket.close()
        await until(lambda: handler.events(Disconnected))
        assert handler.events(Disconnected)[0].epoch == 1
