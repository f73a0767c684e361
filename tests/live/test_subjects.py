"""What an event is about, and who may read of it."""

from __future__ import annotations

import pytest

from forecourt.identity.actor import Actor
from forecourt.kit.ids import new_id
from forecourt.live.subjects import matches, may_see, subject_text


@pytest.mark.parametrize(
    ("event_type", "permission", "prefix"),
    [
        ("session.started", "sessions:read", "ses_"),
        ("station.booted", "stations:read", "sta_"),
        ("station.knocked", "inbox:read", "knk_"),
        ("token.refused", "tokens:read", "aut_"),
        ("message.rejected", "messages:read", "sta_"),
        ("connector.status_changed", "stations:read", "con_"),
        ("something.new", "audit:read", ""),
    ],
)
def test_each_type_has_its_permission_and_its_id(event_type: str, permission: str, prefix: str) -> None:
    reader = Actor(kind="key", id=new_id(), operator_id=new_id(), permissions=frozenset({permission}))
    stranger = Actor(kind="key", id=new_id(), operator_id=new_id(), permissions=frozenset({"events:read"}))
    assert may_see(reader, event_type)
    assert not may_see(stranger, event_type)
    assert subject_text(event_type, new_id()).startswith(prefix)


def test_a_filter_names_types_or_all_of_a_noun() -> None:
    assert matches("session.started", frozenset())
    assert matches("session.started", frozenset({"session.*"}))
    assert matches("session.started", frozenset({"session.started", "x.y"}))
    assert not matches("sessions.started", frozenset({"session.*"}))
