"""Numbers of one device as sentences."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import numpy as np

from optimizer.home import Column
from optimizer.outcome import Outcome
from optimizer.pressure import pressures
from optimizer.series import Numbers

type Json = dict[str, Any]


class Writer:
    """What every sentence about a device needs."""

    def __init__(self, device_id: str, outcome: Outcome) -> None:
        """Write about the device of that name."""
        self.device_id, self.outcome = device_id, outcome
        self.hours = outcome.horizon.hours
        self.currency = outcome.home.tariff.currency
        tariff = outcome.columns[Column.IMPORT_PRICE]
        self.price = np.minimum(tariff, outcome.node_price)

    def price_text(self, per_kwh: float) -> str:
        """Return a price with its unit."""
        return f"{per_kwh + 0.0:.3f} {self.currency}/kWh"

    def clock(self, t: int) -> str:
        """Return when step ``t`` starts, as a clock in the home shows it."""
        return f"{self.outcome.horizon.local(self.outcome.horizon.time(t)):%H:%M}"

    def mean(self, values: Numbers, power_kw: Numbers, block: range) -> float:
        """Return the mean of ``values`` weighted by the energy of a block."""
        part = slice(block.start, block.stop)
        return float(np.average(values[part], weights=power_kw[part]))

    def energy(self, power_kw: Numbers, block: range) -> float:
        """Return the kWh of a block."""
        return float(power_kw[block.start : block.stop].sum() * self.hours)

    def reason(self, block: range, text: str, saving: float | None) -> Json:
        """Return the reason for a block, with what holds the device back."""
        horizon = self.outcome.horizon
        pressed = pressures(self.outcome, self.device_id, block)
        return {
            "device": self.device_id,
            "start": horizon.local(horizon.time(block.start)).isoformat(),
            "end": horizon.local(horizon.time(block.stop)).isoformat(),
            "text": " ".join([text, *pressed]),
            "saving": None if saving is None else round(saving, 4) + 0.0,
        }


def blocks(marks: Iterable[Any]) -> list[range]:
    """Return the runs of true in ``marks``."""
    found, t = [], 0
    for mark, group in groupby(bool(m) for m in marks):
        length = len(list(group))
        if mark:
            found.append(range(t, t + length))
        t += length
    return found
