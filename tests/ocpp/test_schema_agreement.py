"""Our structs and the official schemas say the same of every message: what one accepts, the other does."""

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from forecourt.ocpp import (
    ACTIONS,
    Call,
    CallResult,
    DecodeError,
    Send,
    Strictness,
    Version,
    _slow,
    decode,
    encode_call,
    encode_result,
)
from tests.ocpp.schemas import MESSAGES, Maker, mutations, oracle, schema

RECEIVED_AT = datetime(2024, 5, 1, tzinfo=UTC)


def frame_text(version: Version, action: str, part: str, message: Any) -> str:
    if part == "response":
        return json.dumps([3, "id", message], separators=(",", ":"))
    kind = 6 if ACTIONS[version][action].is_send else 2
    return json.dumps([kind, "id", action, message], separators=(",", ":"))


def read(version: Version, action: str, part: str, message: Any, road: Any = decode) -> Any:
    frame = road(
        version,
        frame_text(version, action, part, message),
        pending=lambda _: action,
        strictness=Strictness.STRICT,
        received_at=RECEIVED_AT,
    )
    assert isinstance(frame, Call | CallResult | Send)
    assert frame.quirks == ()
    return frame.payload


def refusal_of(version: Version, action: str, part: str, message: Any) -> DecodeError | None:
    try:
        read(version, action, part, message)
    except DecodeError as error:
        return error
    return None


def examples(version: Version, action: str, part: str) -> list[Any]:
    root = schema(version, action, part)
    chance = random.Random(f"{version}{action}{part}")  # the same messages in every run
    return [Maker(root, chance, full=number == 0).make(root) for number in range(4)]


@pytest.mark.parametrize("version", list(Version))
class TestEveryMessage:
    def test_valid_messages_are_read_on_both_roads_alike_and_survive_a_round_trip(
        self, version: Version
    ) -> None:
        for _, action, part in (row for row in MESSAGES if row[0] == version):
            for message in examples(version, action, part):
                assert oracle(version, action, part).is_valid(message), (action, part, message)
                payload = read(version, action, part, message)
                assert payload == read(version, action, part, message, _slow.read)
                sent = (
                    encode_result("id", payload) if part == "response" else encode_call("id", action, payload)
                )
                again = json.loads(sent)[-1]
                assert oracle(version, action, part).is_valid(again), (action, part, again)
                assert again.keys() == message.keys()

    def test_broken_messages_are_refused_exactly_when_the_schema_refuses_them(self, version: Version) -> None:
        verdicts = {True: 0, False: 0}
        seen: set[str] = set()
        for _, action, part in (row for row in MESSAGES if row[0] == version):
            message = examples(version, action, part)[0]
            validator = oracle(version, action, part)
            for what, mutant in mutations(message, schema(version, action, part), seen):
                expected = validator.is_valid(mutant)
                error = refusal_of(version, action, part, mutant)
                assert (error is None) == expected, (
                    f"{version} {action} {part}: {what}: schema says {expected}"
                )
                assert error is None or (error.message_id == "id" and len(error.description) <= 255)
                verdicts[expected] += 1
        assert min(verdicts.values()) > 100
