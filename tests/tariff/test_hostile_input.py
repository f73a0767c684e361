"""What strangers send: every case is a clear error or a result, soon."""

import json
import time
from typing import Any

import pytest

from forecourt.tariff import (
    ContextInvalid,
    OcpiSessionInvalid,
    OcpiTariffInvalid,
    PreviewInvalid,
    TariffError,
    TariffInvalid,
    preview,
    tariff_from_dict,
    tariff_from_json,
)


def ocpi(**changes: Any) -> dict[str, Any]:
    component = {"type": "ENERGY", "price": 0.25, "step_size": 1, "vat": 10}
    return {"currency": "EUR", "elements": [{"price_components": [component]}], **changes}


def one(component: dict[str, Any], **restrictions: Any) -> dict[str, Any]:
    element: dict[str, Any] = {"price_components": [component]}
    if restrictions:
        element["restrictions"] = restrictions
    return ocpi(elements=[element])


def session(*volumes: tuple[str, Any], **changes: Any) -> dict[str, Any]:
    dimensions = [{"type": kind, "volume": volume} for kind, volume in volumes or [("ENERGY", 20)]]
    return {
        "time_zone": "Europe/Amsterdam",
        "start_date_time": "2024-06-03T08:00:00Z",
        "end_date_time": "2024-06-03T09:00:00Z",
        "charging_periods": [{"start_date_time": "2024-06-03T08:00:00Z", "dimensions": dimensions}],
        **changes,
    }


ENERGY = {"type": "ENERGY", "price": 1, "step_size": 1}

BAD_TARIFFS: dict[str, Any] = {
    "none": None,
    "list": [],
    "text": "tariff",
    "empty": {},
    "no elements": ocpi(elements=[]),
    "elements null": ocpi(elements=None),
    "elements object": ocpi(elements={"a": 1}),
    "element null": ocpi(elements=[None]),
    "many elements": ocpi(elements=[{"price_components": [ENERGY]}] * 101),
    "no components": ocpi(elements=[{"price_components": []}]),
    "twice the same type": ocpi(elements=[{"price_components": [ENERGY, ENERGY]}]),
    "no currency": ocpi(currency=None),
    "currency lower": ocpi(currency="eur"),
    "currency long": ocpi(currency="E" * 100_000),
    "currency number": ocpi(currency=978),
    "unknown type": one({"type": "LOVE", "price": 1}),
    "type a list": one({"type": ["ENERGY"], "price": 1}),
    "no price": one({"type": "ENERGY"}),
    "price nan": one({"type": "ENERGY", "price": float("nan")}),
    "price infinite": one({"type": "ENERGY", "price": float("inf")}),
    "price huge text": one({"type": "ENERGY", "price": "1e999999"}),
    "price huge int": one({"type": "ENERGY", "price": 10**5000}),
    "price bool": one({"type": "ENERGY", "price": True}),
    "price word": one({"type": "ENERGY", "price": "cheap"}),
    "price object": one({"type": "ENERGY", "price": {"excl_vat": 1}}),
    "vat 2000": one({"type": "ENERGY", "price": 1, "vat": 2000}),
    "vat negative": one({"type": "ENERGY", "price": 1, "vat": -5}),
    "step negative": one({"type": "ENERGY", "price": 1, "step_size": -1}),
    "step half": one({"type": "ENERGY", "price": 1, "step_size": 1.5}),
    "step huge": one({"type": "ENERGY", "price": 1, "step_size": 10**30}),
    "time 25:00": one(ENERGY, start_time="25:00"),
    "time word": one(ENERGY, start_time="noon!"),
    "time digits": one(ENERGY, start_time="１７:００"),
    "day": one(ENERGY, day_of_week=["FUNDAY"]),
    "day number": one(ENERGY, day_of_week=[1]),
    "date": one(ENERGY, start_date="2024-13-01"),
    "dates reversed": one(ENERGY, start_date="2024-06-02", end_date="2024-06-01"),
    "kwh reversed": one(ENERGY, min_kwh=20, max_kwh=10),
    "kwh negative": one(ENERGY, min_kwh=-1),
    "unknown restriction": one(ENERGY, phase_of_moon="full"),
    "unknown reservation": one(ENERGY, reservation="MAYBE"),
    "restrictions list": ocpi(elements=[{"price_components": [ENERGY], "restrictions": [1]}]),
    "limits crossed": ocpi(min_price={"before_taxes": 9}, max_price={"before_taxes": 1}),
    "limit empty": ocpi(min_price={}),
    "limit word": ocpi(max_price="a lot"),
    "tax_included": ocpi(tax_included="PERHAPS"),
    "validity": ocpi(start_date_time="yesterday"),
}

BAD_SESSIONS: dict[str, Any] = {
    "text": "session",
    "empty": {},
    "no zone": session(time_zone=None),
    "no start": session(start_date_time=None),
    "start word": session(start_date_time="now"),
    "end first": session(end_date_time="2024-06-03T07:00:00Z"),
    "a thousand years": session(end_date_time="3024-06-03T07:00:00Z"),
    "year one": session(start_date_time="0001-01-01T00:00:00+14:00"),
    "periods text": session(charging_periods="none"),
    "too many periods": session(charging_periods=[{}] * 50_001),
    "period null": session(charging_periods=[None]),
    "period without start": session(charging_periods=[{"dimensions": []}]),
    "period before the session": session(start_date_time="2024-06-03T08:30:00Z"),
    "period after the session": session(charging_periods=[{"start_date_time": "2024-06-04T08:00:00Z"}]),
    "unsorted": session(
        charging_periods=[{"start_date_time": f"2024-06-03T08:{at}:00Z"} for at in ("00", "30", "10", "40")]
    ),
    "negative energy": session(("ENERGY", -1)),
    "negative time": session(("TIME", -0.5)),
    "nan": session(("ENERGY", float("nan"))),
    "infinite": session(("ENERGY", float("-inf"))),
    "1e999999": session(("ENERGY", "1e999999")),
    "a gigawatt-hour more": session(("ENERGY", 10**7)),
    "eternal": session(("TIME", 10**8)),
    "volume missing": session(("ENERGY", None)),
    "type missing": session((None, 1)),  # type: ignore[arg-type]
    "given twice": session(("ENERGY", 1), ("ENERGY", 1)),
    "reservation after charging": session(
        charging_periods=[
            {"start_date_time": "2024-06-03T08:00:00Z", "dimensions": [{"type": "TIME", "volume": 0.5}]},
            {
                "start_date_time": "2024-06-03T08:30:00Z",
                "dimensions": [{"type": "RESERVATION_TIME", "volume": 0.5}],
            },
        ]
    ),
    "outcome": session(reservation_outcome="VANISHED"),
    "holiday": session(holidays=["Christmas"]),
}


class TestBadTariff:
    @pytest.mark.parametrize("tariff", BAD_TARIFFS.values(), ids=BAD_TARIFFS)
    def test_is_refused_with_a_short_reason(self, tariff: Any) -> None:
        with pytest.raises(TariffError) as refusal:
            preview({"ocpi_tariff": tariff, "session": session()})
        assert isinstance(refusal.value, OcpiTariffInvalid | PreviewInvalid)
        assert 0 < len(str(refusal.value)) < 400

    def test_names_the_field(self) -> None:
        with pytest.raises(OcpiTariffInvalid, match=r"tariff\.elements\[0\]\.price_components\[0\]\.price"):
            preview({"ocpi_tariff": one({"type": "ENERGY", "price": "x"}), "session": session()})


class TestBadSession:
    @pytest.mark.parametrize("wrong", BAD_SESSIONS.values(), ids=BAD_SESSIONS)
    def test_is_refused_with_a_short_reason(self, wrong: Any) -> None:
        with pytest.raises(TariffError) as refusal:
            preview({"ocpi_tariff": ocpi(), "session": wrong})
        assert not isinstance(refusal.value, TariffInvalid)
        assert 0 < len(str(refusal.value)) < 400

    @pytest.mark.parametrize(
        "zone", ["Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "x" * 300, "", "a\0b"]
    )
    def test_zone_that_does_not_exist(self, zone: str) -> None:
        with pytest.raises((ContextInvalid, OcpiSessionInvalid), match="time_zone"):
            preview({"ocpi_tariff": ocpi(), "session": session(time_zone=zone)})


class TestBadRequest:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "null",
            "[]",
            "3",
            '{"tariff": 1}',
            '{"tariff": {}, "ocpi_tariff": {}, "session": {}}',
            '{"ocpi_tariff": {"currency": NaN}, "session": {}}',
            '{"ocpi_tariff": {"currency": Infinity}, "session": {}}',
            '{"ocpi_tariff": 1e99999999999999999999999, "session": 1}',
            '{"ocpi_tariff": ' + "9" * 5000 + ', "session": 1}',
            "[" * 100_000,
            b"\xff\xfe{}",
        ],
    )
    def test_is_refused(self, text: str | bytes) -> None:
        with pytest.raises(TariffError):
            preview(text)

    def test_deep_objects(self) -> None:
        deep: Any = {}
        for _ in range(100_000):
            deep = {"elements": deep}
        with pytest.raises(TariffInvalid):
            preview({"tariff": deep, "session": session()})

    @pytest.mark.parametrize(
        "fields",
        [
            {"currency": "EUR", "elements": []},
            {"currency": "EU", "elements": [{"prices": [{"dimension": "energy", "price": "1"}]}]},
            {"currency": "EUR", "elements": [{"prices": []}]},
            {"currency": "EUR", "elements": [{"prices": [{"dimension": "energy", "price": "NaN"}]}]},
            {"currency": "EUR", "elements": [{"prices": [{"dimension": "energy", "price": "1e999999"}]}]},
            {"currency": "EUR", "elements": [{"prices": [{"dimension": "energy", "price": "1e-300"}]}]},
            {"currency": "EUR", "elements": [{"prices": [{"dimension": "energy", "price": float("inf")}]}]},
            {
                "currency": "EUR",
                "elements": [{"prices": [{"dimension": "energy", "price": 1, "unit": "hour"}]}],
            },
            {
                "currency": "EUR",
                "elements": [{"prices": [{"dimension": "energy", "price": 1}]}],
                "surprise": 1,
            },
            {
                "currency": "EUR",
                "elements": [
                    {"prices": [{"dimension": "energy", "price": 1}], "when": {"start_time": "99:99"}}
                ],
            },
            {
                "currency": "EUR",
                "elements": [{"prices": [{"dimension": "energy", "price": 1, "step_size": 10**30}]}],
            },
        ],
    )
    def test_our_own_tariff_malformed(self, fields: dict[str, Any]) -> None:
        with pytest.raises(TariffInvalid):
            tariff_from_dict(fields)
        with pytest.raises(TariffInvalid):
            tariff_from_json(json.dumps(fields))


class TestLargeInput:
    def test_tens_of_thousands_of_periods(self) -> None:
        periods = [
            {
                "start_date_time": f"2024-06-{3 + i // 1440:02}T{i // 60 % 24:02}:{i % 60:02}:00Z",
                "dimensions": [{"type": "ENERGY", "volume": 0.1}, {"type": "TIME", "volume": 0.016667}],
            }
            for i in range(28 * 1440 - 3 * 1440)
        ]
        elements = [
            {
                "price_components": [{"type": "ENERGY", "price": 0.1 + i / 100, "step_size": 1}],
                "restrictions": {"start_time": f"{i % 24:02}:{i % 60:02}", "min_power": i},
            }
            for i in range(100)
        ]
        large = session(
            charging_periods=periods,
            start_date_time="2024-06-03T00:00:00Z",
            end_date_time="2024-06-30T00:00:00Z",
        )
        started = time.process_time()
        answer = preview({"ocpi_tariff": ocpi(elements=elements), "session": large})
        assert answer["exact"]["total_cost"]
        assert len(answer["trace"]) <= 600
        assert time.process_time() - started < 30

    def test_a_year_of_one_period(self) -> None:
        elements = [
            {
                "price_components": [{"type": "ENERGY", "price": i, "step_size": 1}],
                "restrictions": {
                    "start_time": f"{i % 24:02}:{i % 60:02}",
                    "end_time": f"{i % 7 + 9:02}:{i % 60:02}",
                },
            }
            for i in range(1, 101)
        ]
        started = time.process_time()
        preview(
            {
                "ocpi_tariff": ocpi(elements=elements),
                "session": session(("ENERGY", 10**5), end_date_time="2025-06-03T00:00:00Z"),
            }
        )
        assert time.process_time() - started < 30

    def test_period_without_length_still_bills_what_it_states(self) -> None:
        answer = preview(
            {"ocpi_tariff": ocpi(), "session": session(("ENERGY", 20), end_date_time="2024-06-03T08:00:00Z")}
        )
        assert answer["rounded"]["total_cost"] == {"before_taxes": "5.00", "after_taxes": "5.50"}

    def test_no_periods(self) -> None:
        answer = preview({"ocpi_tariff": ocpi(), "session": session(charging_periods=[])})
        assert answer["exact"]["total_cost"] == {"before_taxes": "0", "after_taxes": "0"}
        assert answer["rounded"]["total_cost"]["after_taxes"] == "0.00"
