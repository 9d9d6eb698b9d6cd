"""What a meter behind the meter says when it is asked for itself.

``None`` and what is absent was not said; 0 is a measured zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from cem_core.model.reading import RawValue, Submeter, SubmeterKind


class SlowQuantity(StrEnum):
    """What it measures; `UNITS` has the unit of each."""

    ENERGY = "energy"
    EXPORT_ENERGY = "export_energy"
    VOLUME = "volume"
    POWER = "power"
    FLOW = "flow"
    FLOW_TEMPERATURE = "flow_temperature"
    RETURN_TEMPERATURE = "return_temperature"


UNITS: Final[Mapping[SlowQuantity, str]] = {
    SlowQuantity.ENERGY: "Wh",
    SlowQuantity.EXPORT_ENERGY: "Wh",
    SlowQuantity.VOLUME: "m3",
    SlowQuantity.POWER: "W",
    SlowQuantity.FLOW: "m3/h",
    SlowQuantity.FLOW_TEMPERATURE: "°C",
    SlowQuantity.RETURN_TEMPERATURE: "°C",
}

_BY_VOLUME: Final = (SubmeterKind.GAS, SubmeterKind.WATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowReading:
    """One answer or message of one meter.

    It comes every few minutes at best: it is for balances and bills, never for the
    fast loop. ``status`` are the meter's own complaints, ``raw`` is all it said.
    """

    kind: SubmeterKind
    meter_id: str | None = None
    manufacturer: str | None = None
    timestamp: datetime | None = None
    values: Mapping[SlowQuantity, float] = field(default_factory=dict)
    status: tuple[str, ...] = ()
    raw: tuple[RawValue, ...] = ()

    def submeter(self, channel: int) -> Submeter:
        """Return it as a main meter would have said it: with its one counter."""
        first, other = SlowQuantity.ENERGY, SlowQuantity.VOLUME
        if self.kind in _BY_VOLUME or first not in self.values:
            first, other = other, first
        counter = first if first in self.values else other
        value = self.values.get(counter)
        return Submeter(
            channel=channel,
            kind=self.kind,
            meter_id=self.meter_id,
            timestamp=self.timestamp,
            value=value,
            unit=None if value is None else UNITS[counter],
        )
