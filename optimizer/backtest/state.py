"""The home between two steps: what its stores hold and what has run."""

from dataclasses import dataclass, field
from typing import Any, Self

from optimizer.home import Battery, HeatPump, Home


@dataclass(slots=True, kw_only=True)
class StateOfHome:
    """Energies in kWh, temperatures in degrees Celsius, by device.

    ``car_kwh`` counts from 0 at arrival; ``run_start`` is the step in which an
    appliance began.
    """

    battery_kwh: dict[str, float] = field(default_factory=dict)
    car_kwh: dict[str, float] = field(default_factory=dict)
    indoor_c: dict[str, float] = field(default_factory=dict)
    run_start: dict[str, int] = field(default_factory=dict)

    @classmethod
    def initial(cls, home: Home) -> Self:
        """Return the state that HOME.yaml begins with."""
        state = cls()
        for device in home.devices:
            if isinstance(device, Battery):
                state.battery_kwh[device.id] = device.initial_energy_kwh
            elif isinstance(device, HeatPump):
                state.indoor_c[device.id] = device.thermal.initial_c
        return state

    def to_json(self) -> dict[str, Any]:
        """Return it for a state file."""
        return {
            "battery_kwh": self.battery_kwh,
            "car_kwh": self.car_kwh,
            "indoor_c": self.indoor_c,
            "run_start": self.run_start,
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """Return the state of a state file."""
        return cls(**document)
