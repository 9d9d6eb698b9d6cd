"""The battery over S2: fill-rate based control, levels in Wh."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from cem_core.simulation.battery import Battery, BatteryMode
from cem_core.simulation.home import Home
from cem_core.simulation.s2_resource import (
    Message,
    identifier,
    message,
    powers,
    span,
    transition,
)

_SECONDS_PER_HOUR: Final = 3600.0
_CHARGE, _DISCHARGE, _INVERTER = "charge", "discharge", "inverter"


class S2Battery:
    """One actuator with a mode each way; instructed, it follows setpoints alone."""

    device: ClassVar[str] = "battery"
    role: ClassVar[str] = "ENERGY_STORAGE"
    control_type: ClassVar[str] = "FILL_RATE_BASED_CONTROL"

    def __init__(self, battery: Battery) -> None:
        """Speak for ``battery``."""
        self._battery = battery
        p = battery.parameters
        # The power at factor 0 and at factor 1: ranges rise.
        self._powers_w = {
            _CHARGE: (0.0, p.charge_limit_w),
            _DISCHARGE: (-p.discharge_limit_w, 0.0),
        }

    def power_w(self, home: Home) -> float:  # noqa: ARG002 (a resource's form)
        """Return what it draws."""
        return self._battery.power_w

    def describe(self, home: Home) -> Message:
        """Return the storage and what fills and empties it."""
        p = self._battery.parameters
        levels = span(p.min_energy_wh, p.capacity_wh)
        fill = p.charge_efficiency / _SECONDS_PER_HOUR  # Wh a second for each W
        drain = 1 / p.discharge_efficiency / _SECONDS_PER_HOUR
        modes = [
            {
                "id": identifier(name),
                "elements": [
                    {
                        "fill_level_range": levels,
                        "fill_rate": span(*(power_w * rate for power_w in powers_w)),
                        "power_ranges": powers(*powers_w),
                    }
                ],
                "abnormal_condition_only": False,
            }
            for (name, powers_w), rate in zip(
                self._powers_w.items(), (fill, drain), strict=True
            )
        ]
        actuator = {
            "id": identifier(_INVERTER),
            "supported_commodities": ["ELECTRICITY"],
            "operation_modes": modes,
            "transitions": [
                transition(_CHARGE, _DISCHARGE),
                transition(_DISCHARGE, _CHARGE),
            ],
            "timers": [],
        }
        return message(
            "FRBC.SystemDescription",
            valid_from=home.now.isoformat(),
            actuators=[actuator],
            storage={
                "fill_level_label": "Wh",
                "provides_leakage_behaviour": False,
                "provides_fill_level_target_profile": False,
                "provides_usage_forecast": False,
                "fill_level_range": levels,
            },
        )

    def states(self, home: Home) -> list[Message]:  # noqa: ARG002 (a resource's form)
        """Return how full it is, and what its inverter does."""
        battery, p = self._battery, self._battery.parameters
        mode = _CHARGE if battery.power_w >= 0 else _DISCHARGE
        start_w, end_w = self._powers_w[mode]
        factor = (battery.power_w - start_w) / (end_w - start_w)
        level_wh = min(p.capacity_wh, max(p.min_energy_wh, battery.energy_wh))
        return [
            message("FRBC.StorageStatus", present_fill_level=level_wh),
            message(
                "FRBC.ActuatorStatus",
                actuator_id=identifier(_INVERTER),
                active_operation_mode_id=identifier(mode),
                operation_mode_factor=min(1.0, max(0.0, factor)),
            ),
        ]

    def instruct(self, home: Home, instruction: Mapping[str, Any]) -> None:  # noqa: ARG002 (a resource's form)
        """Charge or discharge at a power of the mode's range."""
        names = {identifier(name): name for name in self._powers_w}
        start_w, end_w = self._powers_w[names[instruction["operation_mode"]]]
        factor = float(instruction["operation_mode_factor"])
        self._battery.order_mode(BatteryMode.EXTERNAL)
        self._battery.order_setpoint(start_w + factor * (end_w - start_w))

    def release(self, home: Home) -> None:  # noqa: ARG002 (a resource's form)
        """Keep the connection point at zero again."""
        self._battery.order_mode(BatteryMode.SELF_CONSUMPTION)
