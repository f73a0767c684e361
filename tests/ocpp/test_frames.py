"""Frames as they should be, and what is answered when they are not."""

import json
from typing import Any

import pytest

from forecourt.ocpp import (
    Call,
    CallError,
    CallResult,
    CallResultError,
    DecodeError,
    ErrorCode,
    InvalidPayload,
    MessageId,
    Send,
    Strictness,
    UnknownAction,
    UnreadableFrame,
    UnsupportedMessageType,
    Version,
    decode,
    encode_refusal,
    v16,
    v21,
)

V16, V201, V21 = Version


def refused(version: Version, text: str | bytes, **options: Any) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        decode(version, text, **options)
    return caught.value


RESET: dict[MessageId, str] = {"7f": "Reset"}
NONE: dict[MessageId, str] = {}


class TestDecode:
    def test_a_call_has_a_typed_payload(self) -> None:
        frame = decode(
            V16, b'[2,"7f","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Charging"}]'
        )
        assert frame == Call(
            "7f",
            "StatusNotification",
            v16.StatusNotificationRequest(connectorId=1, errorCode="NoError", status="Charging"),
        )

    def test_a_result_is_typed_by_the_pending_action(self) -> None:
        frame = decode(V16, '[3,"7f",{"status":"Accepted"}]', pending=RESET.get)
        assert frame == CallResult("7f", "Reset", v16.ResetResponse(status="Accepted"))

    def test_a_result_without_pending_call_has_no_payload(self) -> None:
        assert decode(V16, '[3,"7f",{"status":"Accepted"}]', pending=NONE.get) == CallResult("7f", None, None)
        assert decode(V16, '[3,"7f",{"status":"Accepted"}]') == CallResult("7f", None, None)

    def test_an_error_and_a_result_error(self) -> None:
        frame = decode(V16, '[4,"7f","FormationViolation","no",{"a":1}]')
        assert frame == CallError("7f", ErrorCode.FORMAT_VIOLATION, "FormationViolation", "no", {"a": 1})
        frame = decode(V21, '[5,"7f","FormatViolation","no",{}]')
        assert frame == CallResultError("7f", ErrorCode.FORMAT_VIOLATION, "FormatViolation", "no", {})

    def test_a_send(self) -> None:
        text = '[6,"7f","NotifyPeriodicEventStream",{"id":1,"pending":0,"basetime":"2024-05-01T12:00:00Z","data":[{"t":0.5,"v":"1"}]}]'
        frame = decode(V21, text)
        assert isinstance(frame, Send)
        assert isinstance(frame.payload, v21.NotifyPeriodicEventStream)
        assert str(frame.payload.data[0].t) == "0.5"

    def test_blanks_in_the_frame_do_no_harm(self) -> None:
        spaced = decode(V16, ' [ 2 , "7f" , "Heartbeat" , { } ] \n', strictness=Strictness.STRICT)
        assert spaced == Call("7f", "Heartbeat", v16.HeartbeatRequest())

    def test_numbers_keep_every_digit(self) -> None:
        text = (
            '[2,"7f","MeterValues",{"evseId":1,"meterValue":[{"timestamp":"2024-05-01T12:00:00Z",'
            '"sampledValue":[{"value":1234567890.12345678901},{"value":12.50},{"value":7}]}]}]'
        )
        frame: Any = decode(V201, text)
        values = [str(sample.value) for sample in frame.payload.meterValue[0].sampledValue]
        assert values == ["1234567890.12345678901", "12.50", "7"]


class TestRefusal:
    """What is answered to a frame that cannot be read (OCPP-J 4.2)."""

    @pytest.mark.parametrize(
        ("version", "text", "kind", "answer"),
        [
            (V16, '[2,"7f","NoSuch",{}]', UnknownAction, [4, "7f", "NotImplemented"]),
            (V201, '[2,"7f","NoSuch",{}]', UnknownAction, [4, "7f", "NotImplemented"]),
            (V201, '[2,"7f","BatterySwap",{}]', UnknownAction, [4, "7f", "NotImplemented"]),
            (V21, '[2,"7f","NoSuch",{}]', UnknownAction, [4, "7f", "NotImplemented"]),
            (
                V16,
                '[2,"7f","Authorize",{"idTag":["x"]}]',
                InvalidPayload,
                [4, "7f", "TypeConstraintViolation"],
            ),
            (
                V16,
                '[2,"7f","StatusNotification",{}]',
                InvalidPayload,
                [4, "7f", "OccurenceConstraintViolation"],
            ),
            (
                V201,
                '[2,"7f","StatusNotification",{}]',
                InvalidPayload,
                [4, "7f", "OccurrenceConstraintViolation"],
            ),
            (V16, '[2,"7f","Heartbeat","x"]', InvalidPayload, [4, "7f", "FormationViolation"]),
            (V201, '[2,"7f","Heartbeat","x"]', InvalidPayload, [4, "7f", "FormatViolation"]),
            (V16, '[2,"7f","Heartbeat",{]', UnreadableFrame, [4, "7f", "FormationViolation"]),
            (V201, '[2,"7f","Heartbeat",{]', UnreadableFrame, [4, "7f", "RpcFrameworkError"]),
            (V201, "what", UnreadableFrame, [4, "-1", "RpcFrameworkError"]),
            (V201, "", UnreadableFrame, [4, "-1", "RpcFrameworkError"]),
            (V201, "[]", UnreadableFrame, [4, "-1", "RpcFrameworkError"]),
            (V201, "{}", UnreadableFrame, [4, "-1", "RpcFrameworkError"]),
            (V201, "[2]", UnreadableFrame, [4, "-1", "RpcFrameworkError"]),
            (V201, '[2,{},"Heartbeat",{}]', UnreadableFrame, [4, "-1", "RpcFrameworkError"]),
            (V201, '[2,"7f"]', UnreadableFrame, [4, "7f", "RpcFrameworkError"]),
            (V201, '[9,"7f"]', UnsupportedMessageType, [4, "7f", "MessageTypeNotSupported"]),
            (V16, "what", UnreadableFrame, None),
            (V16, '[9,"7f"]', UnsupportedMessageType, None),
            (V201, '[5,"7f","GenericError","",{}]', UnsupportedMessageType, None),
            (V201, '[6,"7f","NotifyPeriodicEventStream",{}]', UnsupportedMessageType, None),
            (V21, '[6,"7f","NotifyPeriodicEventStream",{}]', InvalidPayload, None),
            (V21, '[6,"7f","Heartbeat",{}]', UnsupportedMessageType, None),
            (
                V21,
                '[2,"7f","NotifyPeriodicEventStream",{}]',
                UnsupportedMessageType,
                [4, "7f", "MessageTypeNotSupported"],
            ),
        ],
    )
    def test_the_answer(self, version: Version, text: str, kind: type, answer: list[Any] | None) -> None:
        error = refused(version, text)
        assert type(error) is kind
        sent = encode_refusal(error)
        assert (sent and json.loads(sent)[:3]) == answer
        if sent:
            assert json.loads(sent)[4] == {}

    def test_an_unreadable_result_is_answered_in_21_only(self) -> None:
        text, pending = '[3,"7f",{"status":"what?"}]', RESET.get
        assert encode_refusal(refused(V16, text, pending=pending)) is None
        assert encode_refusal(refused(V201, text, pending=pending)) is None
        sent = encode_refusal(refused(V21, text, pending=pending))
        assert sent is not None
        assert json.loads(sent)[:3] == [5, "7f", "PropertyConstraintViolation"]

    def test_an_integer_id_is_echoed_as_an_integer(self) -> None:
        sent = encode_refusal(refused(V16, '[2,7,"NoSuch",{}]'))
        assert sent is not None
        assert json.loads(sent)[1] == 7

    def test_the_description_names_fields_and_repeats_no_value(self) -> None:
        error = refused(
            V16,
            '[2,"7f","StartTransaction",{"connectorId":1,"idTag":"SECRETTAG","meterStart":{"a":"SECRET"}}]',
        )
        assert "SECRET" not in error.description
        error = refused(
            V201,
            '[2,"7f","StatusNotification",{"timestamp":"2024-05-01T12:00:00Z","connectorStatus":"SECRET","evseId":1,"connectorId":1}]',
        )
        assert "SECRET" not in error.description
        assert error.path == "$.connectorStatus"

    @pytest.mark.parametrize(
        ("version", "text", "money"),
        [
            (V16, '[2,"7f","StopTransaction",{"transactionId":1}]', True),
            (V16, '[2,"7f","StartTransaction",{]', True),
            (V16, '[2,"7f","MeterValues",[[', True),
            (V201, '[2,"7f","TransactionEvent",{"seqNo":1}]', True),
            (V201, b'[2,"7f","TransactionEvent",{"\xff', True),
            (V201, '[2,"7f","StatusNotification",{}]', False),
            (V201, '[2,"7f","StopTransaction",{}]', True),
            (V16, '[3,"7f","StopTransaction",{}]', False),
        ],
    )
    def test_calls_that_money_hangs_on_are_marked(
        self, version: Version, text: str | bytes, money: bool
    ) -> None:
        if isinstance(text, str) and text.startswith("[3"):
            assert decode(version, text) == CallResult("7f", None, None)
            return
        error = refused(version, text)
        assert error.money is money
        assert error.message_id == "7f"


class TestErrorCodes:
    @pytest.mark.parametrize(
        ("text", "code", "known"),
        [
            ("FormationViolation", ErrorCode.FORMAT_VIOLATION, True),
            ("FormatViolation", ErrorCode.FORMAT_VIOLATION, True),
            ("OccurenceConstraintViolation", ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, True),
            ("OccurrenceConstraintViolation", ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, True),
            ("notimplemented", ErrorCode.NOT_IMPLEMENTED, False),
            ("Not Supported", ErrorCode.NOT_SUPPORTED, False),
            ("Whatever", ErrorCode.GENERIC_ERROR, False),
            (17, ErrorCode.GENERIC_ERROR, False),
        ],
    )
    def test_every_spelling_is_read(self, text: object, code: ErrorCode, known: bool) -> None:
        assert ErrorCode.read(text) == (code, known)

    def test_each_version_gets_its_own_spelling(self) -> None:
        assert ErrorCode.FORMAT_VIOLATION.on_wire(V16) == "FormationViolation"
        assert ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION.on_wire(V16) == "OccurenceConstraintViolation"
        assert ErrorCode.FORMAT_VIOLATION.on_wire(V201) == "FormatViolation"
        table_16 = {
            "NotImplemented", "NotSupported", "InternalError", "ProtocolError", "SecurityError",
            "FormationViolation", "PropertyConstraintViolation", "OccurenceConstraintViolation",
            "TypeConstraintViolation", "GenericError",
        }  # fmt: skip
        assert {code.on_wire(V16) for code in ErrorCode} == table_16
