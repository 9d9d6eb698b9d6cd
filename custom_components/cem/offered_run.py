"""A run that a heat pump's compressor offers over EEBUS (OHPCF), as an entity shows it."""

from typing import Any, Final

from homeassistant.helpers.typing import StateType

from cem_core.eebus.compressor import Compressor
from cem_core.eebus.offer import Phase
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers import EebusDriver

# A device without a run to offer is not one whose word is missing.
NONE: Final = "none"
STATES: Final = (NONE, *(phase.value for phase in Phase))


def _compressor(device: ControlledDevice) -> Compressor | None:
    driver = device.driver
    return driver.compressor if isinstance(driver, EebusDriver) else None


def state(device: ControlledDevice) -> StateType:
    """Return how far it is; None while the device is away."""
    compressor = _compressor(device)
    if compressor is None:
        return None
    return NONE if compressor.offer is None else compressor.offer.phase.value


def attributes(device: ControlledDevice) -> dict[str, Any]:
    """Return what is offered, and why the last step was refused."""
    compressor = _compressor(device)
    if compressor is None or compressor.offer is None:
        return {}
    run = compressor.offer
    return {
        "power": round(run.power_w),
        "pausable": run.pausable,
        "stoppable": run.stoppable,
        "minimum_run": round(run.run_min_s),
        "minimum_pause": round(run.pause_min_s),
        "refused": compressor.refused,
    }
