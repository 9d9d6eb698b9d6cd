"""The structures that were compiled last, so that none is built twice.

A car that comes and goes, or a price that falls below zero, is another structure;
the one before is soon wanted again.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
import gc

from optimizer.assemble import Parts
from optimizer.compile import compile_model
from optimizer.component import Data
from optimizer.horizon import Horizon
from optimizer.matrices import Compiled
from optimizer.problem import Model, build, data_of, structure
from optimizer.tighten import tighten

_KEPT = 6  # some MB each


class Structures:
    """Compiled structures, the last used last."""

    def __init__(self) -> None:
        """Begin without any."""
        self._compiled: OrderedDict[Hashable, Compiled] = OrderedDict()
        self._last: tuple[Hashable, Model] | None = None  # a tight one adds to it

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
            compiled = self._build(key, parts, horizon, data)
            if len(self._compiled) >= _KEPT:
                self._compiled.popitem(last=False)
        self._compiled[key] = compiled
        compiled.give(data)
        return compiled

    def _build(
        self,
        key: tuple[bool, Hashable],
        parts: Parts,
        horizon: Horizon,
        data: Mapping[str, Data],
    ) -> Compiled:
        last, self._last = self._last, None
        tight, same = key[0], last is not None and last[0] == key[1]
        with _no_garbage():
            model = last[1] if last and same else build(parts, horizon, data)
            if tight:
                tighten(model, parts)
            compiled = compile_model(model)
        if not tight:
            self._last = key[1], model
        for spent in (model if tight else None, last[1] if last and not same else None):
            if spent is not None:
                spent.draft.clear()
        return compiled


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Look for no cycles: tens of thousands of terms have none, and take time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
