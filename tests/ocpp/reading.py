"""Read messages and see what was tolerated."""

from datetime import UTC, datetime
from typing import Any

import pytest

from forecourt.ocpp import QUIRKS, DecodeError, Strictness, Version, decode

V16, V201, V21 = Version
RECEIVED_AT = datetime(2024, 6, 1, 8, 0, tzinfo=UTC)
NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)


def read(
    version: Version, text: str, strictness: Strictness = Strictness.STANDARD, **options: Any
) -> tuple[Any, set[str]]:
    """(the frame, the codes of what was tolerated)."""
    frame = decode(version, text, strictness=strictness, received_at=RECEIVED_AT, **options)
    for event in frame.quirks:
        assert event.quirk == QUIRKS[event.code].number
        assert event.path.startswith("$")
    return frame, {event.code for event in frame.quirks}


def call(
    version: Version, action: str, payload: str, strictness: Strictness = Strictness.STANDARD
) -> tuple[Any, set[str]]:
    frame, codes = read(version, f'[2,"7f","{action}",{payload}]', strictness)
    return frame.payload, codes


def refused_when_strict(version: Version, action: str, payload: str) -> None:
    with pytest.raises(DecodeError):
        call(version, action, payload, Strictness.STRICT)


def sample_16(sample: str) -> str:
    return (
        f'{{"connectorId":1,"meterValue":[{{"timestamp":"2024-05-01T12:00:00Z","sampledValue":[{sample}]}}]}}'
    )


def sample_201(sample: str) -> str:
    return f'{{"evseId":1,"meterValue":[{{"timestamp":"2024-05-01T12:00:00Z","sampledValue":[{sample}]}}]}}'
