"""What a day's devices would have done without a CEM, as far as it is not in HOME."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import math
from typing import Final

from homeassistant.core import State
from homeassistant.util import dt as dt_util

from cem_core.model.units import kw
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.planning.steps import STEP
from custom_components.cem.saving.heat import habit, kept_temperatures
from custom_components.cem.saving.observed import Observed
from custom_components.cem.saving.past_states import async_states
from custom_components.cem.saving.runs import Run, runs_of, usual
from custom_components.cem.saving.store import Price

_ANY: Final = (-math.inf, math.inf)
_READY_BEFORE: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftAlone:
    """By device: °C and kW by the quarter hour; runs of appliances.

    ``solar_kw`` is what roofs could have given. A heat pump without a thermostat keeps
    the lowest temperature that is wished, a water heater the one that it is set to.
    """

    thermostats: Mapping[str, Sequence[float]]
    solar_kw: Mapping[str, Sequence[float]]
    runs: Sequence[Run]


async def async_left_alone(
    home: Home, seen: Observed, prices: Sequence[Price], *, controlled: bool
) -> LeftAlone:
    """Return what would have been; a day that was only observed is what was."""
    thermostats = {}
    for name in (*seen.heat_pumps, *seen.water_heaters):
        device = home.devices[name]
        kept = home.savings.temperatures.get(device.subentry_id)
        bounds = _wished_c(device)
        if not controlled:
            kept, bounds = habit(None, seen, name), _ANY
        if (column := kept_temperatures(kept, bounds, seen)) is not None:
            thermostats[name] = column
    solar_kw = {
        name: _possible(home, home.devices[name], seen, prices)
        if controlled
        else seen.solar[name]
        for name in seen.solar
    }
    runs = [
        run
        for name in seen.appliances
        for run in runs_of(
            home.devices[name],
            seen,
            controlled=controlled,
            ready=await _made_ready(home, home.devices[name], seen)
            if controlled
            else (),
            usual_minute=usual(
                home.savings.starts.get(home.devices[name].subentry_id, ())
            ),
        )
    ]
    return LeftAlone(thermostats=thermostats, solar_kw=solar_kw, runs=runs)


def _wished_c(device: ControlledDevice) -> tuple[float, float]:
    if device.kind is Kind.WATER_HEATER:
        return device.form["min_temperature"], device.data["max_temperature"]
    return device.form["comfort_min"], device.form["comfort_max"]


def learn_habits(home: Home, seen: Observed, runs: Sequence[Run]) -> None:
    """Keep what a day that was only observed tells of habits."""
    for name in (*seen.heat_pumps, *seen.water_heaters):
        subentry_id = home.devices[name].subentry_id
        before = home.savings.temperatures.get(subentry_id)
        home.savings.temperatures[subentry_id] = habit(before, seen, name)
    for run in runs:
        subentry_id = home.devices[run.device_id].subentry_id
        minute = run.first * STEP // timedelta(minutes=1)
        home.savings.note_start(subentry_id, minute)


def _possible(
    home: Home, device: ControlledDevice, seen: Observed, prices: Sequence[Price]
) -> list[float]:
    """Return what a roof gave, or could have where feeding in cost something.

    Only then a plan curtails; what an operator takes away is gone in every course.
    """
    measured = seen.solar[device.device_id]
    if not device.controllable:
        return list(measured)
    said = home.learned.issued.get(device.subentry_id, {})
    possible = []
    for t, (power_kw, (_, sells)) in enumerate(zip(measured, prices, strict=True)):
        hour = (seen.start + t * STEP).replace(minute=0)
        foretold_kw = kw(said.get(hour.isoformat(), 0.0))
        possible.append(max(power_kw, foretold_kw) if sells < 0 else power_kw)
    return possible


async def _made_ready(
    home: Home, device: ControlledDevice, seen: Observed
) -> Sequence[datetime]:
    """Return when the appliance became ready, in order; nothing without an entity."""
    if device.kind is not Kind.APPLIANCE or "ready" not in device.data:
        return ()
    end = seen.start + len(seen.imported) * STEP
    states = await async_states(
        home.hass, device.data["ready"], seen.start - _READY_BEFORE, end
    )
    found, was = [], True  # what was so before is not known to have begun
    for state in states:
        now = _is_ready(device, state)
        if now and not was:
            found.append(dt_util.as_utc(state.last_changed))
        was = now
    return found


def _is_ready(device: ControlledDevice, state: State) -> bool:
    return state.state in ("on", device.data.get("ready_state", "ready"))
