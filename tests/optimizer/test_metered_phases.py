"""A meter that counts import and export of every phase apart."""

from datetime import timedelta
from itertools import product
from random import Random

import numpy as np
import pytest

from cem_core.tariff import Prices, meter_bill, netting_periods
from cem_core.tariff.time_grid import TimeGrid
from optimizer.document import InputError
from optimizer.read_home import home_from_json
from tests.optimizer.homes import BATTERY, CAR, NOON, ROOF, Json, at, home, plan, series

EACH: Json = {"metered_phases": "each"}
LOADS = ["l1", "l2", "l3"]


def apart(*devices: Json, minutes: int = 60, **tariff: object) -> Json:
    return home(
        *devices,
        minutes=minutes,
        grid={"phases": {"load_series": LOADS}},
        tariff={**EACH, **tariff},
    )


def bill(result: Json, rows: Json, minutes: int | None = None) -> float:
    """Return the bill of what the three phases of a plan count."""
    hours = result["step_minutes"] / 60
    periods = []
    if minutes is not None:
        zone = NOON.tzinfo
        assert zone is not None
        step = timedelta(minutes=result["step_minutes"])
        steps = len(result["times"])
        grid = TimeGrid(start=NOON, step=step, steps=steps, zone=zone)
        periods = [list(p) for p in netting_periods(grid, minutes)]
    bought, sold = (np.array(rows[f"{n}_price"], float) for n in ("import", "export"))
    for period in periods:
        bought[period] = bought[period].mean()
        sold[period] = sold[period].mean()
    prices = Prices(bought_per_kwh=bought, sold_per_kwh=sold)
    return sum(
        meter_bill(
            prices,
            np.array(phase["import_kw"]) - phase["export_kw"],
            hours=hours,
            periods=periods,
        )
        for phase in result["meters"].values()
    )


def test_solar_on_one_phase_does_not_serve_the_others() -> None:
    rows = series(
        [0.30], export_price=0.05, load_kw=3.0, pv_kw=3.0, l1=1.0, l2=0.5, l3=1.5
    )
    roof = {**ROOF, "phases": [1]}
    result = plan(apart(roof), rows)
    # 2 kWh are sold on the first phase while the others buy 0.5 and 1.5 kWh.
    assert result["cost"]["energy"] == pytest.approx(2 * 0.30 - 2 * 0.05)
    assert result["meters"]["phase 1"] == {"import_kw": [0], "export_kw": [2]}
    summed = plan(home(roof), rows)
    assert summed["cost"]["energy"] == pytest.approx(0)
    # The connection's limits and the power that the home sees are of all phases.
    assert result["grid"] == summed["grid"]


def test_a_battery_on_three_phases_cannot_even_them_out() -> None:
    rows = series([0.30] * 2, load_kw=3.0, l1=3.0, l2=0.0, l3=0.0, export_price=0.05)
    full = {**BATTERY, "initial_energy_kwh": 6}
    result = plan(apart(full), rows)
    # Each kW on the first phase sells two on the others.
    alone = plan(apart({**full, "phases": [1]}), rows)
    assert alone["cost"]["energy"] == pytest.approx(0)
    assert result["cost"]["energy"] == pytest.approx(6 * 0.3 - 2 * 0.3 - 4 * 0.05)


def test_without_columns_a_third_is_on_each() -> None:
    rows = series([0.3, 0.3], load_kw=3.0, pv_kw=[2.0, 4.0], export_price=0.1)
    roof = {**ROOF, "phases": [2]}
    # It has nothing to do, but a kW more or less would be possible.
    idle = {**BATTERY, "phases": [2], "charge_efficiency": 0.9}
    result = plan(home(roof, idle, tariff=EACH), rows)
    expected = 2 * 0.3 - 1 * 0.1 + 2 * 0.3 - 3 * 0.1
    assert result["cost"]["energy"] == pytest.approx(expected)
    assert result["marginal_price"] == pytest.approx([0.7 / 3] * 2, abs=1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_the_cheapest_of_all_runs_is_found(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable draw
    steps = 5
    phases = [random.choice([[1], [2], [1, 3], []]) for _ in range(2)]
    run: Json = {
        "kind": "appliance",
        "profile_kw": [3.0, 1.0],
        "profile_step_minutes": 60,
        "earliest_start": at(0),
        "latest_end": at(steps),
    }
    runs = [{**run, "id": f"r{i}", "phases": on} for i, on in enumerate(phases)]
    loads = [[random.choice([0.0, 0.5, 2]) for _ in range(steps)] for _ in LOADS]
    rows = series(
        [round(random.uniform(-0.1, 0.4), 2) for _ in range(steps)],
        export_price=[round(random.uniform(-0.1, 0.3), 2) for _ in range(steps)],
        load_kw=[sum(kw) for kw in zip(*loads, strict=True)],
        pv_kw=[random.choice([0.0, 2, 6]) for _ in range(steps)],
    ) | dict(zip(LOADS, loads, strict=True))
    result = plan(apart({**ROOF, "phases": [3]}, *runs), rows, gap=0)
    prices = Prices(
        bought_per_kwh=rows["import_price"], sold_per_kwh=rows["export_price"]
    )
    costs = []
    for starts in product(range(steps - 1), repeat=2):
        net = np.array(loads)
        net[2] -= rows["pv_kw"]
        for start, on in zip(starts, phases, strict=True):
            each = [p - 1 for p in on or [1, 2, 3]]
            net[each, start] += 3 / len(each)
            net[each, start + 1] += 1 / len(each)
        costs.append(sum(meter_bill(prices, kw, hours=1) for kw in net))
    assert result["objective"] == pytest.approx(min(costs), abs=1e-6)
    assert bill(result, rows) == pytest.approx(result["cost"]["energy"], abs=1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_a_plan_costs_what_its_phases_are_billed(seed: int) -> None:
    """With periods of an hour too: each phase is netted over it by itself."""
    random = Random(seed)  # noqa: S311 - a repeatable draw
    minutes, netted = random.choice([(15, 60), (15, 30), (60, None)])
    steps = 3 * 60 // minutes
    loads = [[random.choice([0.0, 0.5, 2]) for _ in range(steps)] for _ in LOADS]
    buy = [round(random.uniform(-0.1, 0.4), 2) for _ in range(steps)]
    rows = series(
        buy,
        minutes=minutes,
        export_price=[round(p - random.choice([-0.1, 0, 0.2]), 2) for p in buy],
        load_kw=[sum(kw) for kw in zip(*loads, strict=True)],
        pv_kw=[random.choice([0.0, 3, 6]) for _ in range(steps)],
    ) | dict(zip(LOADS, loads, strict=True))
    session = {"arrive": at(0), "depart": at(3), "energy_kwh": 6}
    given = apart(
        {**ROOF, "curtailable": random.random() < 0.5},
        {
            **BATTERY,
            "initial_energy_kwh": 5,
            "phases": [1],
            "discharge_efficiency": 0.9,
        },
        {**CAR, "phases": random.choice([[2], []]), "sessions": [session]},
        minutes=minutes,
        netting_minutes=netted,
    )
    result = plan(given, rows)
    assert result["status"] == "optimal"
    expected = bill(result, rows, netted)
    assert result["cost"]["energy"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("tariff", "expected"),
    [
        (
            {"import": {"tax_per_kwh": 1, "blocks": [{"price_per_kwh": 1}]}},
            "tariff.import.blocks: need one meter that counts all",
        ),
        ({"metered_phases": "none"}, "allowed are summed, each"),
    ],
)
def test_what_does_not_go_together_is_named(tariff: Json, expected: str) -> None:
    with pytest.raises(InputError) as refused:
        home_from_json(apart(**tariff))
    assert expected in str(refused.value)


def test_phases_and_sub_connections_do_not_go_together() -> None:
    sub = {"id": "a", "wiring": "own", "import_series": "x"}
    with pytest.raises(InputError, match="each is not for a home with sub_connections"):
        home_from_json(apart() | {"sub_connections": [sub]})


def test_the_loads_of_the_phases_have_to_add_up() -> None:
    rows = series([0.3], load_kw=3.0, l1=1.0, l2=1.0, l3=0.5)
    with pytest.raises(InputError, match=r"load_kw are up to 0\.5 kW apart"):
        plan(apart(), rows)
