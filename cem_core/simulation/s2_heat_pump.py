"""The heat pump over S2: operation-mode based control, off or at a power."""

from collections.abc import Mapping
from typing import Any, ClassVar

from cem_core.simulation.heat_pump import HeatPump, SgReady
from cem_core.simulation.home import Home
from cem_core.simulation.s2_resource import (
    Message,
    identifier,
    message,
    powers,
    transition,
)

_OFF, _RUN = "off", "run"


class S2HeatPump:
    """Instructed, its compressor leaves the thermostat; too warm, it stops all the same."""

    device: ClassVar[str] = "heat_pump"
    role: ClassVar[str] = "ENERGY_CONSUMER"
    control_type: ClassVar[str] = "OPERATION_MODE_BASED_CONTROL"

    def __init__(self, heat_pump: HeatPump) -> None:
        """Speak for ``heat_pump``."""
        self._heat_pump = heat_pump

    def power_w(self, home: Home) -> float:
        """Return what it draws."""
        dead = home.faults.dead(self.device, home.now)
        return 0.0 if dead else self._heat_pump.power_w

    def describe(self, home: Home) -> Message:
        """Return its two modes."""
        p = self._heat_pump.parameters
        ranges = {
            _OFF: powers(p.standby_w, p.standby_w),
            _RUN: powers(p.min_power_w + p.standby_w, p.max_power_w + p.standby_w),
        }
        return message(
            "OMBC.SystemDescription",
            valid_from=home.now.isoformat(),
            operation_modes=[
                {
                    "id": identifier(name),
                    "power_ranges": found,
                    "abnormal_condition_only": False,
                }
                for name, found in ranges.items()
            ],
            transitions=[transition(_OFF, _RUN), transition(_RUN, _OFF)],
            timers=[],
        )

    def states(self, home: Home) -> list[Message]:  # noqa: ARG002 (a resource's form)
        """Return which mode it is in."""
        heat_pump, p = self._heat_pump, self._heat_pump.parameters
        running = heat_pump.compressor_w >= p.min_power_w
        above_w = heat_pump.compressor_w - p.min_power_w if running else 0.0
        return [
            message(
                "OMBC.Status",
                active_operation_mode_id=identifier(_RUN if running else _OFF),
                operation_mode_factor=min(1.0, above_w / self._span_w),
            )
        ]

    def instruct(self, home: Home, instruction: Mapping[str, Any]) -> None:  # noqa: ARG002 (a resource's form)
        """Run at a power, or stop."""
        heat_pump, p = self._heat_pump, self._heat_pump.parameters
        share = {
            identifier(_OFF): None,
            identifier(_RUN): float(instruction["operation_mode_factor"]),
        }[instruction["operation_mode_id"]]
        if share is None:
            heat_pump.sg_ready = SgReady.OFF
        else:
            heat_pump.sg_ready = SgReady.FORCED
            heat_pump.power_limit_w = p.min_power_w + share * self._span_w

    def release(self, home: Home) -> None:  # noqa: ARG002 (a resource's form)
        """Follow the thermostat again."""
        self._heat_pump.sg_ready = SgReady.NORMAL
        self._heat_pump.power_limit_w = self._heat_pump.parameters.max_power_w

    @property
    def _span_w(self) -> float:
        p = self._heat_pump.parameters
        return max(1.0, p.max_power_w - p.min_power_w)
