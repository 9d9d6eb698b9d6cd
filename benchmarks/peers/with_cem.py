"""The optimiser of this repository, for the same homes as the others."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, override

from benchmarks.peers.serve import Answer, Home as Asked, serve, timed
from optimizer.assemble import Parts
from optimizer.cli.series_file import read_series
from optimizer.home import Home
from optimizer.horizon import Horizon
from optimizer.matrices import Compiled
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_tree
from optimizer.series import Table
from optimizer.structures import Structures
from optimizer.yaml_document import parse

LIMIT_S: Final = 60.0


class Indifferent(Structures):
    """Structures whose equally cheap plans are all the same to us."""

    @override
    def compiled(
        self, parts: Parts, horizon: Horizon, *, tight: bool = False
    ) -> Compiled:
        """Return the matrices of ``parts`` without preferences."""
        compiled = super().compiled(parts, horizon, tight=tight)
        compiled.weights[:] = 0.0
        return compiled


class Planner:
    """Plans at first, and again with what it has compiled."""

    def __init__(self, structures: type[Structures]) -> None:
        """Begin with nothing compiled."""
        self._new = structures
        self._structures = structures()

    def first(self, asked: Asked) -> Answer:
        """Plan with nothing compiled."""
        self._structures = self._new()
        return self.again(asked)

    def again(self, asked: Asked) -> Answer:
        """Plan new data."""
        home, series = read(asked)
        options = Options(gap=asked["gap"], time_limit_s=LIMIT_S)
        plan, took = timed(lambda: optimize(home, series, options, self._structures))
        # The call goes on until PLAN is priced and written. What of it counts had the
        # same share of the processor.
        seconds = plan["build_seconds"] + plan["solve_seconds"]
        cpu_seconds = took["cpu_seconds"] * seconds / took["seconds"]
        return {"seconds": seconds, "cpu_seconds": cpu_seconds, "plan": plan}


def read(asked: Mapping[str, Any]) -> tuple[Home, Table]:
    """Return what the command line would read."""
    home_file, series_file = asked["files"]
    home = home_from_tree(parse(Path(home_file).read_text(encoding="utf-8")))
    return home, read_series(series_file)


if __name__ == "__main__":
    own, indifferent = Planner(Structures), Planner(Indifferent)
    serve(
        {
            "first": own.first,
            "again": own.again,
            "first without preferences": indifferent.first,
            "again without preferences": indifferent.again,
        },
        ("highspy", "numpy", "pyomo"),
    )
