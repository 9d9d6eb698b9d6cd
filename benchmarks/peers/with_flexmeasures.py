"""FlexMeasures' scheduler on solar, battery, load and a car, without its database.

It keeps no object between schedules, so a plan on new data is a first plan. Stocks
are in kW times a step. A car's least power is a band.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from flask import Flask
from flexmeasures.data.models.planning import FlowCommitment
from flexmeasures.data.models.planning.linear_optimization import device_scheduler
from flexmeasures.data.models.planning.utils import initialize_df
import numpy as np
import pandas as pd

from benchmarks.peers.serve import Answer, Home, serve, timed

LIMIT_S: Final = 120.0
_START: Final = pd.Timestamp("2026-02-01T12:00")
_LEAST_SESSION_H: Final = 6.0
_COLUMNS: Final = (
    "equals",
    "max",
    "min",
    "efficiency",
    "derivative equals",
    "derivative max",
    "derivative min",
    "derivative down efficiency",
    "derivative up efficiency",
    "stock delta",
)


def first(home: Home) -> Answer:
    """Schedule ``home``."""
    application = Flask("benchmark")
    application.config.update(
        LOGGING_LEVEL="WARNING",
        FLEXMEASURES_LP_SOLVER="highspy",
        FLEXMEASURES_LP_SOLVER_OPTIONS={
            "mip_rel_gap": home["gap"],
            "time_limit": LIMIT_S,
            "threads": 1,
        },
    )
    problem = _problem(home)
    with application.app_context():
        (powers, _, result, _), took = timed(lambda: device_scheduler(**problem))
    kw = [np.asarray(power, float) for power in powers]
    schedule = {
        "ch": np.maximum(kw[0], 0.0),
        "dis": np.maximum(-kw[0], 0.0),
        "pv": -kw[2],
        "starts": {},
    }
    if "ev" in home["devices"]:
        schedule["ev"] = kw[3]
    status = str(result.solver.termination_condition)
    return {**took, "schedule": schedule, "status": status}


def _table(home: Home) -> pd.DataFrame:
    step = timedelta(minutes=home["dt_min"])
    end = _START + step * home["n"]
    return initialize_df(list(_COLUMNS), _START, end, step)


def _problem(home: Home) -> dict[str, Any]:
    battery, load, solar, grid = (_table(home) for _ in range(4))
    _fill_battery(battery, home)
    load["derivative equals"] = home["base"]
    solar["derivative max"], solar["derivative min"] = 0.0, -home["pv"]
    grid["derivative max"], grid["derivative min"] = home["imp_max"], -home["exp_max"]
    devices = [battery, load, solar]
    problem: dict[str, Any] = {
        "device_constraints": devices,
        "ems_constraints": grid,
        "commitments": _commitments(home, grid.index),
        "initial_stock": [0.0] * 3,
    }
    if "ev" in home["devices"]:
        devices.append(_car(home))
        problem["initial_stock"].append(0.0)
        band = (home["ev"]["pmin"], home["ev"]["pmax"])
        problem["device_power_bands"] = [None, None, None, [(0.0, 0.0), band]]
    return problem


def _fill_battery(table: pd.DataFrame, home: Home) -> None:
    """Fill in stocks as differences from the first."""
    battery, per_kwh = home["bat"], 1 / home["dt"]
    initial_kwh = battery["soc0"]
    table["max"] = (battery["cap"] - initial_kwh) * per_kwh
    table["min"] = (battery["soc_min"] - initial_kwh) * per_kwh
    table.loc[table.index[-1], "min"] = (battery["soc_end"] - initial_kwh) * per_kwh
    table["derivative max"] = battery["pmax"]
    table["derivative min"] = -battery["pmax"]
    table["derivative up efficiency"] = battery["eta_c"]
    table["derivative down efficiency"] = battery["eta_d"]


def _car(home: Home) -> pd.DataFrame:
    """Return a stock that may not be behind at each departure."""
    car, hours = home["ev"], home["dt"]
    owed_kwh, total_kwh = np.zeros(home["n"]), 0.0
    for begin, end in car["sessions"]:
        if (end - begin) * hours > _LEAST_SESSION_H:
            total_kwh += car["need"]
            owed_kwh[end - 1 :] = total_kwh
    table = _table(home)
    table["min"], table["max"] = owed_kwh / hours, total_kwh / hours
    table["derivative min"] = 0.0
    table["derivative max"] = np.where(car["plug"], car["pmax"], 0.0)
    table["derivative up efficiency"] = car["eta"]
    return table


def _commitments(home: Home, index: pd.DatetimeIndex) -> Sequence[FlowCommitment]:
    """Return what energy costs at the connection, and the battery's wear."""
    hours = home["dt"]

    def series(values: Any) -> pd.Series:  # noqa: ANN401 - a number or an array
        return pd.Series(values * hours, index=index)

    return [
        FlowCommitment(
            name="energy",
            index=index,
            quantity=0,
            upwards_deviation_price=series(home["p_imp"]),
            downwards_deviation_price=series(home["p_exp"]),
        ),
        FlowCommitment(
            name="wear",
            index=index,
            quantity=0,
            upwards_deviation_price=0,
            downwards_deviation_price=series(-home["bat"]["wear"]),
            device=pd.Series(0, index=index),
        ),
    ]


if __name__ == "__main__":
    serve({"first": first}, ("flexmeasures", "highspy", "pyomo", "numpy"))
