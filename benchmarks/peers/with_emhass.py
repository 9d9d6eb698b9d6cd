"""EMHASS on solar, battery, load, two appliances and a car.

Its own defaults hold wherever a home does not say otherwise: the gap of 1e-2 is one
of them. It charges in W. A car is a deferrable load for each night that owes energy.
"""

import asyncio
from collections.abc import Sequence
import copy
import logging
from pathlib import Path
from typing import Any, Final

import emhass
from emhass.optimization import Optimization
from emhass.utils import build_config, build_params, build_secrets, get_yaml_parse
import numpy as np
from numpy.typing import NDArray
import orjson
import pandas as pd

from benchmarks.peers.serve import Answer, Home, serve, timed

type Numbers = NDArray[np.float64]

LIMIT_S: Final = 120
_W: Final = 1000.0
_LEAST_SESSION_H: Final = 6.0
_SILENT: Final = logging.getLogger("emhass of the benchmark")
_ROOT: Final = Path(emhass.__file__).parent
_FOLDERS: Final = {
    "data_path": _ROOT / "data",
    "root_path": _ROOT,
    "defaults_path": _ROOT / "data" / "config_defaults.json",
    "associations_path": _ROOT / "data" / "associations.csv",
}


class Planner:
    """One optimisation object, kept for new data."""

    def __init__(self) -> None:
        """Read the defaults."""
        params = asyncio.run(_defaults())
        self._defaults = get_yaml_parse(orjson.dumps(params).decode(), _SILENT)
        self._optimization: Any = None

    def first(self, home: Home) -> Answer:
        """Plan with a new object."""
        given = copy.deepcopy(self._defaults)
        retrieve, optim, plant = given
        retrieve |= {
            "optimization_time_step": pd.Timedelta(minutes=home["dt_min"]),
            "time_zone": "UTC",
            "sensor_power_photovoltaics": "pv",
            "sensor_power_load_no_var_loads": "load",
        }
        optim |= _loads(home) | {
            "delta_forecast_daily": pd.Timedelta(hours=home["hours"]),
            "lp_solver_timeout": LIMIT_S,
            "num_threads": 1,
            "set_battery_first_priority": False,
            "set_nocharge_from_grid": False,
            "set_nodischarge_to_grid": False,
            "set_total_pv_sell": False,
            "set_use_battery": True,
            "set_use_pv": True,
            "weight_battery_charge": 0.0,
            "weight_battery_discharge": home["bat"]["wear"],
        }
        plant |= _plant(home)
        frame = _frame(home)

        def plan() -> pd.DataFrame:
            self._optimization = Optimization(
                *given,
                "unit_load_cost",
                "unit_prod_price",
                "profit",
                _FOLDERS,
                _SILENT,
                opt_time_delta=home["hours"],
            )
            return self._optimize(home, frame)

        return self._answer(home, *timed(plan))

    def again(self, home: Home) -> Answer:
        """Plan new data with the same object."""
        frame = _frame(home)
        return self._answer(home, *timed(lambda: self._optimize(home, frame)))

    def _optimize(self, home: Home, frame: pd.DataFrame) -> pd.DataFrame:
        battery = home["bat"]
        return self._optimization.perform_dayahead_forecast_optim(
            frame,
            frame["pv"],
            frame["load"],
            soc_init=battery["soc0"] / battery["cap"],
            soc_final=battery["soc_end"] / battery["cap"],
        )

    def _answer(
        self, home: Home, result: pd.DataFrame, took: dict[str, float]
    ) -> Answer:
        battery_kw = result["P_batt"].to_numpy() / _W
        solar_kw = home["pv"]
        if "P_PV_curtailment" in result:
            solar_kw = solar_kw - result["P_PV_curtailment"].to_numpy() / _W
        jobs = home["jobs"]
        load_kw = [
            result[f"P_deferrable{place}"].to_numpy() / _W
            for place in range(len(jobs) + len(_nights(home)))
        ]
        schedule: dict[str, Any] = {
            "ch": np.maximum(-battery_kw, 0.0),
            "dis": np.maximum(battery_kw, 0.0),
            "pv": solar_kw,
            "starts": {
                job["name"]: int(np.argmax(kw > 1e-6))
                for job, kw in zip(jobs, load_kw, strict=False)
            },
        }
        if cars := load_kw[len(jobs) :]:
            schedule["ev"] = np.sum(cars, axis=0)
        status = str(self._optimization.optim_status)
        return {**took, "schedule": schedule, "status": status}


async def _defaults() -> Any:  # noqa: ANN401 - EMHASS
    config = await build_config(_FOLDERS, _SILENT, _FOLDERS["defaults_path"])
    _, secrets = await build_secrets(_FOLDERS, _SILENT, no_response=True)
    return await build_params(_FOLDERS, secrets, config, _SILENT)


def _nights(home: Home) -> Sequence[Sequence[int]]:
    if "ev" not in home["devices"]:
        return []
    hours = home["dt"]
    sessions: Sequence[Sequence[int]] = home["ev"]["sessions"]
    return [each for each in sessions if (each[1] - each[0]) * hours > _LEAST_SESSION_H]


def _loads(home: Home) -> dict[str, Any]:
    """Return the appliances as sequences and the nights of a car."""
    jobs, nights, hours = home["jobs"], _nights(home), home["dt"]
    count = len(jobs) + len(nights)
    car = home["ev"]
    full_hours = car["need"] / car["eta"] / car["pmax"]
    lengths = [len(job["prof"]) for job in jobs]
    return {
        "number_of_deferrable_loads": count,
        "nominal_power_of_deferrable_loads": [
            *((_W * np.asarray(job["prof"])).tolist() for job in jobs),
            *(_W * car["pmax"] for _ in nights),
        ],
        "minimum_power_of_deferrable_loads": [
            *(0.0 for _ in jobs),
            *(_W * car["pmin"] for _ in nights),
        ],
        "operating_hours_of_each_deferrable_load": [
            *(length * hours for length in lengths),
            *(full_hours for _ in nights),
        ],
        "start_timesteps_of_each_deferrable_load": [
            *(int(job["starts"][0]) for job in jobs),
            *(int(begin) for begin, _ in nights),
        ],
        "end_timesteps_of_each_deferrable_load": [
            *(
                int(job["starts"][-1]) + length
                for job, length in zip(jobs, lengths, strict=True)
            ),
            *(int(end) for _, end in nights),
        ],
        "treat_deferrable_load_as_semi_cont": [True] * len(jobs)
        + [False] * len(nights),
        "set_deferrable_load_single_constant": [False] * count,
        "set_deferrable_startup_penalty": [0.0] * count,
        "set_deferrable_max_startups": [0] * count,
        "def_minimum_on_time": [0] * count,
        "def_minimum_off_time": [0] * count,
        "def_current_state": [False] * count,
        "deferrable_load_max_cost": [0.0] * count,
        "cost_forecast_per_deferrable_load": [None] * count,
        "is_electric_load": [True] * count,
    }


def _plant(home: Home) -> dict[str, Any]:
    battery = home["bat"]
    return {
        "maximum_power_from_grid": _W * home["imp_max"],
        "maximum_power_to_grid": _W * home["exp_max"],
        "battery_nominal_energy_capacity": _W * battery["cap"],
        "battery_charge_power_max": _W * battery["pmax"],
        "battery_discharge_power_max": _W * battery["pmax"],
        "battery_charge_efficiency": battery["eta_c"],
        "battery_discharge_efficiency": battery["eta_d"],
        "battery_minimum_state_of_charge": battery["soc_min"] / battery["cap"],
        "battery_maximum_state_of_charge": 1.0,
        "battery_target_state_of_charge": battery["soc_end"] / battery["cap"],
        "compute_curtailment": True,
        "inverter_is_hybrid": False,
    }


def _frame(home: Home) -> pd.DataFrame:
    index = pd.date_range(
        "2026-02-01 12:00", periods=home["n"], freq=f"{home['dt_min']}min", tz="UTC"
    )
    columns = {
        "unit_load_cost": home["p_imp"],
        "unit_prod_price": home["p_exp"],
        "pv": _W * home["pv"],
        "load": _W * home["base"],
    }
    return pd.DataFrame(columns, index=index)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    planner = Planner()
    serve(
        {"first": planner.first, "again": planner.again},
        ("emhass", "cvxpy", "highspy", "numpy"),
    )
