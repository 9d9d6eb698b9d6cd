"""Data of a part of a device: the device's own, under names of their own."""

from typing import Any

from optimizer.component import Block, Data


class Prefixed:
    """Stands on a part's block as ``given``: what it is asked for has the prefix."""

    def __init__(self, given: Block, prefix: str) -> None:
        """Look in ``given``."""
        self._given = given
        self._prefix = prefix

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - Pyomo
        """Return the datum that is ``name`` with the prefix."""
        return getattr(self._given, self._prefix + name)


def prefixed(prefix: str, data: Data) -> Data:
    """Return ``data`` as `Prefixed` finds them."""
    return {prefix + name: values for name, values in data.items()}
