"""Learn the home's devices once a day, in the worker; nobody waits for it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
import logging
from typing import Any, Final

from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.learning.samples import (
    LEARNED_KINDS,
    async_part,
    stated,
    without_samples,
)
from custom_components.cem.worker_client import WorkerClient, WorkerError

_LOGGER = logging.getLogger(__name__)

EVERY: Final = timedelta(days=1)

type Json = dict[str, Any]
type Errors = Callable[[], Awaitable[Json]]


class Learner:
    """Asks the worker for models and keeps what it answers."""

    def __init__(self, home: Home, worker: WorkerClient) -> None:
        """Learn ``home``; nothing happens before it is asked for."""
        self._home = home
        self._worker = worker
        self._running = False

    async def async_start_values(self) -> None:
        """See to it that every device has a model. Raises `WorkerError`.

        Fast: it takes no samples. A device whose form was changed starts anew.
        """
        parts = {
            device.subentry_id: without_samples(device)
            for device in self._devices()
            if self._stale(device)
        }
        if not parts:
            return
        answer = await self._ask(parts)
        for device in self._devices():
            if device.subentry_id in answer:
                self._keep(device, answer[device.subentry_id])
        self._home.learned.looked_at = None

    def due(self, now: datetime) -> bool:
        """Tell whether it is a day since the home was learned."""
        at = self._home.learned.looked_at
        return not self._running and (
            at is None or now - datetime.fromisoformat(at) >= EVERY
        )

    async def async_learn(self, now: datetime, forecast_errors: Errors) -> None:
        """Learn each device, and ask how far off the forecasts were.

        What fails is logged and tried again after a day, what was given up for a
        limit's plan after that: plans go on with what was known.
        """
        self._running = True
        self._home.learned.looked_at = now.isoformat()
        try:
            self._home.learned.errors = await forecast_errors()
            for device in self._devices():
                part = await async_part(self._home, device, now)
                answer = await self._ask({device.subentry_id: part})
                self._keep(device, answer[device.subentry_id])
        except WorkerError as error:
            if error.kind == "abandoned":
                self._home.learned.looked_at = None
            _LOGGER.info("%s was not learned: %s", self._home.entry.title, error)
        finally:
            self._running = False
        self._home.learned.save_later()
        self._home.notify()

    def _devices(self) -> list[ControlledDevice]:
        return [d for d in self._home.devices.values() if d.kind in LEARNED_KINDS]

    def _stale(self, device: ControlledDevice) -> bool:
        known = self._home.learned.parts.get(device.subentry_id)
        return known is None or known["stated"] != stated(device)

    async def _ask(self, parts: Mapping[str, Json]) -> Json:
        zone = str(self._home.hass.config.time_zone)
        return await self._worker.learn({"time_zone": zone, "parts": dict(parts)})

    def _keep(self, device: ControlledDevice, models: Json) -> None:
        """Keep ``models``; the first ones of a device are its start values."""
        known = self._home.learned.parts.get(device.subentry_id)
        if known is None or self._stale(device):
            start = {name: model["parameters"] for name, model in models.items()}
        else:
            start = known["start"]
        self._home.learned.parts[device.subentry_id] = {
            "stated": stated(device),
            "start": start,
            "models": models,
        }
        self._home.learned.save_later()
