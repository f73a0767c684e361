"""What we send is compact, checked, and in the form that stations read."""

import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.ocpp import (
    ErrorCode,
    InvalidOutbound,
    Version,
    build_request,
    build_response,
    check_outbound,
    encode_call,
    encode_error,
    encode_result,
    encode_result_error,
    encode_send,
    v16,
    v21,
    v201,
)

MOMENT = datetime(2024, 5, 1, 14, 0, 0, 123987, tzinfo=timezone(timedelta(hours=2)))


class TestFrames:
    def test_a_call(self) -> None:
        sent = encode_call("7f", "RemoteStopTransaction", v16.RemoteStopTransactionRequest(transactionId=3))
        assert sent == '[2,"7f","RemoteStopTransaction",{"transactionId":3}]'

    def test_a_result_to_an_integer_id(self) -> None:
        assert encode_result(7, v16.MeterValuesResponse()) == "[3,7,{}]"

    def test_a_send(self) -> None:
        payload = v21.NotifyPeriodicEventStream(
            id=1, pending=0, basetime=MOMENT, data=[v21.StreamDataElementType(t=Decimal("0.50"), v="é")]
        )
        assert encode_send("7f", "NotifyPeriodicEventStream", payload) == (
            '[6,"7f","NotifyPeriodicEventStream",'
            '{"data":[{"t":0.50,"v":"é"}],"id":1,"pending":0,"basetime":"2024-05-01T12:00:00.123Z"}]'
        )

    def test_errors_are_short_and_carry_an_object(self) -> None:
        sent = json.loads(encode_error(Version.V16, "7f", ErrorCode.FORMAT_VIOLATION, "d" * 300))
        assert sent == [4, "7f", "FormationViolation", "d" * 255, {}]
        assert (
            encode_result_error(Version.V21, "7f", ErrorCode.FORMAT_VIOLATION)
            == '[5,"7f","FormatViolation","",{}]'
        )


class TestTimeStamps:
    def test_utc_with_z_and_at_most_three_digits(self) -> None:
        assert encode_result("7f", v16.HeartbeatResponse(currentTime=MOMENT)) == (
            '[3,"7f",{"currentTime":"2024-05-01T12:00:00.123Z"}]'
        )

    def test_no_fraction_for_firmware_that_cannot_read_one(self) -> None:
        sent = encode_result("7f", v16.HeartbeatResponse(currentTime=MOMENT), fraction_digits=0)
        assert sent == '[3,"7f",{"currentTime":"2024-05-01T12:00:00Z"}]'

    def test_nested_ones_too_and_the_message_stays_as_it_was(self) -> None:
        payload = v16.StartTransactionResponse(
            transactionId=1, idTagInfo=v16.IdTagInfo(status="Accepted", expiryDate=MOMENT)
        )
        assert '"expiryDate":"2024-05-01T12:00:00.123Z"' in encode_result("7f", payload)
        assert payload.idTagInfo.expiryDate == MOMENT

    def test_a_naive_one_is_refused(self) -> None:
        with pytest.raises(InvalidOutbound, match="naive"):
            encode_result("7f", v16.HeartbeatResponse(currentTime=datetime(2024, 5, 1)))  # noqa: DTZ001


class TestNumbers:
    @given(
        st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False, places=6)
    )
    def test_are_written_exactly_and_without_exponent(self, number: Decimal) -> None:
        payload = v201.CostUpdatedRequest(totalCost=number, transactionId="t")
        sent = encode_call("7f", "CostUpdated", payload)
        assert "E" not in sent.split("totalCost")[1]
        assert json.loads(sent, parse_float=Decimal)[3]["totalCost"] == number

    @pytest.mark.parametrize(
        "number", [Decimal("NaN"), Decimal("Infinity"), Decimal("1e99"), Decimal("-1e999999")]
    )
    def test_must_be_finite_and_sane(self, number: Decimal) -> None:
        with pytest.raises(InvalidOutbound):
            encode_call("7f", "CostUpdated", v201.CostUpdatedRequest(totalCost=number, transactionId="t"))

    def test_a_large_round_number_has_no_exponent(self) -> None:
        sent = encode_call(
            "7f", "CostUpdated", v201.CostUpdatedRequest(totalCost=Decimal("1E+5"), transactionId="t")
        )
        assert '"totalCost":100000' in sent


class TestChecks:
    def test_a_text_that_is_too_long(self) -> None:
        with pytest.raises(InvalidOutbound, match=r"RemoteStartTransactionRequest.*length <= 20.*idTag"):
            encode_call("7f", "RemoteStartTransaction", v16.RemoteStartTransactionRequest(idTag="x" * 21))

    def test_a_value_outside_its_enumeration(self) -> None:
        with pytest.raises(InvalidOutbound, match="enum"):
            check_outbound(v16.ResetRequest(type="Warm"))  # type: ignore[arg-type]

    def test_a_limit_with_two_decimals_in_16(self) -> None:
        with pytest.raises(InvalidOutbound, match="multiple"):
            build_request(
                Version.V16,
                "SetChargingProfile",
                {
                    "connectorId": 1,
                    "csChargingProfiles": {
                        "chargingProfileId": 1,
                        "stackLevel": 0,
                        "chargingProfilePurpose": "TxDefaultProfile",
                        "chargingProfileKind": "Relative",
                        "chargingSchedule": {
                            "chargingRateUnit": "A",
                            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 11.13}],
                        },
                    },
                },
            )

    def test_plain_values_become_a_request_or_a_response(self) -> None:
        assert build_request(Version.V16, "Reset", {"type": "Soft"}) == v16.ResetRequest(type="Soft")
        assert build_response(Version.V16, "Reset", {"status": "Accepted"}) == v16.ResetResponse(
            status="Accepted"
        )
        for values in ({"type": "Soft", "extra": 1}, {}, {"type": None}):
            with pytest.raises(InvalidOutbound):
                build_request(Version.V16, "Reset", values)
        with pytest.raises(InvalidOutbound, match="no action"):
            build_request(Version.V16, "SetVariables", {})
        with pytest.raises(InvalidOutbound, match="no answer"):
            build_response(Version.V21, "NotifyPeriodicEventStream", {})
