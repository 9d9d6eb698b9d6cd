"""Import and export that a contract nets over an hour."""

from random import Random

import pytest

from optimizer.document import InputError
from optimizer.read_home import home_from_json
from tests.optimizer.homes import (
    BATTERY,
    CAR,
    ROOF,
    Json,
    at,
    home,
    net_kw,
    plan,
    series,
)


def netted(*devices: Json, minutes: int = 15, **tariff: object) -> Json:
    return home(*devices, minutes=minutes, tariff={"netting_minutes": 60, **tariff})


def bill(result: Json, rows: Json, steps: int) -> float:
    """Return the energy bill of a plan, hour by hour, at the hour's mean price."""
    hours = result["minutes"][0] / 60
    net, cost = net_kw(result), 0.0
    for begin in range(0, len(net), steps):
        energy = hours * sum(net[begin : begin + steps])
        prices = rows["import_price" if energy > 0 else "export_price"]
        cost += energy * sum(prices[begin : begin + steps]) / steps
    return cost


def test_surplus_of_a_quarter_hour_serves_the_next() -> None:
    rows = series([0.3] * 4, minutes=15, export_price=0.05, pv_kw=[4.0, 0, 0, 0])
    result = plan(netted(ROOF), rows)
    assert net_kw(result) == pytest.approx([-3, 1, 1, 1])
    assert result["cost"]["energy"] == pytest.approx(0)
    each = plan(home(ROOF, minutes=15), rows)
    assert each["cost"]["energy"] == pytest.approx(0.25 * (3 * 0.3 - 3 * 0.05))


def test_a_battery_does_not_cycle_within_an_hour_that_is_netted() -> None:
    rows = series([0.3] * 4, minutes=15, export_price=0.05, pv_kw=[4.0, 0, 0, 0])
    lossy = {**BATTERY, "charge_efficiency": 0.9, "discharge_efficiency": 0.9}
    devices = plan(netted(ROOF, lossy), rows)["devices"]
    assert devices["battery"]["charge_kw"] == pytest.approx([0] * 4)
    without = plan(home(ROOF, lossy, minutes=15), rows)["devices"]
    assert without["battery"]["charge_kw"][0] > 1


def test_an_hour_has_one_price() -> None:
    rows = series([0.1, 0.2, 0.3, 0.4] * 2, minutes=15)
    result = plan(netted(), rows)
    assert result["prices"]["import"] == pytest.approx([0.25] * 8)
    assert result["cost"]["energy"] == pytest.approx(0.5)


@pytest.mark.parametrize("seed", range(25))
def test_the_plan_costs_what_the_hours_are_billed(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable draw
    minutes = random.choice([5, 15, 30])
    steps = 4 * 60 // minutes
    buy = [round(random.uniform(-0.1, 0.4), 2) for _ in range(steps)]
    rows = series(
        buy,
        minutes=minutes,
        export_price=[round(p - random.choice([-0.1, 0, 0.2]), 2) for p in buy],
        load_kw=[random.choice([0.2, 1, 4]) for _ in range(steps)],
        pv_kw=[random.choice([0.0, 3, 8]) for _ in range(steps)],
    )
    session = {"arrive": at(0), "depart": at(4), "energy_kwh": random.choice([0, 6])}
    capacity = random.choice([None, {"price_per_kw": 4}])
    result = plan(
        netted(
            {**ROOF, "curtailable": random.random() < 0.5},
            {**BATTERY, "initial_energy_kwh": 5},
            {**CAR, "sessions": [session]},
            minutes=minutes,
            capacity=capacity,
        ),
        rows,
    )
    assert result["cost"]["energy"] == pytest.approx(
        bill(result, rows, 60 // minutes), abs=1e-6
    )
    assert result["bound"] <= result["objective"] + 1e-9


def test_steps_have_to_fit_in() -> None:
    with pytest.raises(InputError, match="30 is no multiple of step_minutes, 20"):
        home_from_json(home(minutes=20, tariff={"netting_minutes": 30}))


def test_longer_steps_are_billed_each() -> None:
    rows = series([0.3, 0.2])
    given = home(tariff={"netting_minutes": 15})
    assert plan(given, rows)["objective"] == pytest.approx(0.5)
