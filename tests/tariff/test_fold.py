"""The state: what it refuses, how small it stays, how it is stored."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from forecourt.tariff import (
    RatingContext,
    Segment,
    SegmentOutOfOrder,
    State,
    StateInvalid,
    StateMismatch,
    Tariff,
    TariffVersion,
    TimelineInvalid,
    advance,
    dump_state,
    initial_state,
    load_state,
    price_of,
    rate,
    running_total,
)

from .building import LJUBLJANA, MONDAY, element, energy, net, price, stretch, tariff

CONTEXT = RatingContext(time_zone=LJUBLJANA)
SIMPLE = TariffVersion(tariff(energy("0.59", tax="22")))


def readings(subject: TariffVersion, count: int, **more: Any) -> State:
    state = initial_state(subject, CONTEXT)
    for i in range(count):
        start = MONDAY + timedelta(seconds=10 * i)
        segment = Segment(
            start=start,
            end=start + timedelta(seconds=10),
            state="charging",
            energy_wh=Decimal("30.5"),
            **more,
        )
        state = advance(state, segment)
    return state


class TestAdvance:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"energy_wh": 1.5},
            {"energy_wh": True},
            {"energy_wh": -1},
            {"energy_wh": 10**5000},
            {"billed_s": 10**5000},
            {"energy_wh": Decimal("NaN")},
            {"energy_wh": Decimal("sNaN")},
            {"energy_wh": Decimal("Infinity")},
            {"energy_wh": Decimal("1e999999")},
            {"energy_wh": "12"},
            {"energy_wh": None},
            {"billed_s": 1.5},
            {"billed_s": -1},
            {"billed_s": Decimal("NaN")},
            {"state": "dancing"},
            {"start": datetime(2024, 6, 3)},  # noqa: DTZ001
            {"start": "2024-06-03"},
            {"start": MONDAY + timedelta(hours=2)},
            {"start": datetime(1, 1, 1, tzinfo=UTC)},
            {"end": datetime(9999, 1, 1, tzinfo=UTC)},
            {"end": MONDAY + timedelta(days=367)},
            {"state": "reserved", "energy_wh": 1},
        ],
        ids=lambda wrong: next(iter(wrong)),
    )
    def test_refuses_a_malformed_segment(self, wrong: dict[str, Any]) -> None:
        fields: dict[str, Any] = {
            "start": MONDAY,
            "end": MONDAY + timedelta(hours=1),
            "state": "charging",
            **wrong,
        }
        with pytest.raises(TimelineInvalid):
            advance(initial_state(SIMPLE, CONTEXT), Segment(**fields))

    def test_refuses_an_overlap(self) -> None:
        state = advance(initial_state(SIMPLE, CONTEXT), stretch(MONDAY, 10))
        with pytest.raises(SegmentOutOfOrder):
            advance(state, stretch(MONDAY + timedelta(minutes=9), 10))

    def test_allows_a_gap(self) -> None:
        state = advance(initial_state(SIMPLE, CONTEXT), stretch(MONDAY, 10, "charging", "1"))
        state = advance(state, stretch(MONDAY + timedelta(minutes=20), 10, "charging", "1"))
        assert [row.amount for row in price_of(state).trace] == [Decimal("0.59")] * 2

    def test_says_how_far_it_is(self) -> None:
        assert initial_state(SIMPLE, CONTEXT).until is None
        state = readings(SIMPLE, 3)
        assert state.until == MONDAY + timedelta(seconds=30)
        assert state.energy_wh == Decimal("91.5")


class TestSize:
    def test_state_does_not_grow_with_readings(self) -> None:
        few, many = readings(SIMPLE, 10), readings(SIMPLE, 3000)
        assert len(dump_state(many)) < len(dump_state(few)) + 20 < 300
        assert len(price_of(many).trace) == 1

    def test_trace_of_flapping_bands_is_folded_and_still_adds_up(self) -> None:
        subject = TariffVersion(tariff(element(energy("0.55"), max_power_kw=Decimal(100)), energy("0.70")))
        timeline = [
            stretch(MONDAY + timedelta(minutes=i), 1, "charging", "1", power_w=90_000 + i % 2 * 20_000)
            for i in range(1000)
        ]
        result = rate(subject, timeline, CONTEXT)
        assert net(result) == Decimal("625.00")
        assert len(result.trace) <= 140
        assert sum(row.quantity for row in result.trace) == 1000
        assert sum(row.amount for row in result.trace) == Decimal("625")

    def test_running_total_needs_no_trace(self) -> None:
        state = readings(SIMPLE, 1000)
        assert running_total(state).rounded == price_of(state).rounded.total


class TestStored:
    def test_round_trip(self) -> None:
        state = readings(SIMPLE, 7)
        again = load_state(SIMPLE, dump_state(state))
        assert dump_state(again) == dump_state(state)
        assert price_of(again) == price_of(state)
        assert again.context == CONTEXT

    def test_of_another_tariff(self) -> None:
        other = TariffVersion(tariff(energy("0.60", tax="22")))
        with pytest.raises(StateMismatch):
            load_state(other, dump_state(readings(SIMPLE, 1)))

    @pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b"\xff", b'["x",1,2]', b"[" * 10_000])
    def test_of_nothing_readable(self, data: bytes) -> None:
        with pytest.raises(StateInvalid):
            load_state(SIMPLE, data)

    def test_that_names_a_rule_the_tariff_does_not_have(self) -> None:
        data = dump_state(readings(SIMPLE, 1)).decode()
        wrong = re.sub(r'\{"0":(\d+)\}', r'{"400":\1}', data)
        assert wrong != data
        with pytest.raises(StateInvalid):
            load_state(SIMPLE, wrong)


class TestTrace:
    def test_says_why(self) -> None:
        subject: Tariff = tariff(
            price("flat", "0.5", tax="22"),
            element(energy("0.6", tax="22"), start_time="17:00"),
            energy("0.3", tax="22"),
        )
        start = datetime(2024, 6, 3, 14, 30, tzinfo=UTC)
        flat, cheap, dear = rate(
            TariffVersion(subject), [stretch(start, 60, "charging", "10")], CONTEXT
        ).trace
        assert (flat.component, flat.unit, flat.amount, flat.tax) == (
            "fixed",
            "session",
            Decimal("0.5"),
            Decimal("0.11"),
        )
        assert (cheap.start, cheap.end) == (start, start + timedelta(minutes=30))
        assert (cheap.element, cheap.quantity, cheap.unit_price) == (2, Decimal(5), Decimal("0.3"))
        assert (dear.element, dear.amount, dear.tax_percent) == (1, Decimal(3), Decimal(22))
        assert dear.reason == "priced"
