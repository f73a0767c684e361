"""Clocks, money, errors: the small things."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.kit.clock import Clock, ManualClock, ScaledClock, SystemClock
from forecourt.kit.errors import (
    Conflict,
    Forbidden,
    ForecourtError,
    Invalid,
    NotFound,
    PreconditionFailed,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from forecourt.kit.money import UnknownCurrency, currency_exponent, format_amount, from_minor, to_minor

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


class TestClocks:
    def test_the_system_clock_tells_utc(self) -> None:
        clock: Clock = SystemClock()
        assert clock.now().tzinfo is UTC
        assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)

    def test_a_manual_clock_moves_only_when_told(self) -> None:
        clock = ManualClock(NOON)
        assert clock.now() == clock.now() == NOON
        assert clock.advance(timedelta(minutes=5)) == clock.now() == NOON + timedelta(minutes=5)
        clock.set(NOON.astimezone(timezone(timedelta(hours=2))))
        assert clock.now().tzinfo is UTC

    def test_a_scaled_clock_runs_faster(self) -> None:
        clock = ScaledClock(3600, NOON)
        time.sleep(0.02)
        assert NOON + timedelta(minutes=1) <= clock.now() < NOON + timedelta(hours=1)
        assert clock.real_seconds(timedelta(hours=2)) == 2

    def test_refuses_naive_times_and_standing_still(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            ManualClock(datetime(2026, 1, 1))  # noqa: DTZ001
        with pytest.raises(ValueError, match="speed"):
            ScaledClock(0)


class TestMoney:
    @pytest.mark.parametrize(
        ("currency", "exponent"),
        [
            ("EUR", 2),
            ("JPY", 0),
            ("KWD", 3),
            ("ISK", 0),
            ("HUF", 2),
            ("RSD", 2),
            ("ALL", 2),
            ("IQD", 3),
            ("CLF", 4),
        ],
    )
    def test_decimal_places_are_those_of_iso_4217(self, currency: str, exponent: int) -> None:
        assert currency_exponent(currency) == exponent

    @pytest.mark.parametrize("currency", ["", "eur", "EURO", "ZZZ", "€"])
    def test_refuses_what_is_no_currency(self, currency: str) -> None:
        with pytest.raises(UnknownCurrency):
            currency_exponent(currency)

    @pytest.mark.parametrize(
        ("amount", "currency", "minor"),
        [
            ("1.005", "EUR", 101), ("1.0049999", "EUR", 100), ("-1.005", "EUR", -101), ("0.5", "JPY", 1),
            ("2.5", "JPY", 3), ("1.0005", "KWD", 1001), ("99999999999999999999999.995", "EUR", 10**25),
        ],
    )  # fmt: skip
    def test_rounds_half_away_from_zero(self, amount: str, currency: str, minor: int) -> None:
        assert to_minor(Decimal(amount), currency) == minor

    @pytest.mark.parametrize("amount", ["NaN", "Infinity"])
    def test_refuses_what_is_no_amount(self, amount: str) -> None:
        with pytest.raises(Invalid):
            to_minor(Decimal(amount), "EUR")

    @given(st.integers(-(10**39), 10**39), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
    def test_comes_back_exactly(self, minor: int, currency: str) -> None:
        assert to_minor(from_minor(minor, currency), currency) == minor

    @pytest.mark.parametrize(
        ("minor", "currency", "locale", "text"),
        [
            (1250, "EUR", "de_DE", "12,50 €"), (1250, "EUR", "en-IE", "€12.50"), (1250, "JPY", "ja", "￥1,250"),
            (-123456, "CHF", "de-CH", "CHF-1’234.56"), (1250, "KWD", "en", "KWD 1.250"), (1250, "RSD", "en", "RSD 12.50"),
        ],
    )  # fmt: skip
    def test_is_written_as_it_is_charged(self, minor: int, currency: str, locale: str, text: str) -> None:
        assert (
            format_amount(minor, currency, locale)
            .replace("\N{NO-BREAK SPACE}", " ")
            .replace("KWD1", "KWD 1")
            .replace("RSD1", "RSD 1")
            == text
        )


class TestErrors:
    @pytest.mark.parametrize(
        ("kind", "status"),
        [
            (ForecourtError, 500), (Unauthenticated, 401), (Forbidden, 403), (NotFound, 404), (Conflict, 409),
            (PreconditionFailed, 412), (Invalid, 422), (TooManyRequests, 429), (Unavailable, 503),
        ],
    )  # fmt: skip
    def test_has_its_status(self, kind: type[ForecourtError], status: int) -> None:
        assert kind("x").status == status

    def test_the_class_name_is_the_code_and_the_values_are_kept(self) -> None:
        class ShelfFull(Conflict):
            """The shelf is full."""

        error = ShelfFull("shelf 7 holds 20 books, take another", shelf=7)
        assert (error.code, error.params, str(error)) == (
            "ShelfFull",
            {"shelf": 7},
            "shelf 7 holds 20 books, take another",
        )
        assert ShelfFull().message == "The shelf is full."
