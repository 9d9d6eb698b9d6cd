"""The structures that were compiled last, so that none is built twice.

A car that comes and goes, or a price that falls below zero, is another structure;
the one before is soon wanted again.
"""

from collections import OrderedDict
from collections.abc import Hashable

from optimizer.assemble import Parts
from optimizer.compile import compile_model
from optimizer.horizon import Horizon
from optimizer.matrices import Compiled
from optimizer.problem import build, structure
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
        compiled = self._compiled.pop(key, None)
        if compiled is None:
            model = build(parts, horizon)
            if tight:
                tighten(model, parts)
            compiled = compile_model(model)
            if len(self._compiled) >= _KEPT:
                self._compiled.popitem(last=False)
        self._compiled[key] = compiled
        compiled.give(
            {name: part.data(horizon) for name, part in parts.named().items()},
            horizon.hours,
        )
        return compiled
