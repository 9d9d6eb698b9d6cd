import pytest

from cem_core.tariff import EnergyPrice


def test_a_dynamic_contract_with_surcharge_tax_and_vat() -> None:
    price = EnergyPrice(surcharge_per_kwh=0.02, tax_per_kwh=0.1, vat_share=0.21)
    assert price.per_kwh(0.08) == pytest.approx(0.242)


def test_a_feed_in_price_may_be_negative() -> None:
    assert EnergyPrice(surcharge_per_kwh=-0.01).per_kwh(-0.05) == pytest.approx(-0.06)


def test_a_factor_scales_the_spot_price_alone() -> None:
    price = EnergyPrice(factor=1.06, surcharge_per_kwh=0.01)
    assert price.per_kwh(0.1) == pytest.approx(0.116)
