"""Ids and their text."""

from __future__ import annotations

import re
import threading
import time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.kit import ids
from forecourt.kit.ids import InvalidId, decode_id, encode_id, new_id


class TestNewId:
    def test_is_a_version_7_uuid_of_now(self) -> None:
        made = new_id()
        assert made.version == 7
        assert made.variant == "specified in RFC 4122"

    def test_grows_within_a_process(self) -> None:
        made = [new_id() for _ in range(20_000)]
        assert made == sorted(made)
        assert len(set(made)) == len(made)

    def test_grows_when_the_wall_clock_steps_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        before = new_id()
        monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
        assert new_id() > before

    def test_moves_on_a_millisecond_when_the_tail_is_full(self, monkeypatch: pytest.MonkeyPatch) -> None:
        before = new_id()
        monkeypatch.setattr(ids, "_tail", (1 << 74) - 1)
        monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
        assert new_id() > before

    def test_threads_never_share_one(self) -> None:
        made: list[UUID] = []
        threads = [
            threading.Thread(target=lambda: made.extend([new_id() for _ in range(2000)])) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(made)) == 8000


class TestText:
    def test_agrees_with_the_typeid_specification(self) -> None:
        # Test vectors of the TypeID specification, spec/valid.yml.
        value = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
        assert encode_id("prefix", value) == "prefix_01h455vb4pex5vsknk084sn02q"
        assert encode_id("p", UUID(int=0)) == "p_00000000000000000000000000"
        assert encode_id("p", UUID(int=(1 << 128) - 1)) == "p_7zzzzzzzzzzzzzzzzzzzzzzzzz"

    @given(st.uuids())
    def test_comes_back_whatever_the_case(self, value: UUID) -> None:
        text = encode_id("ses", value)
        assert re.fullmatch(r"ses_[0-7][0-9a-hjkmnp-tv-z]{25}", text)
        assert len(text) == 30
        assert decode_id("ses", text) == decode_id("ses", text.upper()) == value

    @given(st.lists(st.uuids(), min_size=2))
    def test_sorts_like_the_id(self, values: list[UUID]) -> None:
        assert sorted(encode_id("x", value) for value in values) == [
            encode_id("x", value) for value in sorted(values)
        ]

    @pytest.mark.parametrize(
        "text",
        [
            "", "ses", "ses_", "loc_01h455vb4pex5vsknk084sn02q", "01h455vb4pex5vsknk084sn02q",
            "ses_01h455vb4pex5vsknk084sn02", "ses_01h455vb4pex5vsknk084sn02qq", "ses_81h455vb4pex5vsknk084sn02q",
            "ses_01h455vb4pex5vsknk084sn02u", "ses_01h455vb4pex5vsknk084sn02l", "ses_ſ1h455vb4pex5vsknk084sn02q",
        ],
    )  # fmt: skip
    def test_refuses_what_is_none(self, text: str) -> None:
        with pytest.raises(InvalidId) as caught:
            decode_id("ses", text)
        assert caught.value.status == 422
        assert caught.value.params["value"] == text

    @given(st.text())
    def test_refuses_anything_else_with_the_same_error(self, text: str) -> None:
        with pytest.raises(InvalidId):
            decode_id("ses", "x" + text)
