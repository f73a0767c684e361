"""Properties of the fold, for tariffs and timelines that hypothesis makes up."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from forecourt.tariff import (
    Allowance,
    Element,
    IdleRule,
    PauseWindow,
    PriceLimit,
    RatingContext,
    Reading,
    Segment,
    SegmentState,
    Tariff,
    TariffVersion,
    advance,
    dump_state,
    initial_state,
    load_state,
    price_of,
    price_to_dict,
    rate,
    running_total,
    tariff_from_dict,
    tariff_from_json,
    tariff_from_ocpi,
    tariff_to_dict,
    tariff_to_ocpi,
    timeline_from_readings,
)
from forecourt.tariff.model import WEEKDAYS, canonical_json

from .building import element, energy, price

CONTEXT = RatingContext(time_zone="Europe/Ljubljana")
CLOSE = Decimal("1e-9")
# A week without a clock change, and the two that have one.
STARTS = [
    datetime(2026, 5, 4, tzinfo=UTC),
    datetime(2026, 10, 24, 12, tzinfo=UTC),
    datetime(2026, 3, 28, 12, tzinfo=UTC),
]

prices = st.decimals(min_value=0, max_value=5, places=3)
taxes = st.sampled_from([None, "0", "9.5", "22"])
clock = st.sampled_from(["00:00", "02:30", "06:00", "17:00", "22:15", "24:00"])


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, object]:
    when: dict[str, object] = {}
    if draw(st.booleans()):
        when["start_time"] = draw(clock)
    if draw(st.booleans()):
        when["end_time"] = draw(clock)
    if draw(st.booleans()):
        when["days"] = tuple(draw(st.sets(st.sampled_from(WEEKDAYS), min_size=1)))
    kind = draw(st.sampled_from(["", "kwh", "duration_s"]))
    if kind:
        when[f"{draw(st.sampled_from(['min', 'max']))}_{kind}"] = (
            Decimal(draw(st.integers(1, 40))) if kind == "kwh" else draw(st.integers(60, 9000))
        )
    return when


@st.composite
def elements(draw: st.DrawFn, step: int = 0) -> Element:
    chosen = draw(
        st.sets(
            st.sampled_from(["energy", "charging_time", "idle_time", "occupancy_time", "flat"]), min_size=1
        )
    )
    tax = draw(taxes)
    return element(
        *(
            price(name, str(draw(prices)), tax=tax, step_size=0 if name == "flat" else step)
            for name in sorted(chosen)
        ),
        **draw(conditions()),
    )


@st.composite
def tariffs(draw: st.DrawFn, limits: bool = True) -> Tariff:
    idle = IdleRule(
        grace_s=draw(st.sampled_from([0, 600])),
        grace=draw(st.sampled_from(["once", "per_spell"])),
        pauses=draw(st.sampled_from([(), (PauseWindow(start_time="23:00", end_time="07:00"),)])),
        cap=draw(st.sampled_from([None, Decimal(2)])),
        started_minute=draw(st.booleans()),
    )
    low = draw(st.sampled_from([None, PriceLimit(before_taxes=Decimal("0.5"))])) if limits else None
    high = draw(st.sampled_from([None, PriceLimit(after_taxes=Decimal(20))])) if limits else None
    return Tariff(
        currency=draw(st.sampled_from(["EUR", "JPY", "KWD"])),
        elements=tuple(draw(st.lists(elements(), min_size=1, max_size=5))),
        tax_included=draw(st.booleans()),
        idle=idle,
        free=draw(st.sampled_from([Allowance(), Allowance(energy_wh=Decimal(1500), charging_s=900)])),
        min_price=low,
        max_price=high,
    )


@st.composite
def timelines(draw: st.DrawFn, start: datetime | None = None) -> list[Segment]:
    at = (start or draw(st.sampled_from(STARTS))) + timedelta(minutes=draw(st.integers(0, 1440)))
    segments = []
    for _ in range(draw(st.integers(1, 8))):
        at += timedelta(seconds=draw(st.sampled_from([0, 0, 0, 90])))
        seconds = draw(st.integers(1, 20_000))
        state: SegmentState = draw(
            st.sampled_from(
                ["charging", "charging", "idle", "finishing", "suspended_evse", "preparing", "unknown"]
            )
        )
        wh = draw(st.integers(0, 30_000)) if state == "charging" else 0
        segments.append(
            Segment(start=at, end=at + timedelta(seconds=seconds), state=state, energy_wh=Decimal(wh))
        )
        at = segments[-1].end
    return segments


def split(segment: Segment, parts: int) -> list[Segment]:
    """The same segment in pieces; energy in proportion, to the nanowatt-hour, none lost."""
    whole = (segment.end - segment.start) // timedelta(microseconds=1)
    energy_nwh = int(segment.energy_wh * 10**9)
    cuts = [whole * i // parts for i in range(parts + 1)]
    return [
        Segment(
            start=segment.start + timedelta(microseconds=low),
            end=segment.start + timedelta(microseconds=high),
            state=segment.state,
            energy_wh=Decimal(energy_nwh * high // whole - energy_nwh * low // whole).scaleb(-9),
        )
        for low, high in pairwise(cuts)
    ]


class TestFold:
    @given(tariffs(), timelines(), st.integers(2, 7))
    def test_splitting_a_segment_changes_nothing(
        self, tariff: Tariff, timeline: list[Segment], parts: int
    ) -> None:
        version = TariffVersion(tariff)
        whole = rate(version, timeline, CONTEXT)
        pieces = rate(version, [piece for each in timeline for piece in split(each, parts)], CONTEXT)
        assert abs(whole.exact.total.before_taxes - pieces.exact.total.before_taxes) < CLOSE
        assert abs(whole.exact.total.after_taxes - pieces.exact.total.after_taxes) < CLOSE
        assert len(whole.trace) == len(pieces.trace)

    @given(tariffs(), timelines())
    def test_running_price_is_the_final_price_of_the_same_facts(
        self, tariff: Tariff, timeline: list[Segment]
    ) -> None:
        version = TariffVersion(tariff)
        state = initial_state(version, CONTEXT)
        for count, segment in enumerate(timeline, 1):
            state = advance(load_state(version, dump_state(state)), segment)
            final = rate(version, timeline[:count], CONTEXT)
            assert price_of(state) == final
            assert running_total(state).exact == final.exact.total
            assert running_total(state).rounded == final.rounded.total

    @given(tariffs(), timelines())
    def test_advance_leaves_the_old_state_alone(self, tariff: Tariff, timeline: list[Segment]) -> None:
        state = initial_state(TariffVersion(tariff), CONTEXT)
        for segment in timeline:
            before, cost = dump_state(state), price_of(state)
            after = advance(state, segment)
            assert dump_state(state) == before
            assert price_of(state) == cost
            state = after

    @given(tariffs(), timelines())
    def test_trace_and_components_add_up(self, tariff: Tariff, timeline: list[Segment]) -> None:
        result = rate(TariffVersion(tariff), timeline, CONTEXT)
        side = "after_taxes" if tariff.tax_included else "before_taxes"
        total = getattr(result.exact.total, side)
        assert abs(sum((row.amount for row in result.trace), Decimal(0)) - total) < CLOSE
        for which in ("before_taxes", "after_taxes"):
            shares = sum((getattr(group.rounded, which) for group in result.taxes), Decimal(0))
            assert shares == getattr(result.rounded.total, which)
        if result.limit is None:
            names = ("energy", "time", "parking", "occupancy", "fixed", "reservation")
            parts = sum(getattr(getattr(result.rounded, name), side) for name in names)
            assert parts == getattr(result.rounded.total, side)


class TestMoney:
    @given(tariffs(), timelines(), st.integers(1, 20_000), st.booleans())
    def test_more_energy_never_costs_less(
        self, tariff: Tariff, timeline: list[Segment], more: int, both_sides: bool
    ) -> None:
        """For prices that do not depend on energy used. A side that a limit leaves open may follow the mix
        of tax rates, so it is only compared where the limit states both sides, or there is one tax rate."""
        low, high = tariff.min_price, tariff.max_price
        if both_sides:
            low = low and PriceLimit(before_taxes=Decimal("0.5"), after_taxes=Decimal("0.6"))
            high = high and PriceLimit(before_taxes=Decimal(17), after_taxes=Decimal(20))
        tariff = Tariff(
            currency=tariff.currency,
            elements=tuple(
                each for each in tariff.elements if each.when.min_kwh is None and each.when.max_kwh is None
            )
            or (element(energy("0.3")),),
            tax_included=tariff.tax_included,
            min_price=low,
            max_price=high,
        )
        rates = {part.tax_percent or Decimal(0) for each in tariff.elements for part in each.prices}
        sides = {"before_taxes", "after_taxes"}
        if len(rates) > 1 and not both_sides:
            sides -= {"after_taxes"} if low else set()
            sides -= {"before_taxes"} if high else set()
        version = TariffVersion(tariff)
        first = timeline[0]
        larger = [
            Segment(start=first.start, end=first.end, state=first.state, energy_wh=first.energy_wh + more),
            *timeline[1:],
        ]
        less, greater = rate(version, timeline, CONTEXT), rate(version, larger, CONTEXT)
        own = "after_taxes" if tariff.tax_included else "before_taxes"
        for side in sides:
            assert getattr(greater.exact.total, side) >= getattr(less.exact.total, side) - CLOSE
            if len(rates) == 1 or side == own:
                assert getattr(greater.rounded.total, side) >= getattr(less.rounded.total, side)

    @given(tariffs(), timelines())
    def test_limits_are_kept(self, tariff: Tariff, timeline: list[Segment]) -> None:
        total = rate(TariffVersion(tariff), timeline, CONTEXT).exact.total
        assert total.after_taxes >= total.before_taxes >= 0
        if tariff.max_price and tariff.max_price.after_taxes is not None:
            assert total.after_taxes <= tariff.max_price.after_taxes
        used = any(segment.energy_wh for segment in timeline)
        if (
            tariff.min_price
            and tariff.min_price.before_taxes is not None
            and used
            and tariff.max_price is None
        ):
            assert total.before_taxes >= tariff.min_price.before_taxes

    @given(
        st.decimals(min_value=0, max_value=2, places=3),
        st.integers(0, 100_000),
        st.sampled_from(["9.5", "19", "22"]),
    )
    def test_gross_is_net_and_tax(self, unit_price: Decimal, wh: int, tax: str) -> None:
        tariff = Tariff(
            currency="EUR", elements=(element(energy(str(unit_price), tax=tax)),), tax_included=True
        )
        segment = Segment(
            start=STARTS[0], end=STARTS[0] + timedelta(hours=1), state="charging", energy_wh=Decimal(wh)
        )
        result = rate(TariffVersion(tariff), [segment], CONTEXT)
        gross = (unit_price * wh / 1000).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        assert result.rounded.total.after_taxes == gross == result.rounded.energy.after_taxes
        assert result.rounded.total.before_taxes + result.rounded.total.tax == gross

    @given(tariffs(), timelines(STARTS[0]))
    def test_a_week_later_costs_the_same(self, tariff: Tariff, timeline: list[Segment]) -> None:
        version, week = TariffVersion(tariff), timedelta(days=7)
        later = [
            Segment(start=each.start + week, end=each.end + week, state=each.state, energy_wh=each.energy_wh)
            for each in timeline
        ]
        assert rate(version, timeline, CONTEXT).exact == rate(version, later, CONTEXT).exact


class TestReadings:
    @given(
        st.lists(st.tuples(st.integers(0, 7200), st.integers(0, 50_000)), min_size=1, max_size=12),
        st.randoms(use_true_random=False),
    )
    def test_order_and_repeats_do_not_matter(self, points: list[tuple[int, int]], random: object) -> None:
        readings = [Reading(at=STARTS[0] + timedelta(seconds=at), register_wh=wh) for at, wh in points]
        shuffled = [*readings, *readings[:3]]
        random.shuffle(shuffled)  # type: ignore[attr-defined]
        end = STARTS[0] + timedelta(hours=2)
        one = timeline_from_readings(readings, [], start=STARTS[0], end=end)
        other = timeline_from_readings(shuffled, [], start=STARTS[0], end=end)
        assert one == other
        assert all(segment.energy_wh >= 0 for segment in one.segments)

    @given(st.lists(st.integers(0, 3000), min_size=1, max_size=10), st.integers(1, 900))
    def test_energy_is_the_register_difference(self, steps: list[int], spacing: int) -> None:
        at, register, readings = STARTS[0] - timedelta(seconds=5), 1000, []
        for step in steps:
            readings.append(Reading(at=at, register_wh=register))
            at, register = at + timedelta(seconds=spacing), register + step
        readings.append(Reading(at=at, register_wh=register))
        timeline = timeline_from_readings(readings, [], start=STARTS[0], end=STARTS[0] + timedelta(hours=1))
        assert sum(segment.energy_wh for segment in timeline.segments) == sum(steps)


class TestDocuments:
    @given(tariffs())
    def test_json_round_trip(self, tariff: Tariff) -> None:
        text = canonical_json(tariff)
        again = tariff_from_json(text)
        assert again == tariff
        assert tariff_from_dict(tariff_to_dict(tariff)) == tariff
        assert TariffVersion(again).content_hash == TariffVersion(tariff).content_hash

    @given(st.lists(elements(step=1), min_size=1, max_size=4), timelines(), st.booleans())
    def test_ocpi_round_trip_prices_alike(
        self, parts: list[Element], timeline: list[Segment], gross: bool
    ) -> None:
        tariff = Tariff(currency="EUR", elements=tuple(parts), tax_included=gross)
        document, lossy = tariff_to_ocpi(tariff)
        if lossy or not document["elements"]:
            return
        again = tariff_from_ocpi(document)
        one, other = (
            price_to_dict(rate(TariffVersion(each), timeline, CONTEXT))["exact"] for each in (tariff, again)
        )
        assert one == other
