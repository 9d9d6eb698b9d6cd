"""The capacity charge in a plan: what the tariff engine bills, and the least of it."""

from datetime import datetime, timedelta
from itertools import product
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.tariff import TimeGrid, capacity_cost, integration_periods, weigh
from optimizer.read_home import home_from_json
from tests.optimizer.homes import BATTERY, CAR, Json, at, home, plan, series

BRUSSELS = ZoneInfo("Europe/Brussels")


def settled(given_home: Json, result: Json, import_kw: list[float]) -> float:
    """Return what the engine bills for the imports of a plan."""
    (charge,) = home_from_json(given_home).tariff.capacity
    grid = TimeGrid.equal(
        start=datetime.fromisoformat(result["times"][0]),
        step=timedelta(minutes=result["minutes"][0]),
        steps=len(import_kw),
        zone=BRUSSELS,
    )
    periods = integration_periods(grid, charge.integration_minutes)
    weighed = weigh(charge.tariff, periods)
    return capacity_cost(charge.tariff, weighed, import_kw, charge.so_far)


def with_capacity(*devices: Json, minutes: int = 60, **capacity: object) -> Json:
    return home(*devices, minutes=minutes, tariff={"capacity": capacity})


STEPS = [
    {"up_to_kw": 2, "price": 10},
    {"up_to_kw": 3.5, "price": 14},
    {"up_to_kw": 6, "price": 30},
]
MASKS = [
    {"hours": "12-14", "weight": 0.5},
    {"weekdays": "thu", "weight": 1},
    {"months": 2, "weight": 2},
]

capacities = st.fixed_dictionaries(
    {
        "integration_minutes": st.sampled_from([15, 30, 60]),
        "top": st.integers(1, 4),
        "distinct_days": st.booleans(),
        "window": st.sampled_from(["month", "year"]),
        "floor_kw": st.sampled_from([0, 1.5, 2.5]),
        "peaks_so_far_kw": st.sampled_from([[], [0], [2], [4, 3, 1, 0.5, 0.2]]),
        "masks": st.sampled_from([[], MASKS, MASKS[1:]]),
    },
    optional={"first_day_peak_kw": st.sampled_from([0, 2.2, 5])},
)
prices = st.sampled_from(
    [{"price_per_kw": 0}, {"price_per_kw": 0.3}, {"price_per_kw": 4}, {"steps": STEPS}]
)


@settings(deadline=None, max_examples=60)
@given(
    capacity=capacities,
    price=prices,
    minutes=st.sampled_from([5, 15, 30, 60]),
    seed=st.integers(0, 10**6),
)
def test_a_plan_costs_what_the_engine_bills(
    capacity: dict[str, Any], price: dict[str, Any], minutes: int, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable draw
    steps = random.choice([3, 8, 30])
    hours = steps * minutes / 60
    session = {"arrive": at(0), "depart": at(hours), "energy_kwh": 1.5 * hours}
    given_home = with_capacity(
        {**BATTERY, "initial_energy_kwh": random.choice([0, 4])},
        {**CAR, "min_power_kw": random.choice([0, 1.4]), "sessions": [session]},
        minutes=minutes,
        **capacity,
        **price,
    )
    rows = series(
        [round(random.uniform(-0.05, 0.4), 2) for _ in range(steps)],
        minutes=minutes,
        load_kw=[random.choice([0.2, 1, 3, 5]) for _ in range(steps)],
    )
    result = plan(given_home, rows)
    bill = settled(given_home, result, result["grid"]["import_kw"])
    assert result["cost"]["capacity"] == pytest.approx(bill, abs=1e-6)
    assert result["objective"] == pytest.approx(sum(result["cost"].values()), abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(capacity=capacities, price=prices, seed=st.integers(0, 10**6))
def test_no_run_is_cheaper_than_the_plan_s(
    capacity: dict[str, Any], price: dict[str, Any], seed: int
) -> None:
    """Try every start of two appliances: nothing else can be decided."""
    random = Random(seed)  # noqa: S311 - a repeatable draw
    steps, profile = 8, [2.0, 1.0]
    runs = [
        {
            "id": f"run {n}",
            "kind": "appliance",
            "profile_kw": profile,
            "profile_step_minutes": 60,
            "earliest_start": at(0),
            "latest_end": at(steps),
        }
        for n in range(2)
    ]
    load = [random.choice([0.5, 1, 2, 4]) for _ in range(steps)]
    buy = [round(random.uniform(0.05, 0.4), 2) for _ in range(steps)]
    given_home = with_capacity(*runs, **capacity, **price)
    result = plan(given_home, series(buy, load_kw=load), gap=0)
    costs = []
    for starts in product(range(steps - 1), repeat=2):
        import_kw = list(load)
        for start in starts:
            for n, kw in enumerate(profile):
                import_kw[start + n] += kw
        energy = sum(p * kw for p, kw in zip(buy, import_kw, strict=True))
        costs.append(energy + settled(given_home, result, import_kw))
    assert result["objective"] == pytest.approx(min(costs), abs=1e-6)


def car_for(hours: float, energy_kwh: float) -> Json:
    session = {"arrive": at(0), "depart": at(hours), "energy_kwh": energy_kwh}
    return {**CAR, "min_power_kw": 0, "sessions": [session]}


def test_the_mean_of_the_three_highest_may_be_made_by_few_high_hours() -> None:
    # 12 kWh in 4 h: a flat 4 kW makes 4 kW, one high hour would make more.
    given_home = with_capacity(
        car_for(4, 12), price_per_kw=9, top=3, integration_minutes=60
    )
    result = plan(given_home, series([0.2] * 4))
    assert result["cost"]["capacity"] == pytest.approx(36)


def test_one_peak_a_day_leaves_the_rest_of_the_day_free() -> None:
    # Thursday noon: the first day's peak of 8 kW is made already.
    given_home = with_capacity(
        car_for(4, 24),
        price_per_kw=9,
        top=3,
        distinct_days=True,
        integration_minutes=60,
        peaks_so_far_kw=[6, 5],
        first_day_peak_kw=8,
    )
    result = plan(given_home, series([0.1, 0.2, 0.3, 0.4]))
    assert result["grid"]["import_kw"] == pytest.approx([8, 8, 8, 4])
    assert result["cost"]["capacity"] == pytest.approx(0)


def test_a_level_is_filled_to_the_brim_before_the_next_is_paid() -> None:
    steps = [{"up_to_kw": 5, "price": 147}, {"up_to_kw": 10, "price": 244}]
    given_home = with_capacity(car_for(4, 16), steps=steps, integration_minutes=60)
    result = plan(given_home, series([0.1, 0.2, 0.3, 0.4]))
    assert result["grid"]["import_kw"] == pytest.approx([5, 5, 5, 5])
    assert result["cost"]["capacity"] == 0
    text = "mean stays at 5.00 kW: above it the peak reaches a dearer level."
    assert text in result["reasons"][0]["text"]
    more = with_capacity(car_for(4, 17), steps=steps, integration_minutes=60)
    dear = plan(more, series([0.1, 0.2, 0.3, 0.4]))
    assert dear["cost"]["capacity"] == pytest.approx(97)
    # Above the last level its price holds: the rest is bought where it is cheap.
    assert dear["grid"]["import_kw"] == pytest.approx([12, 7, 1, 1])


def test_what_is_below_the_floor_is_free() -> None:
    given_home = with_capacity(car_for(4, 6), price_per_kw=9, floor_kw=2.5)
    result = plan(given_home, series([0.1, 0.2, 0.3, 0.4]))
    assert result["cost"]["capacity"] == pytest.approx(0)
    assert result["grid"]["import_kw"] == pytest.approx([2.5] * 4)


def test_a_mask_moves_the_car_to_where_it_counts_less() -> None:
    masks = [{"hours": "14-16", "weight": 0.5}, {"weight": 1}]
    given_home = with_capacity(car_for(4, 12), price_per_kw=9, masks=masks)
    result = plan(given_home, series([0.2] * 4, load_kw=0.0))
    assert result["grid"]["import_kw"] == pytest.approx([2, 2, 4, 4])
    assert result["cost"]["capacity"] == pytest.approx(18)


def test_twelve_bills_with_a_twelfth_each_cost_the_price_once() -> None:
    once = with_capacity(car_for(4, 12), price_per_kw=9, peak_so_far_kw=3)
    averaged = with_capacity(
        car_for(4, 12), price_per_kw=9, peak_so_far_kw=3, months_averaged=12
    )
    rows = series([0.1, 0.2, 0.3, 0.4])
    assert plan(once, rows)["cost"] == plan(averaged, rows)["cost"]


def test_a_month_that_begins_inside_has_a_peak_of_its_own() -> None:
    rows = series([0.2] * 48, load_kw=1.0)
    first = datetime.fromisoformat(rows["time"][0]).replace(day=31)
    rows["time"] = [(first + timedelta(hours=h)).isoformat() for h in range(48)]
    given_home = with_capacity(price_per_kw=4, integration_minutes=60, peak_so_far_kw=3)
    assert plan(given_home, rows)["cost"]["capacity"] == pytest.approx(4)


def test_a_home_whose_load_alone_stands_on_a_level_pays_that_level() -> None:
    given_home = with_capacity(
        BATTERY, steps=[{"up_to_kw": 0.3, "price": 5}, {"up_to_kw": 9, "price": 8}]
    )
    rows = series([0.2] * 2, load_kw=[0.1 + 0.2, 0.1])  # 0.30000000000000004
    assert plan(given_home, rows)["cost"]["capacity"] == pytest.approx(0)


def test_two_charges_add_up() -> None:
    # Karlskoga's model: a peak of the year, and of winter days beside it.
    masks = [{"months": "11-3", "weekdays": "mon-fri", "hours": "6-14"}]
    charges = [{"price_per_kw": 52.6}, {"price_per_kw": 76.1, "masks": masks}]
    given_home = home(tariff={"capacity": charges})
    rows = series([0.2] * 4, load_kw=[2.0, 1, 1, 3])
    result = plan(given_home, rows)
    assert result["cost"]["capacity"] == pytest.approx(3 * 52.6 + 2 * 76.1)


def test_the_contracted_power_of_spain_differs_by_period() -> None:
    peak = {"preset": "spain", "masks": [{"weekdays": "mon-fri", "hours": "8-24"}]}
    night = [{"weekdays": "sat-sun"}, {"hours": "0-8"}]
    charges = [
        {**peak, "floor_kw": 3.5},
        {"preset": "spain", "floor_kw": 7, "masks": night},
    ]
    rows = series([0.2] * 24, load_kw=[4.0] * 12 + [7.5] * 8 + [3.0] * 4)
    result = plan(home(tariff={"capacity": charges}), rows)
    assert result["cost"]["capacity"] == pytest.approx(2 * 1.4064 * (0.5 + 0.5))


def test_the_reason_says_what_a_kw_more_costs() -> None:
    given_home = with_capacity(
        car_for(4, 12), price_per_kw=9, top=3, integration_minutes=60
    )
    result = plan(given_home, series([0.1, 0.2, 0.3, 0.4]))
    assert "a kW more costs €3.00" in result["reasons"][0]["text"]
