"""The calendar against the plain question, asked at single instants."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from forecourt.tariff.local_time import CalendarCondition, LocalCalendar, to_us

# Zones with changes at odd times, by half an hour, at midnight, of a whole day (Apia, 2011), twice a year.
ZONES = st.sampled_from(
    ["Europe/Ljubljana", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "Africa/Casablanca",
     "Asia/Kathmandu", "America/St_Johns", "UTC"]
)  # fmt: skip
CHANGES = st.sampled_from(
    [
        datetime(2026, 3, 29, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 1, tzinfo=UTC),
        datetime(2026, 4, 4, 15, tzinfo=UTC),
        datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
        datetime(2018, 11, 4, 3, tzinfo=UTC),
        datetime(2011, 12, 30, 10, tzinfo=UTC),
        datetime(2026, 2, 15, 2, tzinfo=UTC),
        datetime(2026, 3, 8, 5, 30, tzinfo=UTC),
        datetime(2024, 2, 29, 12, tzinfo=UTC),
    ]
)
MINUTES = st.sampled_from([0, 15, 60, 90, 120, 135, 150, 180, 600, 1380, 1440])
CONDITIONS = st.builds(
    CalendarCondition,
    st.one_of(st.none(), st.tuples(MINUTES, MINUTES)),
    st.integers(0, 127),
    st.sampled_from([None, date(2026, 3, 29)]),
    st.sampled_from([None, date(2026, 10, 26)]),
)


class TestLocalCalendar:
    @given(ZONES, st.lists(CONDITIONS, min_size=1, max_size=3), CHANGES, st.integers(-3 * 86_400, 3 * 86_400))
    def test_agrees_with_the_wall_clock(
        self, zone: str, conditions: list[CalendarCondition], change: datetime, seconds: int
    ) -> None:
        holidays = frozenset({date(2026, 3, 30)})
        calendar = LocalCalendar(ZoneInfo(zone), tuple(conditions), holidays)
        moment = change + timedelta(seconds=seconds)
        mask, until = calendar.at(to_us(moment))
        assert until > to_us(moment)
        for share in (0, 1, 2, 3):  # the answer holds until it says, to the last microsecond
            us = to_us(moment) + (until - 1 - to_us(moment)) * share // 3
            local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).astimezone(ZoneInfo(zone))
            weekday = 6 if local.date() in holidays else local.weekday()
            expected = sum(
                1 << bit
                for bit, condition in enumerate(conditions)
                if condition.holds(local.hour * 60 + local.minute, weekday, local.date())
            )
            assert expected == mask
