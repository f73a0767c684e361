"""The tariff as a document."""

from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256

import pytest

from forecourt.tariff import (
    Condition,
    ContextInvalid,
    PriceComponent,
    RatingContext,
    Tariff,
    TariffInvalid,
    TariffVersion,
    content_hash,
    currency_exponent,
    initial_state,
    round_half_up,
    tariff_from_dict,
    tariff_from_json,
    tariff_to_dict,
    tariff_to_ocpi,
)
from forecourt.tariff.model import canonical_json

from .building import element, energy, price, tariff


class TestContentHash:
    def test_spelling_does_not_matter(self) -> None:
        one = b'{"currency":"EUR","elements":[{"prices":[{"dimension":"energy","price":0.590}]}]}'
        other = (
            b'{ "elements":[{"when":{},"prices":[{"price":"0.59","dimension":"energy"}]}], "currency":"EUR"}'
        )
        assert content_hash(tariff_from_json(one)) == content_hash(tariff_from_json(other))

    def test_is_the_sha_256_of_the_canonical_json(self) -> None:
        subject = tariff(energy("0.590", tax="22"))
        assert canonical_json(subject) == (
            b'{"currency":"EUR","elements":[{"prices":[{"dimension":"energy","price":"0.59","tax_percent":"22"}]}]}'
        )
        assert content_hash(subject) == sha256(canonical_json(subject)).hexdigest()

    def test_any_change_changes_it(self) -> None:
        assert content_hash(tariff(energy("0.59"))) != content_hash(tariff(energy("0.590001")))


class TestTariff:
    def test_is_immutable(self) -> None:
        with pytest.raises(AttributeError):
            tariff(energy("1")).currency = "USD"  # type: ignore[misc]

    def test_floats_are_refused_in_code(self) -> None:
        with pytest.raises(TariffInvalid, match="price"):
            PriceComponent(dimension="energy", price=0.1)  # type: ignore[arg-type]

    def test_numbers_of_a_json_reader_keep_their_digits(self) -> None:
        read = tariff_from_dict(
            {"currency": "EUR", "elements": [{"prices": [{"dimension": "energy", "price": 0.1}]}]}
        )
        assert read.elements[0].prices[0].price == Decimal("0.1")

    def test_error_names_the_field(self) -> None:
        with pytest.raises(TariffInvalid, match=r"elements\[0\]\.when"):
            tariff_from_dict(
                {
                    "currency": "EUR",
                    "elements": [
                        {
                            "prices": [{"dimension": "energy", "price": 1}],
                            "when": {"min_kwh": 5, "max_kwh": 5},
                        }
                    ],
                }
            )

    @pytest.mark.parametrize(
        "amount",
        [Decimal("1e20"), Decimal("1e-13"), Decimal("NaN"), Decimal("1e999999"), 10**5000],
        ids=["large", "small", "nan", "enormous", "enormous integer"],
    )
    def test_price_beyond_reason(self, amount: Decimal) -> None:
        with pytest.raises(TariffInvalid):
            PriceComponent(dimension="energy", price=amount)

    def test_bounds_that_can_never_hold(self) -> None:
        with pytest.raises(TariffInvalid):
            Condition(min_duration_s=10, max_duration_s=10)

    def test_without_any_price_that_could_apply(self) -> None:
        with pytest.raises(TariffInvalid):
            TariffVersion(tariff(element(energy("1"), reservation="reservation")))

    def test_unknown_zone(self) -> None:
        with pytest.raises(ContextInvalid):
            initial_state(TariffVersion(tariff(energy("1"))), RatingContext(time_zone="Europe/Atlantis"))

    def test_survives_its_own_dict(self) -> None:
        subject = Tariff(
            currency="EUR", elements=(element(energy("1")),), valid_from=datetime(2026, 1, 1, tzinfo=UTC)
        )
        assert tariff_from_dict(tariff_to_dict(subject)) == subject


class TestMoney:
    @pytest.mark.parametrize(("currency", "exponent"), [("EUR", 2), ("JPY", 0), ("KWD", 3)])
    def test_exponent_of_the_currency(self, currency: str, exponent: int) -> None:
        assert currency_exponent(currency) == exponent

    @pytest.mark.parametrize(
        ("amount", "rounded"),
        [("5.625", "5.63"), ("-5.625", "-5.63"), ("0.0049999999999999999999", "0.01"), ("0.00499", "0.00")],
    )
    def test_rounds_half_up(self, amount: str, rounded: str) -> None:
        assert str(round_half_up(Decimal(amount), 2)) == rounded


class TestOcpiExport:
    def test_says_what_is_lost(self) -> None:
        subject = tariff(
            element(energy("0.2"), connector_types=("CCS",)),
            element(energy("0.5", tax="22"), price("occupancy_time", "1")),
            tax_included=True,
        )
        document, lossy = tariff_to_ocpi(subject, "2.2.1")
        assert lossy == ("connector_types", "occupancy_time", "step_size", "tax_included")
        assert document["elements"] == [
            {
                "price_components": [
                    {"type": "ENERGY", "price": Decimal("0.409836"), "step_size": 1, "vat": Decimal(22)}
                ]
            }
        ]

    def test_minutes_become_hours(self) -> None:
        document, _ = tariff_to_ocpi(tariff(price("charging_time", "0.05", unit="minute")))
        assert document["elements"][0]["price_components"][0]["price"] == 3
