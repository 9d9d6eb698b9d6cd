"""Plans settled by the tariff engine, and by hand as the law or the sheet says.

Each plan has nothing to choose, so that its bill can be worked out on paper; the
same bill comes from the engine and from the plan's own cost.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from cem_core.tariff import (
    EnergyTariff,
    TimeGrid,
    block_charge,
    energy_bill,
    energy_prices,
    net_metered,
)
from optimizer.read_home import home_from_json
from tests.optimizer.homes import ROOF, Json, home, plan, series


def days(start: str, zone: str, rows: Json, minutes: int = 60) -> tuple[Json, Json]:
    """Return what HOME needs of a start, and ``rows`` from then on."""
    first = datetime.fromisoformat(start)
    step = timedelta(minutes=minutes)
    times = [(first + t * step).isoformat() for t in range(len(rows["time"]))]
    return {"time_zone": zone}, {**rows, "time": times}


def settled(given: Json, rows: Json, result: Json) -> float:
    """Return the bill of a plan's import and export by the engine alone."""
    tariff = home_from_json(given).tariff
    grid = TimeGrid(
        start=datetime.fromisoformat(result["times"][0]),
        step=timedelta(minutes=result["step_minutes"]),
        steps=len(result["times"]),
        zone=ZoneInfo(given["time_zone"]),
    )
    spot = rows.get("spot")
    if tariff.import_ is None:
        bought = energy_prices(EnergyTariff(), grid, spot=rows["import_price"])
    else:
        name = tariff.import_.co2_series
        co2 = None if name is None else rows[name]
        bought = energy_prices(tariff.import_.tariff, grid, spot=spot, co2=co2)
    bill = energy_bill(bought, result["grid"]["import_kw"], grid.hours)
    assert tariff.export is not None
    sold = energy_prices(tariff.export.tariff, grid, spot=spot)
    if tariff.export.net_metering_until is not None:
        sold = net_metered(sold, bought, grid, tariff.export.net_metering_until)
    earned = energy_bill(sold, result["grid"]["export_kw"], grid.hours)
    return bill.total - earned.total


def check(given: Json, rows: Json, by_hand: float) -> Json:
    result = plan(given, rows)
    assert result["cost"]["energy"] == pytest.approx(by_hand, abs=1e-6)
    assert settled(given, rows, result) == pytest.approx(by_hand, abs=1e-6)
    return result


def test_netherlands_net_metering_until_the_first_of_january() -> None:
    """Salderen ends on 1 January 2027 (kst-36611-3); a feed-in fee begins."""
    rows = series([0.25] * 4, load_kw=0.5, pv_kw=[2.5, 0.5, 2.5, 0.5], spot=0.10)
    fields, rows = days("2026-12-31T22:00:00+01:00", "Europe/Amsterdam", rows)
    sold = {
        "spot_series": "spot",
        "surcharge_per_kwh": -0.015,
        "net_metering_until": "2027-01-01",
    }
    given = home(ROOF, tariff={"export": sold}) | fields
    # 2 kWh at what they cost before midnight, 2 kWh at 10 - 1.5 cents after it.
    check(given, rows, -(2 * 0.25) - 2 * 0.085)


def test_germany_a_plant_of_2025_earns_nothing_below_zero() -> None:
    """EEG 2023 section 51; the household buys at a dynamic price, network by module 3."""
    rows = series(
        [0.0] * 4,
        load_kw=[1.0, 1, 2, 1],
        pv_kw=[0.0, 4, 0, 0],
        spot=[0.1, -0.05, 0.2, 0],
    )
    fields, rows = days("2026-01-14T16:00:00+01:00", "Europe/Berlin", rows)
    prices = {"NT": 0.0345, "ST": 0.0862, "HT": 0.1084}
    bought = {
        "spot_series": "spot",
        "surcharge_per_kwh": 0.018,
        "network": {"preset": "germany_module_3_wanfried", "prices": prices},
        "tax_per_kwh": 0.0205,
        "vat_share": 0.19,
    }
    feed_in = {"periods": [{"name": "always"}], "prices": {"always": 0.0786}}
    sold = {
        "spot_series": "spot",
        "spot_factor": 0,
        "supply": feed_in,
        "paid_at_negative_spot": False,
    }
    given = home(ROOF, tariff={"import": bought, "export": sold}) | fields
    first = 1.19 * (0.1 + 0.018 + 0.0862 + 0.0205)
    third = 1.19 * (0.2 + 0.018 + 0.1084 + 0.0205)
    last = 1.19 * (0.0 + 0.018 + 0.0862 + 0.0205)
    check(given, rows, first + 2 * third + last)


def test_great_britain_a_half_hourly_price_with_an_evening_and_a_cap() -> None:
    """Agile: min(2.20 W + P, 52.38) p/kWh before 5 % VAT, P = 12 from 16 to 19."""
    rows = series([0.0] * 4, minutes=30, load_kw=2.0, spot=[0.05, 0.10, 0.20, -0.02])
    fields, rows = days("2026-01-14T15:30:00+00:00", "Europe/London", rows, 30)
    bought = {
        "spot_series": "spot",
        "spot_factor": 2.2,
        "supply": {"preset": "uk_agile", "prices": {"evening": 0.12, "other": 0.0}},
        "cap_per_kwh": 0.5238,
        "vat_share": 0.05,
    }
    sold = {"surcharge_per_kwh": 0.15}
    given = home(minutes=30, tariff={"import": bought, "export": sold}) | fields
    pence = 11.0 + (22.0 + 12.0) + 52.38 + (-4.4 + 12.0)
    check(given, rows, 1.05 * pence / 100)


def test_belgium_surcharge_tax_and_vat_with_a_fee_for_what_is_fed_in() -> None:
    rows = series(
        [0.0] * 3, load_kw=[1.0, 1, 1], pv_kw=[0.0, 3, 0], spot=[0.1, -0.02, 0.08]
    )
    fields, rows = days("2026-06-01T12:00:00+02:00", "Europe/Brussels", rows)
    bought = {
        "spot_series": "spot",
        "spot_factor": 1.06,
        "surcharge_per_kwh": 0.005,
        "network": {"periods": [{"name": "all"}], "prices": {"all": 0.055}},
        "tax_per_kwh": 0.05,
        "vat_share": 0.06,
    }
    sold = {"spot_series": "spot", "spot_factor": 0.95, "surcharge_per_kwh": -0.01}
    given = home(ROOF, tariff={"import": bought, "export": sold}) | fields
    paid = 1.06 * (1.06 * 0.1 + 0.11) + 1.06 * (1.06 * 0.08 + 0.11)
    # Two kWh out at a price below zero: paying 2.9 cents for each.
    check(given, rows, paid + 2 * 0.029)


def test_a_price_on_carbon_dioxide() -> None:
    rows = series([0.0] * 2, load_kw=1.5, spot=[0.1, 0.1], co2=[0.35, 0.05])
    bought = {
        "spot_series": "spot",
        "co2_series": "co2",
        "co2_price_per_kg": 0.055,
        "vat_share": 0.19,
    }
    given = home(tariff={"import": bought, "export": {"surcharge_per_kwh": 0.05}})
    check(given, rows, 1.5 * 1.19 * (0.2 + 0.055 * 0.40))


@pytest.mark.parametrize("netting", [None, 60])
def test_blocks_count_what_is_billed(netting: int | None) -> None:
    """What an hour nets is bought once: the block takes the net energy."""
    rows = series(
        [0.0] * 8,
        minutes=15,
        load_kw=[4.0] * 8,
        pv_kw=[0.0, 0, 6, 6, 0, 0, 0, 0],
        export_price=0.02,
        spot=0.0,
    )
    blocks = [{"up_to_kwh": 3, "price_per_kwh": 0.2}, {"price_per_kwh": 0.5}]
    bought = {"spot_series": "spot", "tax_per_kwh": 0.1, "blocks": blocks}
    tariff = {"import": bought, "netting_minutes": netting}
    given = home(ROOF, minutes=15, tariff=tariff)
    result = plan(given, rows)
    # Four quarter hours at 4 kW and two of 2 kW out; the second hour takes 4 kWh.
    kwh, sold = (2 - 1 + 4, 0.0) if netting else (2 + 4, 2 * 0.25 * 2)
    in_blocks = 3 * 0.2 + (kwh - 3) * 0.5
    by_hand = kwh * 0.1 + in_blocks - sold * 0.02
    assert result["cost"]["energy"] == pytest.approx(by_hand, abs=1e-6)
    engine = home_from_json(given).tariff.import_
    assert engine is not None
    assert block_charge(engine.energy_blocks, kwh) == pytest.approx(in_blocks)


def test_an_energy_bill_adds_up_by_part() -> None:
    """Energy, network, tax and VAT of the same bill, as an invoice prints them."""
    rows = series([0.0] * 2, load_kw=[1.0, 3.0], spot=[0.1, 0.2])
    bought = {
        "spot_series": "spot",
        "network": {"periods": [{"name": "all"}], "prices": {"all": 0.05}},
        "tax_per_kwh": 0.02,
        "vat_share": 0.21,
    }
    given = home(tariff={"import": bought, "export": {"surcharge_per_kwh": 0.0}})
    result = check(given, rows, 1.21 * (0.1 + 3 * 0.2 + 4 * 0.07))
    tariff = home_from_json(given).tariff.import_
    assert tariff is not None
    grid = TimeGrid(
        start=datetime.fromisoformat(result["times"][0]),
        step=timedelta(hours=1),
        steps=2,
        zone=ZoneInfo("Europe/Brussels"),
    )
    parts = energy_prices(tariff.tariff, grid, spot=rows["spot"])
    bill = energy_bill(parts, np.array(result["grid"]["import_kw"]), 1.0)
    assert (bill.energy, bill.network, bill.tax) == pytest.approx((0.7, 0.2, 0.08))
    assert bill.vat == pytest.approx(0.21 * 0.98)
