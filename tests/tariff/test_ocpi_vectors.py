"""Every vector of data/ocpi_pricing_vectors.json, in the spelling of each OCPI version it applies to."""

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from forecourt.tariff import TariffVersion, preview, price_to_dict, rate, session_from_ocpi
from forecourt.tariff.ocpi import tariff_from_ocpi
from forecourt.tariff.ocpi_export import tariff_to_ocpi

VECTORS = json.loads((Path(__file__).parent / "data" / "ocpi_pricing_vectors.json").read_text())["vectors"]


def check(answer: dict[str, Any], expected: dict[str, Any], sides: tuple[str, ...]) -> None:
    for name, value in expected.items():
        if name == "billed":
            for quantity, amount in value.items():
                assert Decimal(answer["billed"][quantity]) == Decimal(str(amount)), quantity
        elif name == "price_limit_applied":
            assert answer[name] == value
        else:
            for side in sides:
                if value[side] is not None:
                    exact = Decimal(answer["exact"][name][side])
                    assert round(exact, 6) == Decimal(str(value[side])), (name, side)


def as_221(tariff: dict[str, Any]) -> dict[str, Any]:
    older = copy.deepcopy(tariff)
    older.pop("tax_included", None)
    for name in ("min_price", "max_price"):
        if name in older:
            limit = older[name]
            older[name] = {"excl_vat": limit["before_taxes"], "incl_vat": limit["after_taxes"]}
    return older


def as_211(tariff: dict[str, Any]) -> dict[str, Any]:
    older = as_221(tariff)
    for name in ("country_code", "party_id"):
        older.pop(name, None)
    for name in ("min_price", "max_price"):
        if name in older:
            older[name] = older[name]["excl_vat"]
    for element in older["elements"]:
        for component in element["price_components"]:
            component.pop("vat", None)
    return older


def vectors(*names: str) -> pytest.MarkDecorator:
    chosen = [vector for vector in VECTORS if not names or vector["name"] in names]
    return pytest.mark.parametrize("vector", chosen, ids=lambda vector: str(vector["name"]))


OLDER = vectors(*(vector["name"] for vector in VECTORS if "2.2.1" in vector["applies_to"]))
PRINTED = vectors(
    *(vector["name"] for vector in VECTORS if (vector.get("printed_in_source") or {}).get("rounded"))
)


class TestVector:
    @vectors()
    def test_as_2_3_0_text(self, vector: dict[str, Any]) -> None:
        answer = preview(json.dumps({"ocpi_tariff": vector["tariff"], "session": vector["session"]}))
        check(answer, vector["expected"], ("before_taxes", "after_taxes"))
        assert answer["currency"] == vector["tariff"]["currency"]

    @vectors()
    def test_as_2_3_0_objects(self, vector: dict[str, Any]) -> None:
        answer = preview({"ocpi_tariff": vector["tariff"], "session": vector["session"]})
        check(answer, vector["expected"], ("before_taxes", "after_taxes"))

    @OLDER
    def test_as_2_2_1(self, vector: dict[str, Any]) -> None:
        answer = preview({"ocpi_tariff": as_221(vector["tariff"]), "session": vector["session"]})
        check(answer, vector["expected"], ("before_taxes", "after_taxes"))

    @OLDER
    def test_as_2_1_1(self, vector: dict[str, Any]) -> None:
        answer = preview({"ocpi_tariff": as_211(vector["tariff"]), "session": vector["session"]})
        check(answer, vector["expected"], ("before_taxes",))

    @PRINTED
    def test_printed_rounded_amounts(self, vector: dict[str, Any]) -> None:
        printed = vector["printed_in_source"]
        answer = preview({"ocpi_tariff": vector["tariff"], "session": vector["session"]})
        for side in ("before_taxes", "after_taxes"):
            assert Decimal(answer["rounded"]["total_cost"][side]) == Decimal(str(printed[side]))

    @vectors()
    def test_trace_adds_up_to_the_total(self, vector: dict[str, Any]) -> None:
        answer = preview({"ocpi_tariff": vector["tariff"], "session": vector["session"]})
        side = "after_taxes" if answer["tax_included"] else "before_taxes"
        total = sum(Decimal(row["amount"]) for row in answer["trace"])
        assert abs(total - Decimal(answer["exact"]["total_cost"][side])) < Decimal("1e-9")

    @vectors()
    def test_export_and_import_price_it_alike(self, vector: dict[str, Any]) -> None:
        tariff = tariff_from_ocpi(vector["tariff"])
        document, lossy = tariff_to_ocpi(tariff)
        context, timeline = session_from_ocpi(vector["session"])
        again = tariff_from_ocpi(document)
        assert not lossy
        assert again == tariff
        one, other = (price_to_dict(rate(TariffVersion(each), timeline, context)) for each in (tariff, again))
        assert one == other
