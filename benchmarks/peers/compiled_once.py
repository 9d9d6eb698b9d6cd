"""HiGHS alone on the optimiser's own matrices, compiled from Pyomo once.

What differs from `hand_built` is where the numbers come from, so the two together
show what writing the model in components costs.
"""

from typing import Final

import highspy
import numpy as np

from optimizer.align import align, horizon_of
from optimizer.assemble import assemble
from optimizer.home import Home
from optimizer.instance import Instance
from optimizer.matrices import Compiled
from optimizer.series import Table
from optimizer.structures import Structures

_USUAL: Final = 1e-7  # HiGHS' own tolerance; ours is finer, for preferences


class CompiledOnce:
    """HiGHS with the matrices of one home; ``give`` changes its vectors."""

    def __init__(
        self, home: Home, series: Table, gap: float, *, relaxed: bool = False
    ) -> None:
        """Compile, and pass the matrices on; ``relaxed`` leaves no column whole."""
        self._structures = Structures()
        self._compiled = self._with(home, series)
        form = self._compiled.closed.form
        self.instance = Instance(form)
        self.highs = self.instance.highs
        self.highs.setOptionValue("dual_feasibility_tolerance", _USUAL)
        self.highs.setOptionValue("mip_rel_gap", gap)
        if relaxed:
            self.highs.setOptionValue("presolve", "off")
        self._give()
        whole = np.flatnonzero(np.isin(form.columns, self._compiled.integers))
        self.integers = whole.astype(np.int32)
        if not relaxed:
            kinds = np.full(len(whole), highspy.HighsVarType.kInteger)
            self.highs.changeColsIntegrality(len(whole), self.integers, kinds)

    def give(self, home: Home, series: Table) -> None:
        """Take other data of the same structure."""
        compiled = self._with(home, series)
        assert compiled is self._compiled
        self._give()

    def solve(self) -> float:
        """Run HiGHS and return the objective in EUR."""
        self.highs.run()
        assert self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return float(self.highs.getInfo().objective_function_value)

    def _with(self, home: Home, series: Table) -> Compiled:
        horizon = horizon_of(home, series)
        parts = assemble(home, align(home, series, horizon), horizon)
        return self._structures.compiled(parts, horizon)

    def _give(self) -> None:
        entries = self._compiled.entries
        self.instance.give(entries)
        self.instance.cost(entries.cost)
        self.highs.changeObjectiveOffset(self._compiled.offset)
