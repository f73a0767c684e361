"""Readings from sampled values; every answer of ours keeps to the official schema; nothing is lost in orders."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from forecourt.gateway.stations_port import Order
from forecourt.gateway.translate import DIALECTS, wire_time
from forecourt.gateway.translate.readings import readings_2x, readings_16
from forecourt.gateway.wire import result_frame, without_millis
from forecourt.ocpp import ACTIONS, Version, build_response, v16, v21
from forecourt.stations import answers
from forecourt.stations import commands as cmd
from forecourt.stations.events import IdTokenRef
from forecourt.stations.readings import MeterReading

NOW = datetime(2026, 6, 15, 12, 0, 0, 123456, tzinfo=UTC)


def read_16(*samples: dict[str, Any]) -> tuple[MeterReading, ...]:
    values = [v16.SampledValue(**sample) for sample in samples]
    return readings_16([v16.MeterValue(timestamp=NOW, sampledValue=values)])


def read_2x(*samples: dict[str, Any]) -> tuple[MeterReading, ...]:
    values = [
        msgspec.convert(s, v21.SampledValueType, dec_hook=lambda _, v: Decimal(str(v))) for s in samples
    ]
    return readings_2x([v21.MeterValueType(timestamp=NOW, sampledValue=values)])


class TestReadings16:
    def test_defaults_are_the_import_register_in_wh(self) -> None:
        (reading,) = read_16({"value": "1234.5"})
        assert reading.import_wh == Decimal("1234.5")
        assert reading.context == "Sample.Periodic"
        assert reading.stamped_at == NOW

    @pytest.mark.parametrize(
        ("sample", "column", "value"),
        [
            ({"value": "1.5", "unit": "kWh"}, "import_wh", 1500),
            ({"value": "7.4", "measurand": "Power.Active.Import", "unit": "kW"}, "power_w", 7400),
            ({"value": "16", "measurand": "Current.Import", "phase": "L1"}, "current_l1_a", 16),
            ({"value": "230", "measurand": "Voltage", "phase": "L2-N", "unit": "V"}, "voltage_l2_v", 230),
            ({"value": "80", "measurand": "SoC", "location": "EV", "unit": "Percent"}, "soc_percent", 80),
            ({"value": "300.15", "measurand": "Temperature", "unit": "K"}, "temperature_c", 27),
            ({"value": " 5 "}, "import_wh", 5),
            ({"value": "5,5"}, "import_wh", Decimal("5.5")),
        ],
    )
    def test_a_sample_goes_to_its_column(self, sample: dict[str, Any], column: str, value: Any) -> None:
        assert getattr(read_16(sample)[0], column) == value

    @pytest.mark.parametrize("text", ["NaN", "", "Infinity", "1_000", "abc", "9" * 100, "1e99"])
    def test_what_is_no_number_is_kept_as_text(self, text: str) -> None:
        (reading,) = read_16({"value": text})
        assert reading.import_wh is None
        assert reading.other == {"Energy.Active.Import.Register": text}

    def test_registers_per_phase_are_summed_without_a_total(self) -> None:
        parts = [{"value": str(n), "phase": f"L{n}"} for n in (1, 2, 3)]
        assert read_16(*parts)[0].import_wh == 6
        assert read_16({"value": "7"}, *parts)[0].import_wh == 7

    def test_power_per_phase_is_summed_without_a_total(self) -> None:
        parts = [{"value": "100", "measurand": "Power.Active.Import", "phase": f"L{n}"} for n in (1, 2, 3)]
        assert read_16(*parts)[0].power_w == 300

    def test_contexts_are_apart(self) -> None:
        first, second = read_16({"value": "1", "context": "Transaction.Begin"}, {"value": "2"})
        assert (first.context, second.context) == ("Transaction.Begin", "Sample.Periodic")

    def test_other_places_and_measurands_are_kept(self) -> None:
        (reading,) = read_16(
            {"value": "1", "location": "Inlet"}, {"value": "0.9", "measurand": "Power.Factor"}
        )
        assert reading.import_wh is None
        assert reading.other == {"Energy.Active.Import.Register@Inlet": "1", "Power.Factor": "0.9"}

    def test_signed_data_is_never_a_number(self) -> None:
        (reading,) = read_16({"value": "OCMF|{}|{}", "format": "SignedData", "context": "Transaction.End"})
        assert reading.signed[0].data == "OCMF|{}|{}"
        assert reading.import_wh is None


class TestReadings2x:
    def test_the_multiplier_counts(self) -> None:
        (reading,) = read_2x({"value": 1.5, "unitOfMeasure": {"unit": "Wh", "multiplier": 3}})
        assert reading.import_wh == 1500

    def test_signed_values_come_verbatim_beside_the_number(self) -> None:
        signed = {"signedMeterData": "abc", "encodingMethod": "OCMF", "signingMethod": "", "publicKey": "k"}
        (reading,) = read_2x({"value": 2, "signedMeterValue": signed})
        assert reading.import_wh == 2
        assert (reading.signed[0].data, reading.signed[0].public_key) == ("abc", "k")


ANSWERS: list[answers.Answer | None] = [
    None,
    answers.ACKNOWLEDGED,
    answers.BootAnswer("accepted", NOW, 300),
    answers.BootAnswer("rejected", NOW, 0),
    answers.HeartbeatAnswer(NOW),
    *(
        answers.AuthorizeAnswer(answers.IdTokenAnswer(status, NOW, "G" * 50, "en", "hello " * 200))
        for status in ("accepted", "blocked", "no_credit", "unknown", "not_at_this_time", "concurrent_tx")
    ),
    answers.TransactionAnswer("7", answers.IdTokenAnswer("accepted", NOW, "GROUP"), Decimal("0.001")),
    answers.TransactionAnswer("7", None, Decimal("1E+2")),
    answers.DataTransferAnswer("unknown_message_id"),
]


class TestAnswers:
    @pytest.mark.parametrize("version", list(Version))
    def test_every_answer_to_every_action_keeps_to_the_schema(self, version: Version) -> None:
        for action, kind in ACTIONS[version].items():
            if not kind.from_station or kind.response is None:
                continue
            request = _Request(action)
            for answer in ANSWERS:
                payload = DIALECTS[version].route(action).answer(answer, request, NOW)
                plain = msgspec.json.decode(result_frame("m", payload))[2]
                build_response(version, action, plain)

    def test_a_cost_is_written_exactly_and_without_exponent(self) -> None:
        route = DIALECTS[Version.V21].route("TransactionEvent")
        answer = answers.TransactionAnswer(total_cost=Decimal("1E+2"))
        frame = result_frame("m", route.answer(answer, _Request("TransactionEvent"), NOW))
        assert frame == '[3,"m",{"totalCost":100}]'

    def test_limits_are_told_in_2_1_only(self) -> None:
        limits = answers.TransactionLimits(Decimal("5000"), 3600, Decimal("1E+1"), Decimal("80.9"))
        given = answers.TransactionAnswer("t", total_cost=Decimal("0.50"), limits=limits)
        for version, expected in (
            (Version.V201, {"totalCost": 0.5}),
            (
                Version.V21,
                {
                    "totalCost": 0.5,
                    "transactionLimit": {"maxCost": 10, "maxEnergy": 5000, "maxTime": 3600, "maxSoC": 80},
                },
            ),
        ):
            wire = DIALECTS[version].route("TransactionEvent").answer(given, None, NOW)
            assert msgspec.json.decode(result_frame("m", wire))[2] == expected
            build_response(version, "TransactionEvent", msgspec.json.decode(msgspec.json.encode(wire)))

    def test_time_stamps_have_at_most_three_digits(self) -> None:
        assert wire_time(NOW) == "2026-06-15T12:00:00.123Z"
        frame = result_frame("m", {"currentTime": wire_time(NOW)})
        assert without_millis(frame) == '[3,"m",{"currentTime":"2026-06-15T12:00:00Z"}]'


class _Request(dict[str, Any]):
    """Enough of a request for the answers that repeat a part of it."""

    def __init__(self, action: str) -> None:
        hashes = {"hashAlgorithm": "SHA256", "issuerNameHash": "a", "issuerKeyHash": "b", "serialNumber": "1"}
        asked = [{"certificateHashData": hashes, "source": "OCSP", "urls": ["x"]}]
        super().__init__(certificateStatusRequests=asked)
        self.action = action
        self.idTag = "TAG"
        self.idToken = object()
        self.vatNumber = "SI1"


class TestOrders:
    @pytest.mark.parametrize(
        "command",
        [
            cmd.RemoteStart(IdTokenRef("T", "eMAID", (("a", "b"),)), 1, 2),
            cmd.SetVariables(((cmd.VariableRef("C", "V", evse_no=1), "x"),)),
            cmd.GetVariables((cmd.VariableRef("", "A"),), cmd.Limits(3, 500)),
            cmd.RawCall("Reset", {"type": "Hard", "deep": {"a": [1, 2]}}),
            cmd.Reset(),
        ],
    )
    def test_a_command_survives_the_bus(self, command: cmd.Command) -> None:
        order = Order(kind=type(command).__name__, body=asdict(command))
        assert msgspec.json.decode(msgspec.json.encode(order), type=Order).command() == command
