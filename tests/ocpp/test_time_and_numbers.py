"""Time stamps and numbers, read leniently and written strictly."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.ocpp import canonical_unit, default_unit, format_timestamp, parse_decimal, parse_timestamp

NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2999, 1, 1), timezones=ZONES)  # noqa: DTZ001


class TestParseTimestamp:
    @pytest.mark.parametrize(
        "text",
        [
            "2024-05-01T12:00:00Z", "2024-05-01T12:00:00.000Z", "2024-05-01T12:00:00.0000000Z", "2024-05-01T12:00:00",
            "2024-05-01T12:00Z", "2024-05-01 12:00", "2024-05-01t12:00:00z", "2024-05-01T14:00:00+02:00",
            "2024-05-01T14:00:00+0200", "2024-05-01T14:00+02", "2024-05-01T06:00:00-06:00", "2024-05-01T12:00:00+00:00",
            "2024-05-01T12:00:00 UTC", " 2024-05-01T12:00:00Z ", "2024/05/01 12:00:00", "2024-5-1T12:00:00Z",
            "20240501T120000Z", "20240501120000", "1714564800", "1714564800000", "2024-05-01T12:00:00,0Z",
            "2024-05-01T12:00:00:000Z", "2024-05-01T12:00:00 +00:00",
        ],
    )  # fmt: skip
    def test_the_forms_that_stations_write(self, text: str) -> None:
        moment = parse_timestamp(text)
        assert moment == NOON
        assert moment.tzinfo is UTC

    def test_fractions_midnight_and_leap_seconds(self) -> None:
        assert parse_timestamp("2024-05-01T12:00:00.1234567Z").microsecond == 123456
        assert parse_timestamp("2024-05-01T24:00:00Z") == datetime(2024, 5, 2, tzinfo=UTC)
        assert parse_timestamp("2016-12-31T23:59:60Z") == datetime(2017, 1, 1, tzinfo=UTC)
        assert parse_timestamp("2024-05-01") == datetime(2024, 5, 1, tzinfo=UTC)

    @pytest.mark.parametrize(
        "text",
        ["", "now", "2024-13-01T00:00:00Z", "2024-02-30T00:00:00Z", "2024-05-01T25:00:00Z", "0000-01-01T00:00:00Z",
         "0001-01-01T00:00:00+14:00", "9999-12-31T24:00:00Z", "12:00:00", "2024-05-01T12:00:00Z" + "0" * 100,
         "2024-05-01T12:00:00+99:00", "٢٠٢٤-05-01T12:00:00Z"],
    )  # fmt: skip
    def test_nonsense_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError):
            parse_timestamp(text)

    @given(st.text(max_size=70))
    def test_any_text_gives_a_time_or_a_value_error(self, text: str) -> None:
        with contextlib.suppress(ValueError):
            assert parse_timestamp(text).tzinfo is UTC

    @given(MOMENTS)
    def test_what_we_write_we_read(self, moment: datetime) -> None:
        assert parse_timestamp(format_timestamp(moment)) == moment.astimezone(UTC).replace(
            microsecond=moment.microsecond // 1000 * 1000
        )
        assert parse_timestamp(format_timestamp(moment, fraction_digits=0)) == moment.replace(microsecond=0)
        assert parse_timestamp(moment.isoformat()) == moment


class TestParseDecimal:
    @pytest.mark.parametrize(
        ("text", "number"),
        [("12.50", "12.50"), (" 7 ", "7"), ("12,5", "12.5"), ("+3", "3"), ("-0.5", "-0.5"), (".5", "0.5"), ("5.", "5"),
         ("1e3", "1E+3"), ("00012", "12")],
    )  # fmt: skip
    def test_numbers(self, text: str, number: str) -> None:
        assert parse_decimal(text) == Decimal(number)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "NaN",
            "inf",
            "1.234,5",
            "1,234.5",
            "1_000",
            "12 kWh",
            "OCMF|{}",
            "1e99",
            "٣",
            "9" * 200,
            "-",
        ],
    )
    def test_anything_else_is_none(self, text: str) -> None:
        assert parse_decimal(text) is None

    @given(st.decimals(min_value=-(10**12), max_value=10**12, places=4))
    def test_what_is_written_plainly_is_read_exactly(self, number: Decimal) -> None:
        assert parse_decimal(f"{number:f}") == number
        assert parse_decimal(f"{number:f}".replace(".", ",")) == number


class TestUnits:
    def test_spellings(self) -> None:
        spellings = {
            "KWH": "kWh",
            "Celcius": "Celsius",
            "AMP": "A",
            "VOLT": "V",
            "Hz": "Hertz",
            "%": "Percent",
            "": None,
            "?": None,
        }
        assert {text: canonical_unit(text) for text in spellings} == spellings

    def test_defaults(self) -> None:
        assert [default_unit(m) for m in (None, "Energy.Reactive.Import.Register", "Power.Active.Import", "Power.Factor", "SoC")] == [
            "Wh", "varh", "W", None, "Percent",
        ]  # fmt: skip
