"""HAEO's model of a home on solar, battery and load: linear, and no more than that.

HAEO is no package: CEM_HAEO names the folder with its checkout. Of it only the core
is imported, which needs no Home Assistant. It values no energy at the end, so homes
have none either, and no wear. By default it also prefers sooner among equally cheap
plans; its first plan calibrates how much of that is free.
"""

from importlib import import_module
import os
from pathlib import Path
import sys
from types import ModuleType
from typing import Any, Final

import numpy as np

from benchmarks.peers.serve import Answer, Home, serve, timed

_SOURCE: Final = Path(os.environ["CEM_HAEO"]) / "custom_components"


def _package(name: str, folder: Path) -> None:
    """Let ``name`` be found in ``folder``, without running what the package does."""
    module = ModuleType(name)
    module.__path__ = [str(folder)]
    sys.modules[name] = module


def _network() -> Any:  # noqa: ANN401 - HAEO
    _package("custom_components", _SOURCE)
    _package("custom_components.haeo", _SOURCE / "haeo")
    _package("custom_components.haeo.core", _SOURCE / "haeo" / "core")
    return import_module("custom_components.haeo.core.model.network")


class Planner:
    """One network, kept for new data."""

    def __init__(self, options: Any) -> None:  # noqa: ANN401 - HAEO
        """Take HAEO's options."""
        self._options = options
        self._network: Any = None

    def first(self, home: Home) -> Answer:
        """Plan with a new network."""

        def plan() -> None:
            self._network = _build(home, self._options)
            self._network.optimize()

        return self._answer(home, timed(plan)[1])

    def again(self, home: Home) -> Answer:
        """Plan new data with the same network."""
        elements = self._network.elements

        def plan() -> None:
            elements["import"].segments["pricing"].price = home["p_imp"]
            elements["export"].segments["pricing"].price = -home["p_exp"]
            elements["produce"].segments["power_limit"].max_power = home["pv"]
            elements["consume"].segments["power_limit"].max_power = home["base"]
            elements["battery"].initial_charge = _above_least(home, "soc0")
            self._network.optimize()

        return self._answer(home, timed(plan)[1])

    def _answer(self, home: Home, took: dict[str, float]) -> Answer:
        solver, elements = self._network._solver, self._network.elements  # noqa: SLF001

        def power(name: str, end: str) -> Any:  # noqa: ANN401 - numpy
            return np.asarray(solver.vals(getattr(elements[name], end)), float)

        battery = home["bat"]
        schedule = {
            "ch": power("charge", "total_power_in"),
            "dis": power("discharge", "total_power_in") * battery["eta_d"],
            "pv": power("produce", "total_power_in"),
            "starts": {},
        }
        return {**took, "schedule": schedule}


def _above_least(home: Home, name: str) -> float:
    battery = home["bat"]
    return float(battery[name] - battery["soc_min"])


def _build(home: Home, options: Any) -> Any:  # noqa: ANN401 - HAEO
    steps, battery = home["n"], home["bat"]
    network = NETWORK.Network("home", np.full(steps, home["dt"]), options=options)
    for name, source, sink in (
        ("grid", True, True),
        ("roof", True, False),
        ("house", False, False),
        ("load", False, True),
    ):
        network.add(
            {"element_type": "node", "name": name, "is_source": source, "is_sink": sink}
        )
    network.add(
        {
            "element_type": "battery",
            "name": "battery",
            "capacity": _above_least(home, "cap"),
            "initial_charge": _above_least(home, "soc0"),
        }
    )

    def connect(name: str, source: str, target: str, **segments: Any) -> None:  # noqa: ANN401
        network.add(
            {
                "element_type": "connection",
                "name": name,
                "source": source,
                "target": target,
                "tags": {1},
                "segments": {
                    kind: {"segment_type": kind, **given}
                    for kind, given in segments.items()
                },
            }
        )

    def at_most(kw: Any, **more: bool) -> dict[str, Any]:  # noqa: ANN401 - a number or an array
        return {"max_power": np.broadcast_to(kw, steps).astype(float), **more}

    def efficiency(share: float) -> dict[str, Any]:
        return {"efficiency": np.full(steps, share)}

    connect(
        "import",
        "grid",
        "house",
        power_limit=at_most(home["imp_max"]),
        pricing={"price": home["p_imp"]},
    )
    connect(
        "export",
        "house",
        "grid",
        power_limit=at_most(home["exp_max"]),
        pricing={"price": -home["p_exp"]},
    )
    connect("produce", "roof", "house", power_limit=at_most(home["pv"]))
    connect("consume", "house", "load", power_limit=at_most(home["base"], fixed=True))
    connect(
        "charge",
        "house",
        "battery",
        power_limit=at_most(battery["pmax"]),
        efficiency=efficiency(battery["eta_c"]),
    )
    connect(
        "discharge",
        "battery",
        "house",
        power_limit=at_most(battery["pmax"] / battery["eta_d"]),
        efficiency=efficiency(battery["eta_d"]),
    )
    return network


NETWORK: Final = _network()

if __name__ == "__main__":
    usual = Planner(NETWORK.CalibratedOptions(parallel="off"))
    serve({"first": usual.first, "again": usual.again}, ("highspy", "numpy"))
