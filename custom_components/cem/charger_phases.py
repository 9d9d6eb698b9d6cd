"""How a charger is commanded and described on the phases that its car uses."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant

from custom_components.cem.car_phases import CarPhases
from custom_components.cem.const import Kind
from custom_components.cem.describe import describe
from custom_components.cem.drivers import (
    TRANSLATIONS,
    EntityDriver,
    EvccDriver,
    ModbusDriver,
    OcppDriver,
)
from custom_components.cem.phase_choice import PhaseChoice

if TYPE_CHECKING:
    from custom_components.cem.controlled import ControlledDevice

# Over what protocol it can be ordered, where no entity switches them.
_SWITCHES: Final = (
    "switches_phases",
    "evcc_switches_phases",
    "modbus_switches_phases",
)


def phase_choice(data: Mapping[str, Any]) -> PhaseChoice | None:
    """Return what chooses the phases, None: nothing can."""
    ordered = any(data.get(key, False) for key in _SWITCHES)
    if not ("phase_switch" in data or ordered) or data.get("phases") != "3":
        return None
    return PhaseChoice(data["min_current"])


def choose(
    hass: HomeAssistant, device: ControlledDevice, now_s: float, wanted_w: float | None
) -> bool:
    """Switch phases where another number suits; tell whether that changed."""
    if device.choice is None or not device.choice.update(now_s, wanted_w):
        return False
    device.phases = CarPhases(device.choice.count)
    _use(hass, device, device.choice.count)
    device.queue.forget()  # the same power is another current now
    return True


def follow(
    hass: HomeAssistant, device: ControlledDevice, now_s: float, said: int | None
) -> bool:
    """Count on the phases that the car uses; tell whether that changed.

    ``said`` is what the charger itself says, None where it does not.
    """
    if device.kind is not Kind.EV_CHARGER or not device.phases.update(
        now_s,
        offered_w=device.driver.held_w(),
        power_w=device.power_w,
        connected=device.connected,
        said=said,
    ):
        return False
    _use(hass, device, device.phases.count)
    return True


def _use(hass: HomeAssistant, device: ControlledDevice, count: int) -> None:
    """Command it, and describe it, as it is on ``count`` phases."""
    data = {**device.data, "phases": str(count)}
    if device.choice is not None:
        data["phases_chosen"] = str(device.choice.count)
    if isinstance(device.driver, EntityDriver):
        device.driver.translate(TRANSLATIONS[device.kind](data))
    elif (
        isinstance(device.driver, OcppDriver | ModbusDriver)
        and device.choice is not None
    ):
        device.driver.use_phases(device.choice.count)
    elif isinstance(device.driver, EvccDriver):
        choice = device.choice
        configured = None if choice is None else choice.count
        device.driver.use_phases(count, configured=configured)
    real = describe(
        hass, device.kind, data, device_id=device.device_id, name=device.model.name
    )
    device.model = replace(
        device.model,
        rated_power_w=real.rated_power_w,
        min_power_w=real.min_power_w,
        step_w=real.step_w,
        phases=real.phases,
        phase_count=real.phase_count,
    )
