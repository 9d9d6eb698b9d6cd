"""What a home can do more, or pays less for, never makes its best plan dearer."""

from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from tests.examples import examples
from tests.optimizer.homes import CAR, ROOF, Json, at, home, plan
from tests.optimizer.test_laws import LOSSY, car, rows

EXACT = {"gap": 1e-9}
SUNNY = {**ROOF, "curtailable": True}
# On Python 3.14 Hypothesis miscounts the references to its own generator.
laws = settings(max_examples=examples(8, 80), deadline=None)


def cost(given: Json, given_rows: Json) -> float:
    result = plan(given, given_rows, **EXACT)
    assert result["status"] == "optimal"
    return float(result["objective"])


def hybrid(**fields: Any) -> Json:
    whole = {"id": "hybrid", "limit_kw": 3, "devices": ["roof", "battery"]}
    return {**whole, "to_ac_efficiency": 0.9, "to_dc_efficiency": 0.8, **fields}


def dishes(**fields: Any) -> Json:
    return {
        "id": "dishes",
        "kind": "appliance",
        "profile_kw": [2.0, 1.0],
        "profile_step_minutes": 60,
        "earliest_start": at(0),
        "latest_end": at(6),
        **fields,
    }


def pool(**fields: Any) -> Json:
    return {
        "id": "pool",
        "kind": "flexible_load",
        "max_power_kw": 2,
        "energy_kwh": 5,
        "windows": [{"start": at(1), "end": at(5)}],
        **fields,
    }


@laws
@given(rows(), st.floats(0, 0.5))
def test_what_may_be_left_alone(given_rows: Json, value: float) -> None:
    """Sun that may be curtailed, loads and runs that may be left out."""
    alone = cost(home(LOSSY, car(10)), given_rows)
    for device in (SUNNY, pool(value_per_kwh=value), dishes(value=value)):
        assert cost(home(LOSSY, car(10), device), given_rows) <= alone + 1e-6


@laws
@given(rows(), st.floats(0.5, 1), st.floats(0.5, 1))
def test_a_better_inverter(given_rows: Json, ac: float, dc: float) -> None:
    worse = hybrid(to_ac_efficiency=ac * 0.9, to_dc_efficiency=dc * 0.9)
    least = cost(home(SUNNY, LOSSY, inverters=[worse]), given_rows)
    for better in (
        {**worse, "to_ac_efficiency": ac},
        {**worse, "to_dc_efficiency": dc},
        {**worse, "limit_kw": 4, "draw_limit_kw": 3},
    ):
        bought = home(SUNNY, LOSSY, inverters=[better])
        assert cost(bought, given_rows) <= least + 1e-6


@laws
@given(rows())
def test_an_inverter_without_loss_or_limit_is_none(given_rows: Json) -> None:
    perfect = hybrid(to_ac_efficiency=1, to_dc_efficiency=1, limit_kw=100)
    with_it = cost(home(SUNNY, LOSSY, inverters=[perfect]), given_rows)
    assert with_it == pytest.approx(cost(home(SUNNY, LOSSY), given_rows), abs=1e-6)


@laws
@given(rows(), st.floats(0.01, 0.5))
def test_wishes_cost_no_less_than_none(given_rows: Json, price: float) -> None:
    late = {"start": at(4), "end": at(6)}
    wish = {"preferred_energy_kwh": 15, "late_price_per_kwh": price}
    stay = {"arrive": at(1), "depart": at(5), "energy_kwh": 8}
    indifferent = home(dishes(), pool(), {**CAR, "sessions": [stay]})
    wishing = home(
        dishes(preferred=[late], outside_price_per_kwh=price),
        pool(preferred=[late], outside_price_per_kwh=price),
        {**CAR, "sessions": [{**stay, **wish}]},
    )
    least, most = cost(indifferent, given_rows), cost(wishing, given_rows)
    # None of them costs more than leaving it unkept does.
    assert least - 1e-6 <= most <= least + price * (3 + 5 + 7) + 1e-6


@laws
@given(rows(), st.sampled_from([0.01, 0.5, 3.0, 100.0]))
def test_scaling_all_money_leaves_the_optimal_set(
    given_rows: Json, factor: float
) -> None:
    """Every price of a home at once: a plan of one is as good in the other."""

    def best(scale: float) -> float:
        stay = {
            "arrive": at(1),
            "depart": at(5),
            "energy_kwh": 8,
            "missing_price_per_kwh": 0.4 * scale,
            "preferred_energy_kwh": 12,
            "late_price_per_kwh": 0.1 * scale,
        }
        battery = {**LOSSY, "wear_per_kwh": 0.01 * scale}
        charger = {**CAR, "start_cost": 0.05 * scale, "sessions": [stay]}
        outside = {"outside_price_per_kwh": 0.05 * scale, "value": 0.6 * scale}
        run = dishes(preferred=[{"start": at(3), "end": at(6)}], **outside)
        capacity = {"price_per_kw": 0.3 * scale, "peak_so_far_kw": 2}
        scaled = {
            name: [price * scale for price in given_rows[name]]
            for name in ("import_price", "export_price")
        }
        tariff = {"capacity": capacity}
        given_home = home(battery, SUNNY, charger, run, tariff=tariff)
        return cost(given_home, {**given_rows, **scaled})

    assert best(factor) == pytest.approx(factor * best(1.0), abs=1e-5)
