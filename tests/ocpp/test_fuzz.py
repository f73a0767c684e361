"""Whatever arrives: a frame or a `DecodeError`, in bounded time."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecourt.ocpp import (
    ACTIONS,
    Call,
    CallError,
    CallResult,
    CallResultError,
    DecodeError,
    Send,
    Strictness,
    Version,
    decode,
    encode_refusal,
    redact,
)

FRAMES = Call | CallResult | CallError | CallResultError | Send
VERSIONS = st.sampled_from(list(Version))
LEVELS = st.sampled_from(list(Strictness))
ACTION_NAMES = st.sampled_from(
    [*sorted({action for table in ACTIONS.values() for action in table}), "Nope", "heartbeat"]
)
FIELD_NAMES = st.sampled_from(
    ["connectorId", "idTag", "timestamp", "meterStart", "meterStop", "transactionId", "meterValue", "sampledValue",
     "value", "unit", "measurand", "evse", "id", "idToken", "type", "status", "errorCode", "transactionInfo", "seqNo",
     "eventType", "triggerReason", "unitOfMeasure", "customData", "vendorId", "data", "reason", "transactionData", "key"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
    | st.sampled_from(["2024-05-01T12:00:00", "12,5", "NaN", "Accepted", "", "Energy.Active.Import.Register"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELD_NAMES | st.text(max_size=8), inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


def read(version: Version, data: Any, strictness: Strictness) -> Any:
    try:
        return decode(
            version,
            data,
            pending=lambda _: "GetConfiguration",
            strictness=strictness,
            received_at=datetime(2024, 5, 1, tzinfo=UTC),
        )
    except DecodeError as error:
        return error


def survives(version: Version, data: Any, strictness: Strictness = Strictness.LENIENT) -> None:
    outcome = read(version, data, strictness)
    if isinstance(outcome, DecodeError):
        assert len(outcome.description) <= 255
        assert outcome.details == {}
        answer = encode_refusal(outcome)
        assert answer is None or json.loads(answer)[0] in (4, 5)
    else:
        assert isinstance(outcome, FRAMES)


class TestAnything:
    @given(VERSIONS, LEVELS, st.text() | st.binary())
    @settings(max_examples=300, deadline=None)
    def test_any_text_and_any_bytes(self, version: Version, strictness: Strictness, data: Any) -> None:
        survives(version, data, strictness)

    @given(
        VERSIONS,
        LEVELS,
        st.lists(st.sampled_from('[]{},:" \\"-.0129eE+u\x00abtrue') | st.characters(), max_size=60).map(
            "".join
        ),
    )
    @settings(max_examples=300, deadline=None)
    def test_any_heap_of_json_pieces(self, version: Version, strictness: Strictness, text: str) -> None:
        survives(version, text, strictness)
        survives(version, f'[2,"7f","MeterValues",{text}', strictness)

    @given(VERSIONS, LEVELS, st.lists(VALUES | st.sampled_from([2, 3, 4, 5, 6]) | ACTION_NAMES, max_size=6))
    @settings(max_examples=200, deadline=None)
    def test_any_list(self, version: Version, strictness: Strictness, frame: list[Any]) -> None:
        survives(version, json.dumps(frame), strictness)

    @given(VERSIONS, LEVELS, st.sampled_from([2, 3, 6]), ACTION_NAMES, VALUES)
    @settings(max_examples=400, deadline=None)
    def test_any_payload(
        self, version: Version, strictness: Strictness, kind: int, action: str, payload: Any
    ) -> None:
        frame = [kind, "7f", payload] if kind == 3 else [kind, "7f", action, payload]
        text = json.dumps(frame)
        survives(version, text, strictness)
        assert isinstance(redact(version, action, text), str)

    @given(VERSIONS, st.integers(0, 400), st.integers(0, 400))
    @settings(max_examples=200, deadline=None)
    def test_a_good_frame_with_a_piece_cut_out(self, version: Version, start: int, length: int) -> None:
        text = (
            '[2,"7f","MeterValues",{"connectorId":1,"transactionId":7,"meterValue":[{"timestamp":"2024-05-01T12:00:00Z",'
            '"sampledValue":[{"value":"12.5","context":"Sample.Periodic","unit":"kWh","phase":"L1-N"}]}]}]'
        )
        survives(version, text[:start] + text[start + length :])


MIB = 1024 * 1024
BOMBS = {
    "deep lists": '[2,"7f","DataTransfer",' + "[" * 500_000 + "]" * 500_000 + "]",
    "deep objects": '[2,"7f","DataTransfer",{"vendorId":"v","data":'
    + '{"a":' * 300_000
    + "1"
    + "}" * 300_000
    + "}]",
    "deep in custom data": '[2,"7f","Heartbeat",{"customData":{"vendorId":"v","a":'
    + "[" * 900
    + "1e999999"
    + "]" * 900
    + "}}]",
    "huge exponent": '[2,"7f","MeterValues",{"connectorId":1e999999,"evseId":1e999999,"meterValue":[]}]',
    "huge integer": '[2,"7f","MeterValues",{"connectorId":' + "9" * 100_000 + "}]",
    "huge fraction": '[2,"7f","MeterValues",{"evseId":0.' + "9" * MIB + "}]",
    "NaN and Infinity": '[2,"7f","MeterValues",{"connectorId":NaN,"evseId":-Infinity}]',
    "duplicate keys": '[2,"7f","Authorize",{' + ",".join(['"idTag":"A"'] * 100_000) + "}]",
    "many keys": '[2,"7f","Authorize",{' + ",".join(f'"k{n}":1' for n in range(100_000)) + "}]",
    "many samples": '[2,"7f","MeterValues",{"connectorId":1,"meterValue":['
    + ",".join(['{"sampledValue":[{}]}'] * 60_000)
    + "]}]",
    "lone surrogates": '[2,"7f","DataTransfer",{"vendorId":"' + "\\ud800" * 300_000 + '"}]',
    "NUL characters": '[2,"7f","DataTransfer",{"vendorId":"' + "\\u0000" * 300_000 + '"}]',
    "backslashes": '[2,"7f","DataTransfer",{"vendorId":"\\u0000' + "\\" * MIB + '"}]',
    "a long text": '[2,"7f","DataTransfer",{"vendorId":"' + "x" * 4 * MIB + '"}]',
    "a long id": '[2,"' + "x" * 4 * MIB + '","Heartbeat",{}]',
    "a long action": '[2,"7f","' + "x" * 4 * MIB + '",{}]',
    "an open text": '[2,"7f","DataTransfer",{"vendorId":"' + "x" * 200_000,
    "open texts": '[2,"7f","DataTransfer",{' + '"' * 200_001,
    "commas": '[2,"7f","DataTransfer",{' + "," * 200_000 + "}]",
    "zeros": '[2,"7f","DataTransfer",{"a":' + "0" * 200_000 + "x}]",
    "blanks": " " * MIB + "[" + " " * MIB,
    "brackets": "]" * 200_000,
    "numbers": "[" + "1 " * 100_000,
    "too long": "[" + " " * 9 * MIB,
}


class TestBombs:
    @pytest.mark.parametrize("name", BOMBS)
    def test_takes_bounded_time(self, name: str) -> None:
        for version in (Version.V16, Version.V21):
            started = time.process_time()
            survives(version, BOMBS[name])
            survives(version, BOMBS[name].encode())
            assert time.process_time() - started < 3
            redact(version, "DataTransfer", BOMBS[name])
