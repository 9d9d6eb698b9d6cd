"""A run that a heat pump's compressor offers over EEBUS (OHPCF), as an entity shows it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from homeassistant.helpers.typing import StateType

from cem_core.eebus.compressor import Compressor
from cem_core.eebus.offer import Phase
from cem_core.eebus.planned_run import PlannedRun, planned_run
from cem_core.model import Message, Plan, Reason
from cem_core.model.units import kw
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers import EebusDriver

# A device without a run to offer is not one whose word is missing.
NONE: Final = "none"
STATES: Final = (NONE, *(phase.value for phase in Phase))


def _compressor(device: ControlledDevice) -> Compressor | None:
    driver = device.driver
    return driver.compressor if isinstance(driver, EebusDriver) else None


def with_offered_runs(plan: Plan, devices: Iterable[ControlledDevice]) -> Plan:
    """Return the plan in which each offered run has a block, before what heats else.

    Why it begins then is why the heat pump is to run: the plan's own reason follows.
    """
    found = []
    for device in devices:
        compressor, planned = _compressor(device), plan.devices.get(device.device_id)
        if compressor is None or compressor.offer is None or planned is None:
            continue
        powers = [step.power_w for step in planned.steps]
        run = planned_run(compressor.offer, plan.edges, powers)
        if run is not None:
            found.append(_reason(plan, device, run))
    return replace(plan, reasons=(*found, *plan.reasons)) if found else plan


def _reason(plan: Plan, device: ControlledDevice, run: PlannedRun) -> Reason:
    message = _goes_on(run) if run.begun else _offered(run)
    heats = next(plan.reasons_for(device.device_id, run.start), None)
    return Reason(
        device_id=device.device_id,
        start=run.start,
        end=run.end,
        message=message if heats is None else message.then(heats.message),
        limited_by=None if heats is None else heats.limited_by,
    )


def _offered(run: PlannedRun) -> Message:
    return Message.of(
        "heat_pump_run_offered",
        power_kw=kw(run.power_w),
        minutes=run.minutes,
        start_time=run.start,
    )


def _goes_on(run: PlannedRun) -> Message:
    return Message.of(
        "heat_pump_run_goes_on",
        power_kw=kw(run.power_w),
        minutes=run.minutes,
        end_time=run.end,
    )


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
