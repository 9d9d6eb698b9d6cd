"""Whatever the meters and what is sold: the plan's cost is what the engine bills."""

from collections.abc import Sequence
from datetime import datetime, timedelta
import json
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
import pytest

from cem_core.tariff import (
    Deviation,
    FlexibilityPrice,
    Prices,
    TimeGrid,
    cascade_bill,
    covered_hours,
    delivered_kw,
    each_step,
    meter_bill,
    netting_periods,
)
from tests.optimizer.homes import Json, at, plan
from tests.optimizer.judge import judge
from tests.optimizer.test_any_home import any_home, balance, explained

type Numbers = NDArray[np.float64]


def meters(random: Random, given: Json, rows: Json) -> None:
    """Give the home meters of any kind, and some devices to them."""
    given["tariff"]["import"] = None
    steps = len(rows["time"])
    rows["own_price"] = [round(random.uniform(-0.2, 0.6), 2) for _ in range(steps)]
    rows["own_sold"] = [round(random.uniform(-0.2, 0.3), 2) for _ in range(steps)]
    sub: Json = {"id": "part {x}", "import_series": "own_price"}
    match random.randrange(4):
        case 0:
            given["tariff"]["metered_phases"] = "each"
            return
        case 1:
            sub |= {"wiring": "own", "export_series": "own_sold"}
            sub["capacity"] = random.choice([[], {"price_per_kw": 3}])
            sub["powered"] = random.choice([[], {"hours": "13-15"}])
        case 2:
            sub |= {"wiring": "cascade", "inner_meter": "household"}
        case _:
            sub |= {"wiring": "cascade", "inner_meter": "devices"}
    sub["import_limit_kw"] = random.choice([None, 4])
    given["sub_connections"] = [sub]
    for device in given["devices"]:
        if random.random() < 0.5 and not device.get("standby_kw"):
            device["connection"] = sub["id"]


def sold(random: Random, given: Json, rows: Json) -> None:
    """Sell deviations and power that is held back."""
    steps = len(rows["time"])
    rows["baseline"] = [random.choice([-2.0, 0.0, 3.0]) for _ in range(steps)]
    for phases in [given["grid"].get("phases")]:
        if phases:
            given["grid"]["phases"] = None

    def window(name: str) -> Json:
        begin = random.uniform(-1, 4)
        return {
            "id": name,
            "direction": random.choice(["reduce", "increase"]),
            "start": at(begin),
            "end": at(begin + random.uniform(0.1, 5)),
            "power_kw": random.choice([0.5, 2, 7]),
        }

    given["flexibility"] = {
        "activations": [
            window("a")
            | {
                "baseline_series": "baseline",
                "price_per_kwh": random.choice([0, 0.4]),
                "penalty_per_kwh": random.choice([0, 0.2]),
            }
        ],
        "reservations": [
            window("r")
            | {
                "hold_minutes": random.choice([5, 15, 60]),
                "price_per_kw_hour": random.choice([0, 0.05]),
                "penalty_per_kw_hour": random.choice([0, 0.1]),
            }
        ],
    }


def net(counted: Json) -> Numbers:
    bought, back = (np.array(counted[f"{n}_kw"], float) for n in ("import", "export"))
    result: Numbers = bought - back
    return result


class Bill:
    """What the engine asks for a plan."""

    def __init__(self, given: Json, rows: Json, result: Json) -> None:
        self.given, self.rows, self.result = given, rows, result
        self.step = timedelta(minutes=result["step_minutes"])
        self.steps = len(result["times"])
        self.start = datetime.fromisoformat(result["times"][0])
        self.hours = self.step / timedelta(hours=1)
        self.periods = self._periods()

    def _periods(self) -> Sequence[Sequence[int]]:
        minutes = self.given["tariff"].get("netting_minutes")
        if minutes is None or timedelta(minutes=minutes) <= self.step:
            return each_step(self.steps)
        zone = ZoneInfo(self.given["time_zone"])
        grid = TimeGrid(start=self.start, step=self.step, steps=self.steps, zone=zone)
        return netting_periods(grid, minutes)

    def prices(self, bought: str, back: str) -> Prices:
        return Prices(bought_per_kwh=self.mean(bought), sold_per_kwh=self.mean(back))

    def column(self, name: str) -> Numbers:
        """Return a column; a single row of an hour is held."""
        column = np.array(self.rows[name], float)
        return np.full(self.steps, column[0]) if len(column) == 1 else column

    def mean(self, name: str) -> Numbers:
        column = self.column(name)
        for steps in self.periods:
            column[list(steps)] = column[list(steps)].mean()
        return column

    def energy(self) -> float:
        home = self.prices("import_price", "export_price")
        meters = self.result.get("meters", {})
        counted = {name: net(meter) for name, meter in meters.items()}
        total = net(self.result["grid"])
        if not counted:
            return meter_bill(home, total, hours=self.hours, periods=self.periods)
        if "phase 1" in counted:
            return sum(
                meter_bill(home, kw, hours=self.hours, periods=self.periods)
                for kw in counted.values()
            )
        (sub,) = self.given["sub_connections"]
        if sub["wiring"] == "own":
            own = self.prices("own_price", "own_sold")
            cost = meter_bill(
                home, counted["household"], hours=self.hours, periods=self.periods
            )
            return cost + meter_bill(
                own, counted[sub["id"]], hours=self.hours, periods=self.periods
            )
        (inner_kw,) = counted.values()
        names = ["own_price", "import_price"]
        if sub["inner_meter"] == "devices":
            names.reverse()
        outer, inner = self.prices(names[0], "export_price"), self.mean(names[1])
        return cascade_bill(
            outer, inner, total, inner_kw, hours=self.hours, periods=self.periods
        )

    def flexibility(self) -> float:
        edges = [self.start + t * self.step for t in range(self.steps + 1)]
        cost, total = 0.0, net(self.result["grid"])
        for kind, unit in (("activations", "kwh"), ("reservations", "kw_hour")):
            for each in self.given.get("flexibility", {}).get(kind, []):
                if each["id"] not in self.result.get("flexibility", {}):
                    continue
                price = FlexibilityPrice(
                    power_kw=each["power_kw"],
                    price_per_kwh=each[f"price_per_{unit}"],
                    penalty_per_kwh=each[f"penalty_per_{unit}"],
                )
                if kind == "activations":
                    way = Deviation(each["direction"])
                    base = self.column(each["baseline_series"])
                    given = delivered_kw(way, each["power_kw"], total, base)
                else:
                    given = self.result["flexibility"][each["id"]]["held_kw"]
                start, end = (
                    datetime.fromisoformat(each[name]) for name in ("start", "end")
                )
                cost += price.cost(given, covered_hours(edges, start, end))
        return cost


@pytest.mark.parametrize("seed", range(80))
def test_any_tariff_is_planned_as_it_is_billed(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable draw
    given, rows = any_home(random)
    meters(random, given, rows)
    if random.random() < 0.6:
        sold(random, given, rows)
    result = plan(given, rows)
    json.dumps(result, allow_nan=False)
    assert result["objective"] == pytest.approx(sum(result["cost"].values()), abs=1e-6)
    bill = Bill(given, rows, result)
    assert result["cost"].get("energy", 0) == pytest.approx(bill.energy(), abs=1e-6)
    found = result["cost"].get("flexibility", 0.0)
    assert found == pytest.approx(bill.flexibility(), abs=1e-5)
    if result["status"] in {"optimal", "feasible"}:
        judge(given, rows, result, money=False)
    balance(result)
    explained(result)
