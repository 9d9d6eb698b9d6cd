"""The canonical homes, as every contender is given them.

They are drawn by the problem generator of the project's tools, which lie beside the
checkout and not in it: P1 is a day in 15 minutes, P2 two days in 5 minutes of the same
home, P3 the day of a hundred homes. Its simulator prices every schedule from the
powers alone and lists what a schedule breaks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import importlib
from pathlib import Path
import sys
from typing import Any, Final

import numpy as np

from benchmarks.peers.missing import MissingError

type Home = dict[str, Any]

TOOLS: Final = Path(__file__).resolve().parents[3] / "shared" / "tools" / "optimizer"
SEED: Final = 7
_HOURS_AND_MINUTES: Final = {"P1": (24, 15), "P2": (48, 5)}
_FIRST_SEED: Final = 1000  # of what changes between plans


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What the simulator says of a schedule."""

    cost: float  # EUR
    violations: Mapping[str, float]


class Canonical:
    """The generator and the simulator; HOME and SERIES are written into a folder."""

    def __init__(self, tools: Path, folder: Path) -> None:
        """Import what lies in ``tools``. Raises `MissingError`."""
        if not (tools / "problems.py").is_file():
            raise MissingError(
                f"no problems.py in {tools}: name its folder with --tools"
            )
        sys.path.insert(0, str(tools))
        self._problems = importlib.import_module("problems")
        self._contract = importlib.import_module("contract")
        sys.path.remove(str(tools))
        self._folder, self._written = folder, 0

    def home(self, problem: str, *devices: str, seed: int = SEED) -> Home:
        """Return P1 or P2, with all devices or only those named."""
        hours, minutes = _HOURS_AND_MINUTES[problem]
        home: Home = self._problems.make_home(seed, hours, minutes)
        return self._problems.with_devices(home, *devices) if devices else home

    def written(self, home: Home) -> tuple[str, str]:
        """Return the paths of HOME and SERIES."""
        self._written += 1
        folder = self._folder / str(self._written)
        home_file, series_file = self._contract.write(home, folder)
        return str(home_file), str(series_file)

    def schedule(self, plan: Mapping[str, Any], home: Home) -> Mapping[str, Any]:
        """Return the schedule of a PLAN."""
        found: Mapping[str, Any] = self._contract.read(plan, home)
        return found

    def score(self, home: Home, schedule: Mapping[str, Any]) -> Scored:
        """Price a schedule and list what it breaks."""
        found = self._problems.simulate(home, schedule)
        return Scored(cost=found["total"], violations=found["violations"])


def changed(home: Home, place: int) -> Home:
    """Return the home with new prices, load, production and energy stored."""
    rng = np.random.default_rng(_FIRST_SEED + place)
    spread = rng.normal(0, 0.01, home["n"])
    battery = home["bat"]
    stored_kwh = battery["cap"] * rng.uniform(0.3, 0.7)
    return home | {
        "p_imp": home["p_imp"] + spread,
        "p_exp": home["p_exp"] + spread,
        "base": home["base"] * rng.uniform(0.9, 1.1),
        "pv": home["pv"] * rng.uniform(0.8, 1.1),
        "bat": battery | {"soc0": float(stored_kwh)},
    }


def without_end(home: Home) -> Home:
    """Return the home whose battery may end empty and does not wear."""
    battery = home["bat"]
    return home | {"bat": battery | {"soc_end": battery["soc_min"], "wear": 0.0}}
