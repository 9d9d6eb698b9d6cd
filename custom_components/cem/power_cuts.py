"""After a power cut: notice it, and let devices come back one after the other."""

from collections.abc import Callable
from datetime import datetime, timedelta
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, callback
from homeassistant.util import dt as dt_util

from cem_core.dispatch import Comeback, ends_s
from cem_core.insight.power_cut import Failures, PowerCut, PowerCutWatch, Sign
from cem_core.model import Cause, Reading
from custom_components.cem.events import HomeEvent, power_returned
from custom_components.cem.fast_loop import FastLoop

if TYPE_CHECKING:
    from custom_components.cem.home import Home

_LOGGER = logging.getLogger(__name__)

# Linux draws it at each start of the machine, and tells it to containers too.
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
# A meter that says nothing for so long after the start refutes nothing.
_SETTLED_AFTER_S: Final = 30.0


def boot_id() -> str | None:
    """Return what names this run of the machine, None: it does not tell. Blocks."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return None


class PowerCuts:
    """What one home knows of power cuts.

    The store says whether Home Assistant stopped cleanly and on which run of the
    machine; one that crashed while the machine ran on lost no power.
    """

    boot: str | None = None

    def __init__(self, home: Home, loop: FastLoop) -> None:
        """Know of none before `start`."""
        self._home = home
        self._loop = loop
        self._settings = home.settings.dispatch(0)
        self._watch = PowerCutWatch(None, suspected=False)
        self._sign = Sign.STOPPED
        self._started_s = 0.0
        self._untold: HomeEvent | None = None
        self._heard = False  # whether there is anybody yet to tell

    def start(self) -> Callable[[], None]:
        """Look how the last run ended, and note that this one has begun.

        Returns what ends the listening for the end of Home Assistant.
        """
        home, store = self._home, self._home.store
        self._started_s = home.hass.loop.time()
        same_run = self.boot is not None and self.boot == store.boot
        known = store.failures
        self._watch = PowerCutWatch(
            None if known is None else Failures.from_json(known),
            suspected=not store.stopped and not same_run,
        )
        if self._watch.suspected:
            # Nothing may rise until the meter has said whether it was one.
            self._come_back(timedelta())
        else:
            self._go_on()
        store.stopped, store.boot = False, self.boot
        self._save()
        return home.hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._stops)

    def stop(self) -> None:
        """Note that the home is stopped, and not by a power cut."""
        self._home.store.stopped = True

    def tell(self) -> None:
        """Tell of what was noticed before anybody listened."""
        self._heard = True
        if self._untold is not None:
            self._home.fire(self._untold)
            self._untold = None

    @callback
    def _stops(self, _: Event) -> None:
        self.stop()
        self._home.store.save_later()  # written at the end of Home Assistant

    def take(self, reading: Reading | None) -> None:
        """Look at a telegram before it is decided upon, at None now and then."""
        if reading is None:
            waited_s = self._home.hass.loop.time() - self._started_s
            if self._watch.suspected and waited_s >= _SETTLED_AFTER_S:
                self._watch.suspected = False
                self._is_back(PowerCut(sign=Sign.STOPPED), begun=True)
            return
        known, suspected = self._watch.known, self._watch.suspected
        cut = self._watch.look(reading, self._home.hass.loop.time())
        if self._watch.known is not None and self._watch.known != known:
            self._home.store.failures = self._watch.known.to_json()
            self._home.store.save_later()
        if cut is not None:
            self._is_back(cut, begun=suspected)
        elif suspected:
            _LOGGER.info("The meter of %s counted no failure", self._home.entry.title)
            self._loop.comeback = None

    @property
    def comeback(self) -> Comeback | None:
        """When each device may rise, None: nothing waits."""
        return self._loop.comeback

    def free_at(self, device_id: str) -> datetime | None:
        """Return until when a device waits, None: it does not."""
        comeback, now_s = self._loop.comeback, self._home.hass.loop.time()
        if comeback is None or not self.holds(device_id):
            return None
        free_s = comeback.free_s.get(device_id, now_s)
        return self._time(free_s) if free_s > now_s else None

    def holds(self, device_id: str) -> bool:
        """Tell whether a device does less because the power was cut."""
        order = self._home.snapshot.setpoints.get(device_id)
        return order is not None and order.cause is Cause.POWER_CUT

    def as_json(self) -> dict[str, Any] | None:
        """Return the cut that devices come back from, None: there is none."""
        comeback = self._loop.comeback
        if comeback is None:
            return None
        return {
            "sign": self._sign.value,
            "since": self._time(comeback.since_s).isoformat(),
            "until": self._time(ends_s(comeback, self._settings)).isoformat(),
        }

    def _is_back(self, cut: PowerCut, *, begun: bool) -> None:
        """Let the devices wait for their turns, and tell of it.

        ``begun``: they do already, since the start.
        """
        home, comeback = self._home, self._loop.comeback
        now_s = home.hass.loop.time()
        young_s = self._settings.return_least_s
        if not begun and comeback and now_s - comeback.since_s < young_s:
            return  # another sign of the same cut
        if not begun or cut.ago:
            self._come_back(cut.ago)
        self._sign = cut.sign
        if (comeback := self._loop.comeback) is None:
            return  # so long ago that everything would be back by now
        home.store.power_back = {
            "at": self._time(comeback.since_s).isoformat(),
            "sign": cut.sign.value,
        }
        self._save()
        last_s = max(comeback.free_s.values(), default=now_s)
        _LOGGER.warning("The power of %s was cut (%s)", home.entry.title, cut.sign)
        self._untold = power_returned(
            sign=cut.sign.value,
            since=self._time(comeback.since_s),
            until=self._time(last_s),
        )
        if self._heard:
            self.tell()

    def _come_back(self, ago: timedelta) -> None:
        devices = tuple(device.model for device in self._home.devices.values())
        now_s = self._home.hass.loop.time()
        self._loop.come_back(devices, since_s=now_s - ago.total_seconds())
        comeback = self._loop.comeback
        if comeback is not None and ends_s(comeback, self._settings) <= now_s:
            self._loop.comeback = None

    def _go_on(self) -> None:
        """Wait on where a reload has interrupted it."""
        back = self._home.store.power_back
        if back is None:
            return
        ago = dt_util.utcnow() - datetime.fromisoformat(back["at"])
        if ago >= timedelta():  # else somebody has set the clock
            self._sign = Sign(back["sign"])
            self._come_back(ago)

    def _time(self, monotonic_s: float) -> datetime:
        seconds = monotonic_s - self._home.hass.loop.time()
        return (dt_util.utcnow() + timedelta(seconds=seconds)).replace(microsecond=0)

    def _save(self) -> None:
        home = self._home
        home.entry.async_create_task(home.hass, home.store.async_save(), "cem store")
