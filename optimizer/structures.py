"""The structures that were compiled last, so that none is built twice.

A car that comes and goes, or a price that falls below zero, is another structure;
the one before is soon wanted again.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping

from optimizer.assemble import Parts
from optimizer.compile import compile_model
from optimizer.component import Data
from optimizer.horizon import Horizon
from optimizer.matrices import Compiled
from optimizer.problem import build, data_of, structure
from optimizer.tighten import tighten

_KEPT = 6  # some MB each


class Structures:
    """Compiled structures, the last used last."""

    def __init__(self) -> None:
        """Begin without any."""
        self._compiled: OrderedDict[Hashable, Compiled] = OrderedDict()

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._compiled)

    def compiled(
        self, parts: Parts, horizon: Horizon, *, tight: bool = False
    ) -> Compiled:
        """Return the matrices of ``parts``, their data given.

        A ``tight`` model has the same columns and more rows.
        """
        key = tight, structure(parts, horizon)
        data = data_of(parts, horizon)
        compiled = self._compiled.pop(key, None)
        if compiled is None:
            compiled = _compile(parts, horizon, data, tight=tight)
            if len(self._compiled) >= _KEPT:
                self._compiled.popitem(last=False)
        self._compiled[key] = compiled
        compiled.give(data)
        return compiled


def _compile(
    parts: Parts, horizon: Horizon, data: Mapping[str, Data], *, tight: bool
) -> Compiled:
    model = build(parts, horizon, data)
    if tight:
        tighten(model, parts)
    compiled = compile_model(model)
    model.draft.clear()
    return compiled
