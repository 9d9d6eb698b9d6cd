from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from cem_core.tariff import (
    ByPart,
    Calendar,
    EnergyTariff,
    Period,
    TimeGrid,
    TimeOfUse,
    energy_bill,
    energy_prices,
    net_metered,
)
from cem_core.tariff.calendar import when
from cem_core.tariff.calendar_presets import CALENDAR_PRESETS

BRUSSELS = ZoneInfo("Europe/Brussels")
MIDNIGHT = datetime(2026, 1, 15, 23, tzinfo=UTC)  # Friday 0:00 in Brussels


def grid(steps: int, minutes: int = 60, start: datetime = MIDNIGHT) -> TimeGrid:
    step = timedelta(minutes=minutes)
    return TimeGrid.equal(start=start, step=step, steps=steps, zone=BRUSSELS)


def sheet(high: float, low: float, hours: str = "7-22") -> TimeOfUse:
    periods = (Period(name="high", when=when(hours=hours)), Period(name="low"))
    return TimeOfUse(
        calendar=Calendar(periods=periods), prices={"high": high, "low": low}
    )


def test_a_dynamic_contract_with_surcharge_tax_and_vat() -> None:
    tariff = EnergyTariff(surcharge_per_kwh=0.02, tax_per_kwh=0.1, vat_share=0.21)
    (price,) = energy_prices(tariff, grid(1), spot=[0.08])
    assert price.energy == pytest.approx(0.10)
    assert price.tax == pytest.approx(0.1)
    assert price.vat == pytest.approx(0.042)
    assert price.total == pytest.approx(0.242)


def test_a_factor_scales_the_spot_price_alone() -> None:
    tariff = EnergyTariff(spot_factor=1.06, surcharge_per_kwh=0.01)
    assert energy_prices(tariff, grid(1), spot=[0.1])[0].total == pytest.approx(0.116)


def test_a_feed_in_price_may_be_negative() -> None:
    tariff = EnergyTariff(surcharge_per_kwh=-0.01)
    assert energy_prices(tariff, grid(1), spot=[-0.05])[0].total == pytest.approx(-0.06)


def test_supply_and_network_have_calendars_of_their_own() -> None:
    # Module 3 of EWW Wanfried, ct/kWh of its price sheet, and a day-night supplier.
    network = TimeOfUse(
        calendar=CALENDAR_PRESETS["germany_module_3_wanfried"].calendar,
        prices={"NT": 0.0345, "ST": 0.0862, "HT": 0.1084},
    )
    tariff = EnergyTariff(supply=sheet(0.15, 0.10), network=network, vat_share=0.19)
    prices = energy_prices(tariff, grid(24))
    assert prices[2].total == pytest.approx(1.19 * (0.10 + 0.0345))
    assert prices[12].total == pytest.approx(1.19 * (0.15 + 0.0862))
    assert prices[18].total == pytest.approx(1.19 * (0.15 + 0.1084))
    assert prices[18].network == 0.1084


def test_a_step_across_a_boundary_costs_the_mean() -> None:
    tariff = EnergyTariff(supply=sheet(0.4, 0.2, "6:30-22"))
    assert energy_prices(tariff, grid(8))[6].total == pytest.approx(0.3)
    late = grid(2, 60, MIDNIGHT + timedelta(hours=5, minutes=45))
    assert energy_prices(tariff, late)[0].total == pytest.approx(0.25)


def test_a_day_of_23_hours_has_its_prices_on_the_clock() -> None:
    start = datetime(2026, 3, 28, 23, tzinfo=UTC)
    prices = energy_prices(EnergyTariff(supply=sheet(0.3, 0.2)), grid(23, 60, start))
    assert [p.total for p in prices].index(0.3) == 6  # 7:00 is the seventh hour


def test_no_remuneration_below_zero_but_the_fee_goes_on() -> None:
    """EEG 2023 section 51: a fixed tariff, nothing in a negative quarter hour."""
    tariff = EnergyTariff(
        spot_factor=0.0,
        supply=sheet(0.0794, 0.0794),
        surcharge_per_kwh=-0.002,
        paid_at_negative_spot=False,
    )
    prices = energy_prices(tariff, grid(3, 15), spot=[0.0, -0.0001, 0.05])
    assert [p.total for p in prices] == pytest.approx([0.0774, -0.002, 0.0774])


def test_co2_costs_what_the_grid_emits() -> None:
    tariff = EnergyTariff(co2_price_per_kg=0.1)
    prices = energy_prices(tariff, grid(2), spot=[0.1, 0.1], co2=[0.0, 0.4])
    assert [p.total for p in prices] == pytest.approx([0.1, 0.14])
    assert prices[1].tax == pytest.approx(0.04)


def test_net_metering_ends_at_local_midnight() -> None:
    """Dutch law ends it on 1 January 2027."""
    start = datetime(2026, 12, 31, 22, tzinfo=UTC)
    steps = grid(2, 60, start)
    bought = [ByPart(energy=0.2, tax=0.1)] * 2
    sold = [ByPart(energy=0.05)] * 2
    prices = net_metered(sold, bought, steps, date(2027, 1, 1))
    assert [p.total for p in prices] == pytest.approx([0.3, 0.05])


@given(
    powers=st.lists(st.floats(0, 20), min_size=1, max_size=48),
    spot=st.floats(-0.5, 1),
    vat=st.floats(0, 0.3),
    minutes=st.sampled_from([5, 15, 60]),
)
def test_the_parts_of_a_bill_are_the_bill(
    powers: list[float], spot: float, vat: float, minutes: int
) -> None:
    tariff = EnergyTariff(network=sheet(0.09, 0.03), tax_per_kwh=0.05, vat_share=vat)
    steps = grid(len(powers), minutes)
    prices = energy_prices(tariff, steps, spot=[spot] * len(powers))
    bill = energy_bill(prices, powers, steps.hours)
    each = sum(
        p.total * kw * minutes / 60 for p, kw in zip(prices, powers, strict=True)
    )
    assert bill.total == pytest.approx(each, abs=1e-9)
    net = bill.energy + bill.network + bill.tax
    assert bill.vat == pytest.approx(vat * net, abs=1e-9)
