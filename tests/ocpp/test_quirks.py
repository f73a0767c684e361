"""What real stations send: each deviation is read, and recorded; a strict station is refused."""

from decimal import Decimal

import pytest

from forecourt.ocpp import Call, CallError, DecodeError, Strictness, decode, v16
from tests.ocpp.reading import NOON, RECEIVED_AT, V16, V201, call, read, refused_when_strict, sample_201


class TestDamagedJson:
    """Quirk 17."""

    @pytest.mark.parametrize(
        "payload",
        [
            '{"connectorId":1,"transactionId":,"meterValue":[{"timestamp":"2024-05-01T12:00:00Z","sampledValue":[{"value":"1"}]}]}',
            '{"connectorId":1,"meterValue":[,{"timestamp":"2024-05-01T12:00:00Z","sampledValue":[{"value":"1"}]}]}',
            '{"connectorId":1,"meterValue":[{"timestamp":"2024-05-01T12:00:00Z","sampledValue":[{"value":"1",}],},]}',
            '{"connectorId":01,"meterValue":[{"timestamp":"2024-05-01T12:00:00Z","sampledValue":[{"value":"1"},{"value":NaN}]}]}',
            '{"connectorId":+1 "meterValue":[{"timestamp":"2024-05-01T12:00:00Z","sampledValue":[{"value":"1"} ]}]}',
        ],
    )
    def test_known_damage_is_repaired(self, payload: str) -> None:
        message, codes = call(V16, "MeterValues", payload)
        assert [sample.value for sample in message.meterValue[0].sampledValue] == ["1"]
        assert message.connectorId == 1
        assert "json_repaired" in codes
        refused_when_strict(V16, "MeterValues", payload)

    def test_a_decimal_comma_in_a_bare_number(self) -> None:
        message, codes = call(V201, "MeterValues", sample_201('{"value":12,75,"context":"Trigger"}'))
        assert message.meterValue[0].sampledValue[0].value == Decimal("12.75")
        assert "json_repaired" in codes

    def test_raw_control_characters_and_bad_escapes(self) -> None:
        message, _ = call(V16, "DataTransfer", '{"vendorId":"a\tb","data":"it\\\'s"}')
        assert (message.vendorId, message.data) == ("a b", "it's")

    def test_bytes_that_are_not_utf_8(self) -> None:
        frame = decode(V16, b'[2,"1","DataTransfer",{"vendorId":"Caf\xe9"}]')
        assert isinstance(frame, Call)
        assert frame.payload.vendorId == "Caf\N{REPLACEMENT CHARACTER}"
        assert [quirk.code for quirk in frame.quirks] == ["invalid_utf8"]
        with pytest.raises(DecodeError):
            decode(V16, b'[2,"1","DataTransfer",{"vendorId":"Caf\xe9"}]', strictness=Strictness.STRICT)

    def test_bytes_around_the_frame(self) -> None:
        frame, codes = read(V16, '\ufeff[2,"7f","Heartbeat",{}]\x00')
        assert frame.action == "Heartbeat"
        assert codes == {"stray_bytes"}
        frame, codes = read(V16, '[2,"7f","Heartbeat",{}]]')
        assert codes == {"json_repaired"}

    def test_only_a_lenient_reading_closes_a_frame_that_ended_early(self) -> None:
        with pytest.raises(DecodeError):
            read(V16, '[2,"7f","Heartbeat",{')
        _, codes = read(V16, '[2,"7f","Heartbeat",{', Strictness.LENIENT)
        assert codes == {"json_closed"}

    def test_characters_that_no_database_takes(self) -> None:
        text = '[2,"7f","DataTransfer",{"vendorId":"v","data":"a\\u0000b\\\\u0000 \\ud800 \\ud83d\\ude00"}]'
        for strictness in Strictness:
            frame, codes = read(V16, text, strictness)
            assert frame.payload.data == "ab\\u0000 \ufffd 😀"
            assert codes == {"nul_character", "lone_surrogate"}


class TestFrame:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ('[2,"7f","Heartbeat",null]', "payload_null"),
            ('[2,"7f","Heartbeat"]', "payload_missing"),
            ('[2,"7f","Heartbeat",[]]', "payload_empty_list"),
            ('[2,"7f","Heartbeat",{},{}]', "extra_elements"),
            ('["2","7f","Heartbeat",{}]', "message_type_text"),
            ('[2,"7f","heartbeat",{}]', "action_spelling"),
            (f'[2,"{"i" * 40}","Heartbeat",{{}}]', "long_message_id"),
            ('[2,77,"Heartbeat",{}]', "integer_message_id"),
        ],
    )
    def test_the_frame_may_deviate(self, text: str, code: str) -> None:
        frame, codes = read(V16, text)
        assert (frame.action, frame.payload, codes) == ("Heartbeat", v16.HeartbeatRequest(), {code})
        with pytest.raises(DecodeError):
            read(V16, text, Strictness.STRICT)

    def test_an_integer_id_keeps_its_type_in_a_call_and_finds_the_pending_call_in_an_answer(self) -> None:
        frame, _ = read(V16, '[2,77,"Heartbeat",{}]')
        assert frame.message_id == 77
        frame, _ = read(V16, '[3,77,{"status":"Accepted"}]', pending={"77": "Reset"}.get)
        assert (frame.message_id, frame.action) == ("77", "Reset")

    @pytest.mark.parametrize(
        "text",
        [
            '[4,"7f"]',
            '[4,"7f","Oops"]',
            '[4,"7f","notSupported","x"]',
            '[4,"7f",5,null,null]',
            '[4,"7f",null,{},"d"]',
        ],
    )
    def test_an_incomplete_error_still_resolves_the_call(self, text: str) -> None:
        for strictness in Strictness:
            frame, codes = read(V16, text, strictness)
            assert isinstance(frame, CallError)
            assert frame.message_id == "7f"
            assert codes & {"error_incomplete", "error_code"}


class TestErrors:
    """Quirk 20."""

    @pytest.mark.parametrize(
        ("text", "codes"),
        [
            ('[4,"7f","GenericError","",{}]', set()),
            ('[4,"7f","GenericErr","",{}]', {"error_code"}),
            ('[4,"7f","FormatViolation","",{}]', set()),
            ('[4,"7f","GenericError"]', {"error_incomplete"}),
        ],
    )
    def test_what_is_wrong_with_an_error_is_recorded(self, text: str, codes: set[str]) -> None:
        frame, found = read(V16, text, pending=lambda _: "Reset")
        assert isinstance(frame, CallError)
        assert found == codes


class TestValues:
    def test_an_over_long_text_is_cut_and_kept_raw(self) -> None:
        frame, codes = read(
            V16, f'[2,"7f","BootNotification",{{"chargePointVendor":"v","chargePointModel":"{"m" * 34}"}}]'
        )
        assert frame.payload.chargePointModel == "m" * 20
        assert codes == {"long_string"}
        assert frame.quirks[0].raw == "m" * 34

    def test_an_over_long_transaction_id_is_not_cut(self) -> None:
        message, codes = call(
            V201, "TransactionEvent",
            '{"eventType":"Started","timestamp":"2024-05-01T12:00:00Z","triggerReason":"Authorized","seqNo":0,'
            f'"transactionInfo":{{"transactionId":"{"t" * 60}"}}}}',
        )  # fmt: skip
        assert message.transactionInfo.transactionId == "t" * 60
        assert codes == {"long_identifier"}

    @pytest.mark.parametrize(
        ("status", "error", "expected", "codes"),
        [
            ("suspendedev", "NoError", ("SuspendedEV", "NoError"), {"enum_spelling"}),
            ("Suspended EVSE", "no_error", ("SuspendedEVSE", "NoError"), {"enum_spelling"}),
            ("Occupied", "Error", ("Preparing", "OtherError"), {"enum_value"}),
            ("Faulted", "Vendor42", ("Faulted", "OtherError"), {"enum_value"}),
        ],
    )
    def test_enumerations(self, status: str, error: str, expected: tuple[str, str], codes: set[str]) -> None:
        payload = f'{{"connectorId":1,"errorCode":"{error}","status":"{status}"}}'
        message, seen = call(V16, "StatusNotification", payload)
        assert (message.status, message.errorCode) == expected
        assert seen == codes
        refused_when_strict(V16, "StatusNotification", payload)

    def test_an_unknown_status_is_refused_rather_than_guessed(self) -> None:
        with pytest.raises(DecodeError):
            call(V16, "StatusNotification", '{"connectorId":1,"errorCode":"NoError","status":"Zzz"}')

    def test_numbers_texts_and_booleans_in_each_others_place(self) -> None:
        payload = '{"connectorId":"1","idTag":12345678,"meterStart":12.0,"timestamp":"2024-05-01T12:00:00Z","reservationId":0}'
        message, codes = call(V16, "StartTransaction", payload)
        assert (message.connectorId, message.idTag, message.meterStart, message.reservationId) == (
            1,
            "12345678",
            12,
            0,
        )
        assert codes == {"string_for_number", "number_for_string", "integral_float"}
        frame, codes = read(
            V16,
            '[3,"7f",{"configurationKey":[{"key":"a","readonly":0,"value":10},{"key":"b","readonly":"true","value":true},{"key":"c"}]}]',
            pending=lambda _: "GetConfiguration",
        )
        assert [(k.key, k.readonly, k.value) for k in frame.payload.configurationKey] == [
            ("a", False, "10"), ("b", True, "true"), ("c", False, None),
        ]  # fmt: skip
        assert codes == {"boolean_spelling", "number_for_string", "readonly_missing"}

    def test_a_fraction_for_an_integer_is_rounded(self) -> None:
        payload = '{"transactionId":1,"meterStop":1234.6,"timestamp":"2024-05-01T12:00:00Z"}'
        message, codes = call(V16, "StopTransaction", payload)
        assert (message.meterStop, codes) == (1235, {"fraction_for_integer"})
        refused_when_strict(V16, "StopTransaction", payload)

    def test_a_limit_with_two_decimals_is_rounded(self) -> None:
        text = (
            '[3,"7f",{"status":"Accepted","connectorId":1,"chargingSchedule":{"chargingRateUnit":"A",'
            '"chargingSchedulePeriod":[{"startPeriod":0,"limit":11.13}]}}]'
        )
        frame, codes = read(V16, text, pending=lambda _: "GetCompositeSchedule")
        assert frame.payload.chargingSchedule.chargingSchedulePeriod[0].limit == Decimal("11.1")
        assert codes == {"decimal_places"}
        with pytest.raises(DecodeError):
            read(V16, text, Strictness.STRICT, pending=lambda _: "GetCompositeSchedule")

    def test_a_number_that_no_json_can_carry_on_is_left_out(self) -> None:
        message, codes = call(
            V201, "DataTransfer", '{"vendorId":"v","data":{"a":[1e999999999999999999999,2]}}'
        )
        assert (message.data, codes) == ({"a": [None, 2]}, {"decimal_range"})

    def test_one_object_where_a_list_belongs(self) -> None:
        payload = '{"connectorId":1,"meterValue":{"timestamp":"2024-05-01T12:00:00Z","sampledValue":[{"value":"1"}]}}'
        message, codes = call(V16, "MeterValues", payload)
        assert (message.meterValue[0].sampledValue[0].value, codes) == ("1", {"object_for_list"})
        refused_when_strict(V16, "MeterValues", payload)

    def test_a_status_without_error_code_is_without_error(self) -> None:
        payload = '{"connectorId":1,"status":"Available"}'
        message, codes = call(V16, "StatusNotification", payload)
        assert (message.errorCode, codes) == ("NoError", {"status_detail_missing"})
        refused_when_strict(V16, "StatusNotification", payload)

    def test_an_integral_float_is_an_integer_even_when_strict(self) -> None:
        message, codes = call(
            V201,
            "MeterValues",
            sample_201('{"value":1}').replace('"evseId":1', '"evseId":1.0'),
            Strictness.STRICT,
        )
        assert message.evseId == 1
        assert type(message.evseId) is int
        assert codes == {"integral_float"}

    def test_vendor_fields_nulls_and_field_names(self) -> None:
        payload = '{"IDTAG":"ABC","connectorId":2,"parent":null}'
        message, codes = call(V16, "Authorize", payload)
        assert message.idTag == "ABC"
        assert codes == {"field_spelling", "extra_field"}
        message, codes = call(
            V16, "BootNotification", '{"chargePointVendor":"v","chargePointModel":"m","iccid":null}'
        )
        assert codes == {"null_member"}
        refused_when_strict(
            V16, "BootNotification", '{"chargePointVendor":"v","chargePointModel":"m","iccid":null}'
        )

    @pytest.mark.parametrize(
        ("tag", "expected", "code"),
        [
            ('"ABCDEFGH            \\u0000"', "ABCDEFGH            ", "nul_character"),
            (f'"ABCDEFGH{" " * 20}"', "ABCDEFGH", "padded_string"),
            ('"0123456789012345678901234"', "01234567890123456789", "id_tag_long"),
            ('"VID:0123456789AB"', "VID:0123456789AB", None),
            ('""', "", None),
            ("null", "", "id_tag_missing"),
        ],
    )
    def test_id_tags(self, tag: str, expected: str, code: str | None) -> None:
        message, codes = call(V16, "Authorize", f'{{"idTag":{tag}}}')
        assert message.idTag == expected
        assert (code in codes) if code else not codes

    @pytest.mark.parametrize("transaction", [0, -1, 2**40])
    def test_odd_transaction_ids_stay_what_they_are(self, transaction: int) -> None:
        payload = f'{{"transactionId":{transaction},"meterStop":5,"timestamp":"2024-05-01T12:00:00Z"}}'
        assert call(V16, "StopTransaction", payload)[0].transactionId == transaction

    def test_data_transfer_with_an_object_for_a_text(self) -> None:
        message, codes = call(V16, "DataTransfer", '{"vendorId":"v","data":{"a":1.50}}')
        assert message.data == '{"a":1.50}'
        assert codes == {"object_for_string"}

    def test_missing_fields_are_filled_for_a_lenient_station_only(self) -> None:
        with pytest.raises(DecodeError):
            call(V16, "BootNotification", '{"chargePointVendor":"v"}')
        message, codes = call(V16, "BootNotification", '{"chargePointVendor":"v"}', Strictness.LENIENT)
        assert (message.chargePointModel, codes) == ("Unknown", {"missing_field"})

    def test_a_missing_meter_stop_is_never_invented(self) -> None:
        with pytest.raises(DecodeError) as caught:
            call(
                V16,
                "StopTransaction",
                '{"transactionId":1,"timestamp":"2024-05-01T12:00:00Z"}',
                Strictness.LENIENT,
            )
        assert caught.value.money


class TestTime:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("2024-05-01T12:00:00", "timestamp_naive"),
            ("2024-05-01 12:00", "timestamp_naive"),
            ("2024-05-01T12:00Z", "timestamp_form"),
            ("2024/05/01 12:00:00Z", "timestamp_form"),
            ("2024-05-01T12:00:00,000Z", "timestamp_form"),
            ("1714564800", "timestamp_form"),
            ("2024-05-01T12:00:00.0000000Z", None),
            ("2024-05-01T14:00:00+02:00", None),
        ],
    )
    def test_odd_time_stamps(self, text: str, code: str | None) -> None:
        payload = f'{{"transactionId":1,"meterStop":5,"timestamp":"{text}"}}'
        message, codes = call(V16, "StopTransaction", payload)
        assert message.timestamp == NOON
        assert codes == ({code} if code else set())
        if code:
            refused_when_strict(V16, "StopTransaction", payload)

    @pytest.mark.parametrize(
        ("member", "code"),
        [
            ("", "timestamp_missing"),
            ('"timestamp":null,', "timestamp_missing"),
            ('"timestamp":"?",', "timestamp_invalid"),
        ],
    )
    def test_the_time_of_receipt_stands_in(self, member: str, code: str) -> None:
        message, codes = call(V16, "StopTransaction", f'{{{member}"transactionId":1,"meterStop":5}}')
        assert message.timestamp == RECEIVED_AT
        assert code in codes

    def test_without_time_of_receipt_it_is_an_error(self) -> None:
        with pytest.raises(DecodeError):
            decode(V16, '[2,"7f","StopTransaction",{"transactionId":1,"meterStop":5}]')

    def test_an_unreadable_optional_one_is_left_out(self) -> None:
        message, codes = call(
            V16,
            "StatusNotification",
            '{"connectorId":1,"errorCode":"NoError","status":"Available","timestamp":""}',
        )
        assert message.timestamp is None
        assert codes == {"timestamp_invalid"}
