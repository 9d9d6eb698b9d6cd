"""When cars that share a line will be ready, as far as no plan says it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from homeassistant.util import dt as dt_util

from cem_core.dispatch.charging_queue import Car, ready_at
from cem_core.model import DeviceKind, DeviceState
from custom_components.cem.controlled import ControlledDevice

_KWH: Final = 1000.0
_ANEW_EVERY: Final = timedelta(minutes=1)


class ReadyTimes:
    """Plays the queue forward, but not for each that asks."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._at: datetime | None = None
        self._needs: Mapping[str, object] = {}
        self._ready: Mapping[str, datetime | None] = {}

    def of(
        self,
        device: ControlledDevice,
        devices: Mapping[str, ControlledDevice],
        states: Mapping[str, DeviceState],
        site_w: int,
    ) -> datetime | None:
        """Return when the car at ``device`` will be ready; None: not foretold."""
        now = dt_util.utcnow()
        cars = {
            device_id: car
            for device_id, state in states.items()
            if (car := _car(devices[device_id], state)) is not None
        }
        said = {
            name: (car.departs_at, car.priority, round((car.needed_wh or 0) / _KWH))
            for name, car in cars.items()
        }
        if self._at is None or now - self._at >= _ANEW_EVERY or said != self._needs:
            self._ready = ready_at(tuple(cars.values()), site_w, now)
            self._at, self._needs = now, said
        return self._ready.get(device.device_id)


def _car(device: ControlledDevice, state: DeviceState) -> Car | None:
    model, need = device.model, state.need
    if model.kind is not DeviceKind.EV_CHARGER or need is None:
        return None
    return Car(
        socket=model.device_id,
        arrived_at=need.arrived_at,
        departs_at=need.departs_at,
        needed_wh=need.needed_wh,
        priority=model.shed_rank + need.priority,
        least_w=model.min_power_w,
        most_w=model.rated_power_w,
    )
