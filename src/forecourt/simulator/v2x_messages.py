"""What a 2.0.1 or 2.1 station says. One EVSE per connector, connector 1 of each."""

from __future__ import annotations

from datetime import datetime

from forecourt.simulator.connector import Connector, State, Transaction
from forecourt.simulator.link import Payload
from forecourt.simulator.meter import Sample, chosen
from forecourt.simulator.outbox import Pending
from forecourt.simulator.pace import stamp
from forecourt.simulator.station import Station
from forecourt.simulator.v2x_variables import DeviceModel

STATUS = {
    State.AVAILABLE: "Available",
    State.RESERVED: "Reserved",
    State.UNAVAILABLE: "Unavailable",
    State.FAULTED: "Faulted",
}
"""Everything else is Occupied."""

ENDINGS = {
    "Local": ("StopAuthorized", "Local"),
    "Remote": ("RemoteStop", "Remote"),
    "EVDisconnected": ("EVDeparted", "EVDisconnected"),
    "DeAuthorized": ("Deauthorized", "DeAuthorized"),
    "HardReset": ("ResetCommand", "ImmediateReset"),
    "SoftReset": ("ResetCommand", "ImmediateReset"),
    "UnlockCommand": ("UnlockCommand", "Other"),
    "GroundFault": ("AbnormalCondition", "GroundFault"),
    "PowerLoss": ("AbnormalCondition", "PowerLoss"),
}
"""Our reasons: (triggerReason, stoppedReason)."""

CHARGING_STATES = ("Charging", "SuspendedEV", "SuspendedEVSE", "EVConnected", "Idle")


class Speaker2x(Station):
    """The messages that a 2.x station sends."""

    _device: DeviceModel | None = None
    _event_id = 0

    @property
    def device(self) -> DeviceModel:
        """Components and variables."""
        if self._device is None:
            self._device = DeviceModel(self.spec)
        return self._device

    @property
    def meter_interval_s(self) -> float:
        """Seconds between meter values during a transaction."""
        return self.device.number("SampledDataCtrlr", "TxUpdatedInterval")

    def boot_payload(self) -> Payload:
        """BootNotificationRequest."""
        return {
            "reason": self.boot_reason,
            "chargingStation": {
                "model": self.spec.model[:20],
                "vendorName": self.spec.vendor[:50],
                "serialNumber": (self.spec.serial_number or self.spec.identity)[:25],
                "firmwareVersion": self.spec.firmware_version[:50],
            },
        }

    def report(self, connector: Connector, *, first: bool = False) -> None:
        """StatusNotificationRequest, when the status in the words of 2.x changed; and the problem, if any."""
        now = STATUS.get(connector.state, "Occupied")
        if not first and connector.reported == now:
            return
        was = connector.reported
        connector.reported = now
        for component, number in (("EVSE", 0), ("Connector", 1)):
            self.device.set_actual(component, connector.number, number, "AvailabilityState", now)
        self.outbox.put(self.status_entry(connector), first=first)
        if "Faulted" in (now, was) and now != was:
            self.say("NotifyEvent", self._problem(connector, cleared=now != "Faulted"))

    def status_entry(self, connector: Connector, *, early: bool = False) -> Pending:
        """The status as it is now: StatusNotification, or NotifyEvent where the station prefers it."""
        status = STATUS.get(connector.state, "Occupied")
        if self.spec.status_by_event:
            payload = self._event(
                {
                    "trigger": "Delta",
                    "actualValue": status,
                    "component": {"name": "Connector", "evse": {"id": connector.number, "connectorId": 1}},
                    "variable": {"name": "AvailabilityState"},
                }
            )
            return Pending(action="NotifyEvent", build=lambda _offline: payload, early=early)
        payload = {
            "timestamp": stamp(self.now()),
            "connectorStatus": status,
            "evseId": connector.number,
            "connectorId": 1,
        }
        return Pending(action="StatusNotification", build=lambda _offline: payload, early=early)

    def _problem(self, connector: Connector, *, cleared: bool) -> Payload:
        data: Payload = {
            "trigger": "Alerting",
            "actualValue": "false" if cleared else "true",
            "cleared": cleared,
            "component": {"name": "Connector", "evse": {"id": connector.number, "connectorId": 1}},
            "variable": {"name": "Problem"},
        }
        if not cleared:
            data["techCode"] = connector.error_code
        return self._event(data)

    def _event(self, data: Payload) -> Payload:
        self._event_id += 1
        at = stamp(self.now())
        fixed = {"eventId": self._event_id, "timestamp": at, "eventNotificationType": "HardWiredNotification"}
        return {"generatedAt": at, "seqNo": 0, "eventData": [fixed | data]}

    def ask(self, id_token: str, token_type: str) -> tuple[str, Payload]:
        """AuthorizeRequest."""
        return "Authorize", {"idToken": {"idToken": id_token, "type": token_type}}

    def accepted(self, answer: Payload, id_token: str) -> bool:
        """Read idTokenInfo, and remember it in the cache."""
        status = str((answer.get("idTokenInfo") or {}).get("status", "Invalid"))
        self.auth_cache[id_token] = status
        return status == "Accepted"

    def event(
        self,
        connector: Connector,
        tx: Transaction,
        kind: str,
        trigger: str,
        *,
        values: list[Payload] | None = None,
        token: bool = False,
        stopped: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Queue a TransactionEventRequest with the next sequence number."""
        state = tx.charging_state if tx.charging_state in CHARGING_STATES else "EVConnected"
        info: Payload = {"transactionId": tx.key, "chargingState": state}
        payload: Payload = {
            "eventType": kind,
            "timestamp": stamp(at or self.now()),
            "triggerReason": trigger,
            "seqNo": tx.seq_no,
            "transactionInfo": info,
        }
        tx.seq_no += 1
        if stopped is not None:
            info["stoppedReason"] = stopped
        if trigger == "RemoteStart":
            info["remoteStartId"] = tx.remote_start_id
        if kind == "Started":
            payload["evse"] = {"id": connector.number, "connectorId": 1}
            if connector.reservation is not None:
                payload["reservationId"] = connector.reservation.reservation_id
            if not connector.dc:
                payload["numberOfPhasesUsed"] = connector.phases
        if token:
            payload["idToken"] = {"idToken": tx.id_token, "type": tx.token_type}
        if values:
            payload["meterValue"] = values

        def build(offline: bool) -> Payload:
            return payload | {"offline": True} if offline else payload

        def answered(answer: Payload) -> None:
            if not (token and kind != "Ended" and answer.get("idTokenInfo")):
                return
            if not self.accepted(answer, tx.id_token):
                tx.authorised = False
                if self.device.flag("TxCtrlr", "StopTxOnInvalidId"):
                    tx.stop("DeAuthorized")

        self.outbox.put(Pending(action="TransactionEvent", build=build, keep=True, on_result=answered))

    def tx_started(self, connector: Connector, tx: Transaction) -> None:
        """TransactionEvent Started."""
        tx.charging_state = "EVConnected"
        values = self.values(connector.samples(), "TxStartedMeasurands", "Transaction.Begin", tx.started_at)
        signed = tx.id_token != ""
        trigger = _signed_by(tx) if signed else "CablePluggedIn"
        self.event(connector, tx, "Started", trigger, values=[values], token=signed, at=tx.started_at)

    @property
    def starts_at_plug(self) -> bool:
        """TxStartPoint is EVConnected."""
        return self.spec.starts_at_plug

    def tx_authorised(self, connector: Connector, tx: Transaction) -> None:
        """TransactionEvent Updated: somebody signed on."""
        self.event(connector, tx, "Updated", _signed_by(tx), token=True)

    def tx_meter(self, connector: Connector, tx: Transaction, samples: list[Sample]) -> None:
        """TransactionEvent Updated with meter values."""
        at = self.now()
        values = self.values(samples, "TxUpdatedMeasurands", "Sample.Periodic", at)
        self.event(connector, tx, "Updated", "MeterValuePeriodic", values=[values], at=at)

    def tx_state(self, connector: Connector, tx: Transaction) -> None:
        """TransactionEvent Updated with the new charging state."""
        self.event(connector, tx, "Updated", "ChargingStateChanged")

    def tx_ended(self, connector: Connector, tx: Transaction, samples: list[Sample]) -> None:
        """TransactionEvent Ended."""
        trigger, stopped = ENDINGS.get(tx.stop_reason or "Local", ("AbnormalCondition", "Other"))
        tx.charging_state = "Idle" if tx.stop_reason == "EVDisconnected" else "EVConnected"
        at = self.now()
        values = self.values(samples, "TxEndedMeasurands", "Transaction.End", at)
        self.event(
            connector,
            tx,
            "Ended",
            trigger,
            values=[values],
            token=tx.stop_token is not None and trigger == "StopAuthorized",
            stopped=stopped,
            at=at,
        )

    def meter_entry(self, connector: Connector) -> Pending:
        """MeterValuesRequest at the server's wish."""
        values = self.values(connector.samples(), "TxUpdatedMeasurands", "Trigger")
        payload: Payload = {"evseId": connector.number, "meterValue": [values]}
        return Pending(action="MeterValues", build=lambda _offline: payload)

    def values(self, samples: list[Sample], key: str, context: str, at: datetime | None = None) -> Payload:
        """A MeterValueType of those samples that the device model asks for."""
        wanted = chosen(samples, self.device.text("SampledDataCtrlr", key))
        return {"timestamp": stamp(at or self.now()), "sampledValue": [_sampled(s, context) for s in wanted]}


def _signed_by(tx: Transaction) -> str:
    return "Authorized" if tx.remote_start_id is None else "RemoteStart"


def _sampled(sample: Sample, context: str) -> Payload:
    entry: Payload = {
        "value": sample.value,
        "measurand": sample.measurand,
        "context": context,
        "location": sample.location,
        "unitOfMeasure": {"unit": sample.unit},
    }
    if sample.phase is not None:
        entry["phase"] = sample.phase
    return entry
