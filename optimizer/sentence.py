"""Numbers of one device, for what is said of it."""

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cem_core.model import Message
from cem_core.model.message_json import message_to_json
from cem_core.model.render import Renderer
from optimizer.outcome import Outcome
from optimizer.pressure import pressure_on
from optimizer.series import Numbers
from optimizer.solve import Status

type Json = dict[str, Any]

_LEAST_SAVING = 5e-5  # currency; less is shown as nothing


class Writer:
    """What every sentence about a device needs."""

    def __init__(self, device_id: str, outcome: Outcome) -> None:
        """Write about the device of that name."""
        self.device_id, self.outcome = device_id, outcome
        self.hours = outcome.horizon.hours
        self.currency = outcome.home.tariff.currency
        bought, _ = outcome.tariff_at(device_id)
        self.price = np.minimum(bought, outcome.price_at(device_id))

    def time(self, t: int) -> datetime:
        """Return when step ``t`` starts, in the home's zone."""
        return self.outcome.horizon.local(self.outcome.horizon.time(t))

    def mean(self, values: Numbers, power_kw: Numbers, block: range) -> float:
        """Return the mean of ``values`` weighted by the energy of a block."""
        part = slice(block.start, block.stop)
        energy_kwh = power_kw[part] * self.hours[part]
        return float(np.average(values[part], weights=energy_kwh))

    def mean_price(self, block: range) -> float:
        """Return the mean price of a block."""
        part = slice(block.start, block.stop)
        return float(np.average(self.price[part], weights=self.hours[part]))

    def energy(self, power_kw: Numbers, block: range) -> float:
        """Return the kWh of a block."""
        part = slice(block.start, block.stop)
        return float(power_kw[part] @ self.hours[part])

    def reason(self, block: range, message: Message, saving: float | None) -> Json:
        """Return the reason for a block, with what holds the device back."""
        pressure = pressure_on(self.outcome, self.device_id, block)
        message = message.then(*pressure.messages)
        if saving is not None and saving < -_LEAST_SAVING:
            message = message.then(self._dearer(-saving))
        return {
            "device": self.device_id,
            "start": self.time(block.start).isoformat(),
            "end": self.time(block.stop).isoformat(),
            "text": Renderer().text(message),
            **message_to_json(message),
            "saving": None if saving is None else round(float(saving), 4) + 0.0,
            "limited_by": pressure.limited_by,
        }

    def _dearer(self, by: float) -> Message:
        """Say why a block is there that by itself is dearer than its alternative."""
        solution = self.outcome.solution
        if by <= solution.objective - solution.bound:
            return Message.of(
                "nothing_much_cheaper",
                less_cost=solution.objective - solution.bound,
                currency=self.outcome.home.tariff.currency,
            )
        if solution.status in {Status.RELAXED, Status.INFEASIBLE}:
            return Message.of("nothing_better_is_left")
        return Message.of("cheaper_as_a_whole")


def blocks(marks: NDArray[np.bool_]) -> list[range]:
    """Return the runs of true in ``marks``."""
    edges = np.flatnonzero(np.diff(marks, prepend=False, append=False))
    return [
        range(start, stop)
        for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    ]
