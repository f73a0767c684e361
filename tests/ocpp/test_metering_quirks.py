"""Meter values as real stations send them: kept where the meaning is clear, left out where it is not."""

from decimal import Decimal

import pytest

from forecourt.ocpp import DecodeError, Version
from tests.ocpp.reading import (
    V16,
    V21,
    V201,
    call,
    refused_when_strict,
    sample_16,
    sample_201,
)


class TestMetering:
    @pytest.mark.parametrize(
        ("sample", "value", "unit", "codes"),
        [
            ('{"value":12.50}', "12.50", None, {"number_for_string"}),
            ('{"value":7,"unit":"kwh"}', "7", "kWh", {"number_for_string", "unit_spelling"}),
            ('{"value":"7","unit":"AMP","measurand":"Current.Import"}', "7", "A", {"unit_spelling"}),
            ('{"value":"7","unit":"Celcius","measurand":"Temperature"}', "7", "Celcius", set()),
            ('{"value":"7","unit":""}', "7", None, {"unit_missing"}),
            ('{"value":"7","unit":"blip","measurand":"Voltage"}', "7", None, {"unit_unknown"}),
            ('{"value":"7","context":"Hourly"}', "7", None, {"enum_value"}),
            ('{"value":"7","phase":"L9"}', "7", None, {"enum_value"}),
        ],
    )
    def test_a_16_sample_is_kept(self, sample: str, value: str, unit: str | None, codes: set[str]) -> None:
        message, seen = call(V16, "MeterValues", sample_16(sample))
        kept = message.meterValue[0].sampledValue[0]
        assert (kept.value, kept.unit, seen) == (value, unit, codes)

    @pytest.mark.parametrize(
        ("sample", "code"),
        [
            ('{"value":"7","measurand":"Request.Energy"}', "measurand_unknown"),
            ('{"value":"7","unit":"blip"}', "unit_unknown"),
            ('{"value":null}', "bad_sample"),
            ("{}", "bad_sample"),
            ('{"value":[1]}', "bad_sample"),
            ('{"value":1e999999}', "bad_sample"),
            ("null", "bad_sample"),
        ],
    )
    def test_a_16_sample_that_could_mislead_is_left_out(self, sample: str, code: str) -> None:
        message, codes = call(V16, "MeterValues", sample_16(f'{sample},{{"value":"8"}}'))
        assert [kept.value for kept in message.meterValue[0].sampledValue] == ["8"]
        assert code in codes
        refused_when_strict(V16, "MeterValues", sample_16(f'{sample},{{"value":"8"}}'))

    @pytest.mark.parametrize(
        ("sample", "value", "codes"),
        [
            ('{"value":"7.5"}', Decimal("7.5"), {"string_for_number"}),
            ('{"value":" 7,5 "}', Decimal("7.5"), {"decimal_spelling"}),
            ('{"value":7,"unitOfMeasure":"kWh"}', Decimal(7), {"unit_spelling"}),
        ],
    )
    def test_a_2x_sample_is_kept(self, sample: str, value: Decimal, codes: set[str]) -> None:
        message, seen = call(V201, "MeterValues", sample_201(sample))
        assert (message.meterValue[0].sampledValue[0].value, seen) == (value, codes)

    @pytest.mark.parametrize(
        "sample", ['{"value":"NaN"}', '{"value":""}', '{"value":"abc"}', '{"value":1e400}']
    )
    def test_a_2x_sample_without_number_is_left_out(self, sample: str) -> None:
        message, codes = call(V201, "MeterValues", sample_201(f'{sample},{{"value":8}}'))
        assert [kept.value for kept in message.meterValue[0].sampledValue] == [8]
        assert codes == {"bad_sample"}

    def test_a_measurand_of_21_is_known_in_21_only(self) -> None:
        payload = sample_201('{"value":1,"measurand":"Display.PresentSOC"},{"value":2}')
        assert not call(V21, "MeterValues", payload)[1]
        assert call(V201, "MeterValues", payload)[1] == {"measurand_unknown"}

    @pytest.mark.parametrize("text", ['{"value":"1"} {"value":.}', '{"value":"1"}{"value":}]'])
    def test_damage_of_another_kind_is_not_guessed_at(self, text: str) -> None:
        with pytest.raises(DecodeError) as caught:
            call(V16, "MeterValues", sample_16(text))
        assert caught.value.money

    @pytest.mark.parametrize("version", [V16, V201, V21])
    def test_an_empty_list_of_samples_is_acknowledged(self, version: Version) -> None:
        payload = sample_16("") if version is V16 else sample_201("")
        message, codes = call(version, "MeterValues", payload)
        assert message.meterValue == []
        assert codes == {"empty_sampled_value"}
        refused_when_strict(version, "MeterValues", payload)

    def test_an_empty_meter_value_leaves_its_event(self) -> None:
        message, codes = call(
            V201, "TransactionEvent",
            '{"eventType":"ended","timestamp":"2024-05-01T12:00:00Z","triggerReason":"MeterValuePeriodic","seqNo":"3",'
            '"transactionInfo":{"transactionId":"t","stoppedReason":"Whim"},'
            '"meterValue":[{"timestamp":"2024-05-01T12:00:00Z","sampledValue":[]}]}',
        )  # fmt: skip
        assert (message.eventType, message.seqNo, message.meterValue) == ("Ended", 3, None)
        assert message.transactionInfo.stoppedReason == "Other"
        assert {"enum_spelling", "string_for_number", "enum_value", "empty_sampled_value"} <= codes

    def test_a_signed_blob_stays_a_text(self) -> None:
        blob = "OCMF|" + "x" * 5000
        message, codes = call(V16, "MeterValues", sample_16(f'{{"value":"{blob}","format":"SignedData"}}'))
        assert message.meterValue[0].sampledValue[0].value == blob
        assert not codes
