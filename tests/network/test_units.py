"""Pure parts: the skew estimator, credentials, EVSE ids."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from forecourt.network.credentials import generate_password, hash_password, is_weak
from forecourt.network.outlets import make_evse_uid
from forecourt.network.skew import SkewEstimator
from tests.network.harness import NOON, PEPPER

HOUR = timedelta(hours=1)


class TestSkewEstimator:
    def test_a_clock_that_is_behind_is_believed_when_three_messages_agree(self) -> None:
        skew = SkewEstimator()
        for n in range(3):
            at = NOON + n * timedelta(minutes=1)
            skew.observe(at - HOUR, at)
            assert skew.skew_s == (0 if n < 2 else -3600)
        assert skew.correct(NOON - HOUR, NOON) == NOON

    def test_a_burst_of_one_moment_from_a_queue_is_no_skew(self) -> None:
        skew = SkewEstimator()
        for second in range(5):
            skew.observe(NOON - HOUR, NOON + timedelta(seconds=second))
        assert skew.skew_s == 0

    def test_a_queue_that_is_flushed_is_no_skew(self) -> None:
        skew = SkewEstimator()
        for minutes in (90, 60, 45, 30, 10):
            skew.observe(NOON - timedelta(minutes=minutes), NOON)
        assert skew.skew_s == 0

    def test_a_clock_that_was_set_right_is_believed_at_once(self) -> None:
        skew = SkewEstimator(skew_s=7200)
        skew.forget_samples()
        skew.observe(NOON, NOON)
        assert skew.skew_s == 0

    @given(st.lists(st.floats(-1e6, 1e6), max_size=30))
    def test_nothing_happens_in_the_future(self, differences: list[float]) -> None:
        skew = SkewEstimator()
        for difference in differences:
            stamp = NOON + timedelta(seconds=difference)
            skew.observe(stamp, NOON)
            assert skew.correct(stamp, NOON) <= NOON


class TestCredentials:
    def test_made_passwords_are_strong_and_fit_every_version(self) -> None:
        made = {generate_password() for _ in range(100)}
        assert len(made) == 100
        assert all(len(p) == 20 and not is_weak(p.encode()) for p in made)

    def test_weak_ones_are_told(self) -> None:
        for weak in (b"short", b"aaaaaaaaaaaaaaaaaaaa", b"abcdefghijklmnopqrst", b"CP-0042-CP-0042-xyz!"):
            assert is_weak(weak, identity="cp-0042"), weak

    def test_hexadecimal_on_either_side(self) -> None:
        stored = hash_password(b"0123456789abcdefGHIJ", pepper=PEPPER)
        assert stored.matches_any(b"0123456789abcdefGHIJ".hex().encode(), pepper=PEPPER)
        assert not stored.matches_any(b"zz" * 16, pepper=PEPPER)

    def test_another_pepper_does_not_match(self) -> None:
        stored = hash_password(b"secret", pepper=PEPPER)
        assert not stored.matches(b"secret", pepper=b"other")


class TestEvseUid:
    def test_emi3_form(self) -> None:
        assert make_evse_uid(country="DE", party="FCT", identity="cp-1024", evse_no=1) == "DE*FCT*ECP1024*1"
        assert make_evse_uid(country=None, party="a", identity="|", evse_no=2) == "XX*AXX*EX*2"
