"""Meters beside the one at the connection point: gas, water, heat, and slow ones.

Their readings come every few minutes at best. Nothing here reaches the fast loop:
they have a type of their own, and only sensors take it.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
import logging
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback

from cem_core.model.slow_reading import SlowReading
from custom_components.cem.const import CONF_METHOD, Kind
from custom_components.cem.submeters.gateway import GatewayMeter
from custom_components.cem.submeters.mbus import MbusMeters
from custom_components.cem.submeters.source import SlowResult, SlowSource
from custom_components.cem.submeters.wmbusmeters import WmbusMeters

_LOGGER: Final = logging.getLogger(__name__)

type MeterId = tuple[str, str]  # the subentry, and the key within it
type Listener = Callable[[MeterId], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowMeter:
    """What is known of one meter; ``cause``: why it could not be read the last time."""

    meter_id: MeterId
    title: str
    reading: SlowReading | None = None
    cause: str | None = None


class Submeters:
    """All of a home's slow meters."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Take the home's subentries; read nothing yet."""
        self._hass = hass
        self._entry = entry
        self._sources = {
            subentry.subentry_id: source_of(hass, subentry)
            for subentry in entry.subentries.values()
            if subentry.subentry_type == Kind.SUBMETER
        }
        self._meters: dict[MeterId, SlowMeter] = {}
        self._listeners: list[Listener] = []
        self._tasks: list[asyncio.Task[None]] = []
        for subentry_id, source in self._sources.items():
            for key in source.keys:
                self._meter(subentry_id, key, several=len(source.keys) > 1)

    @property
    def meters(self) -> Mapping[MeterId, SlowMeter]:
        """The meters that are known by now."""
        return self._meters

    @property
    def subentry_ids(self) -> Collection[str]:
        """The subentries that describe them."""
        return self._sources.keys()

    @callback
    def start(self) -> None:
        """Begin to read them."""
        for subentry_id, source in self._sources.items():
            task = self._entry.async_create_background_task(
                self._hass, self._run(subentry_id, source), "cem slow meters"
            )
            self._tasks.append(task)

    async def async_stop(self) -> None:
        """Read no more."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @callback
    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` when a meter is new or says something."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def expect(self, meter_id: MeterId) -> None:
        """Take a meter that was there before Home Assistant started."""
        self._meter(
            *meter_id, several=meter_id[1] not in self._sources[meter_id[0]].keys
        )

    async def _run(self, subentry_id: str, source: SlowSource) -> None:
        await source.run(lambda result: self._take(subentry_id, result))

    @callback
    def _take(self, subentry_id: str, result: SlowResult) -> None:
        several = result.key not in self._sources[subentry_id].keys
        before = self._meter(subentry_id, result.key, several=several)
        if result.reading is None:
            after = replace(before, cause=result.cause)
            if before.cause is None:
                _LOGGER.warning("%s cannot be read: %s", before.title, result.cause)
        else:
            after = replace(before, reading=result.reading, cause=None)
            if before.cause is not None:
                _LOGGER.info("%s is read again", before.title)
        self._meters[after.meter_id] = after
        for listener in tuple(self._listeners):
            listener(after.meter_id)

    def _meter(self, subentry_id: str, key: str, *, several: bool) -> SlowMeter:
        meter_id = subentry_id, key
        title = self._entry.subentries[subentry_id].title
        new = SlowMeter(meter_id=meter_id, title=f"{title} {key}" if several else title)
        return self._meters.setdefault(meter_id, new)


def source_of(hass: HomeAssistant, subentry: ConfigSubentry) -> SlowSource:
    """Return what reads the meters that a subentry describes."""
    match subentry.data[CONF_METHOD]:
        case "gateway":
            return GatewayMeter(hass, subentry.data)
        case "wmbusmeters":
            return WmbusMeters(hass, subentry.data)
        case _:
            return MbusMeters(subentry.data)
