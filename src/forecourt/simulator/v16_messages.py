"""What a 1.6 station says."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from forecourt.ocpp import Version
from forecourt.simulator.connector import Connector, Transaction
from forecourt.simulator.link import Payload
from forecourt.simulator.meter import DEFAULT_MEASURANDS, Sample, chosen
from forecourt.simulator.outbox import Pending
from forecourt.simulator.pace import stamp
from forecourt.simulator.station import Station
from forecourt.simulator.v16_config import Configuration

REASONS = {
    "EmergencyStop",
    "EVDisconnected",
    "HardReset",
    "Local",
    "Other",
    "PowerLoss",
    "Reboot",
    "Remote",
    "SoftReset",
    "UnlockCommand",
    "DeAuthorized",
}
NO_TRANSACTION = -1
"""Sent where the server never gave an id because it refused StartTransaction."""


class Speaker16(Station):
    """The messages that a 1.6 station sends."""

    version: ClassVar[Version] = Version.V16

    _config: Configuration | None = None

    @property
    def config(self) -> Configuration:
        """The configuration keys."""
        if self._config is None:
            self._config = Configuration(
                connectors=len(self.connectors),
                measurands=",".join(DEFAULT_MEASURANDS),
                meter_interval_s=self.spec.meter_interval_s,
            )
        return self._config

    @property
    def meter_interval_s(self) -> float:
        """Seconds between meter values during a transaction."""
        return self.config.number("MeterValueSampleInterval")

    def boot_payload(self) -> Payload:
        """BootNotification.req."""
        return {
            "chargePointVendor": self.spec.vendor[:20],
            "chargePointModel": self.spec.model[:20],
            "chargePointSerialNumber": (self.spec.serial_number or self.spec.identity)[:25],
            "firmwareVersion": self.spec.firmware_version[:50],
            "meterType": f"Modelled {self.spec.kind.upper()}",
        }

    def report(self, connector: Connector, *, first: bool = False) -> None:
        """StatusNotification.req, and one for the station as a whole before that of connector 1."""
        self.outbox.put(self.status_entry(connector.number, connector), first=first)
        if first and connector.number == 1:
            self.outbox.put(self.status_entry(0, None), first=True)

    def status_entry(self, number: int, connector: Connector | None, *, early: bool = False) -> Pending:
        """A StatusNotification as it is now."""
        payload: Payload = {
            "connectorId": number,
            "errorCode": connector.error_code if connector else "NoError",
            "status": str(connector.state) if connector else "Available",
            "timestamp": stamp(self.now()),
        }
        return Pending(action="StatusNotification", build=lambda _offline: payload, early=early)

    def ask(self, id_token: str, token_type: str) -> tuple[str, Payload]:
        """Authorize.req."""
        return "Authorize", {"idTag": id_token[:20]}

    def accepted(self, answer: Payload, id_token: str) -> bool:
        """Read idTagInfo, and remember it in the cache."""
        status = str(answer.get("idTagInfo", {}).get("status", "Invalid"))
        self.auth_cache[id_token] = status
        return status == "Accepted"

    def tx_started(self, connector: Connector, tx: Transaction) -> None:
        """StartTransaction.req."""
        payload: Payload = {
            "connectorId": connector.number,
            "idTag": tx.id_token[:20],
            "meterStart": tx.meter_start_wh,
            "timestamp": stamp(tx.started_at),
        }
        if connector.reservation is not None:
            payload["reservationId"] = connector.reservation.reservation_id

        def answered(answer: Payload) -> None:
            tx.server_id = int(answer["transactionId"])
            if not self.accepted(answer, tx.id_token):
                tx.authorised = False
                if self.config.flag("StopTransactionOnInvalidId"):
                    tx.stop("DeAuthorized")

        self.outbox.put(
            Pending(action="StartTransaction", build=lambda _offline: payload, keep=True, on_result=answered)
        )

    def tx_meter(self, connector: Connector, tx: Transaction, samples: list[Sample]) -> None:
        """MeterValues.req of a transaction."""
        values = [self._values(samples, "MeterValuesSampledData", "Sample.Periodic")]

        def build(_offline: bool) -> Payload:
            return {
                "connectorId": connector.number,
                "transactionId": NO_TRANSACTION if tx.server_id is None else tx.server_id,
                "meterValue": values,
            }

        self.outbox.put(Pending(action="MeterValues", build=build, keep=True))

    def tx_state(self, connector: Connector, tx: Transaction) -> None:
        """1.6 tells the charging state by StatusNotification alone."""

    def tx_ended(self, connector: Connector, tx: Transaction, samples: list[Sample]) -> None:
        """StopTransaction.req."""
        at = self.now()
        meter_stop = connector.meter.reading_wh
        reason = tx.stop_reason if tx.stop_reason in REASONS else "Other"
        values = [self._values(samples, "StopTxnSampledData", "Transaction.End", at)]

        def build(_offline: bool) -> Payload:
            payload: Payload = {
                "transactionId": NO_TRANSACTION if tx.server_id is None else tx.server_id,
                "meterStop": meter_stop,
                "timestamp": stamp(at),
                "reason": reason,
                "transactionData": values,
            }
            if tx.stop_token:
                payload["idTag"] = tx.stop_token[:20]
            return payload

        self.outbox.put(Pending(action="StopTransaction", build=build, keep=True))

    def meter_entry(self, connector: Connector) -> Pending:
        """MeterValues.req on request of the server."""
        payload: Payload = {
            "connectorId": connector.number,
            "meterValue": [self._values(connector.samples(), "MeterValuesSampledData", "Trigger")],
        }
        if connector.transaction is not None and connector.transaction.server_id is not None:
            payload["transactionId"] = connector.transaction.server_id
        return Pending(action="MeterValues", build=lambda _offline: payload)

    def _values(self, samples: list[Sample], key: str, context: str, at: datetime | None = None) -> Payload:
        wanted = chosen(samples, self.config.text(key))
        return {"timestamp": stamp(at or self.now()), "sampledValue": [_sampled(s, context) for s in wanted]}


def _sampled(sample: Sample, context: str) -> Payload:
    value = sample.value
    entry: Payload = {
        "value": str(int(value)) if float(value).is_integer() else str(value),
        "context": context,
        "measurand": sample.measurand,
        "unit": sample.unit,
        "location": sample.location,
    }
    if sample.phase is not None:
        entry["phase"] = sample.phase
    return entry
