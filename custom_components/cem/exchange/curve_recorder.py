"""The meter's registers at the boundaries of the clock, noted as telegrams come.

Noted in the event loop, written by a thread every five minutes: one row a direction.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
import logging
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from cem_core.archive import ArchiveError, CurveArchive
from cem_core.exchange import CurveError, LoadCurve
from cem_core.exchange.from_registers import (
    Boundary,
    CurveKey,
    Followers,
    Tolerance,
    values_of,
)
from cem_core.model import Reading
from custom_components.cem.const import DOMAIN
from custom_components.cem.exchange.statistics import async_add_statistics

_LOGGER: Final = logging.getLogger(__name__)
QUARTER_HOUR: Final = timedelta(minutes=15)
_HOUR: Final = timedelta(hours=1)
_MOST_WAITING: Final = 2_000  # half a week that the disk does not take
_CALCULATED: Final = Tolerance().calculated
_BELIEVED: Final = timedelta(days=1)  # a meter's clock farther off is not


def path_of(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where a home's curves are: in the configuration, so in its backups."""
    return Path(hass.config.path(f"{DOMAIN}_curves", entry_id, "curves.sqlite"))


class CurveRecorder:
    """Records the load curves of a home."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        *,
        source: str | None,
        silent_after_s: float,
        over: Callable[[LoadCurve], None],
    ) -> None:
        """Record nothing yet; ``over`` hears of each quarter hour that is over.

        ``source`` names the meter in telegrams that do not say which it is. A gap is
        what is longer than ``silent_after_s``: slow meters have none.
        """
        self._hass = hass
        self._entry = entry
        self._source = source
        self._over = over
        silent_after = timedelta(seconds=silent_after_s)
        self._tolerance = Tolerance(calculated=max(_CALCULATED, silent_after))
        self.archive = CurveArchive(path_of(hass, entry.entry_id))
        self.refused = 0  # values of a register that went back
        self._followers: Followers | None = None
        self._registers: dict[str, set[str]] = defaultdict(set)
        self._waiting: list[tuple[CurveKey, Boundary]] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def mid(self) -> bool:
        """Whether the user says that the meter's registers are MID registers."""
        return bool(self._entry.options.get("mid_meter", False))

    @callback
    def start(self) -> None:
        """Go on where it was left."""
        self._begin(self._resume)

    async def async_stop(self) -> None:
        """Write what waits."""
        if self._task is not None:
            await self._task
        if self._waiting:
            await self._write()

    @callback
    def take(self, reading: Reading, heard: datetime) -> None:
        """Note a telegram."""
        if self._followers is None:
            return
        if not self._whole(reading):
            return
        if abs((reading.timestamp or heard) - heard) > _BELIEVED:
            self._refuse(f"the meter's clock says {reading.timestamp}")
            return
        for value in values_of(reading, heard, self._source):
            try:
                settled = self._followers.add(value)
            except CurveError as error:
                self._refuse(str(error))
                continue
            self._waiting += [(value.curve, each) for each in settled]
        if self._waiting and (self._task is None or self._task.done()):
            del self._waiting[:-_MOST_WAITING]
            self._begin(self._write)

    def _whole(self, reading: Reading) -> bool:
        """Tell whether no tariff's register is left out: their sum would be another."""
        for name in ("import_energy_wh", "export_energy_wh"):
            registers, known = set(getattr(reading, name)), self._registers[name]
            if registers and "total" not in registers and registers < known:
                return False
            known |= registers
        return True

    def _begin(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._task = self._hass.async_create_background_task(
            work(), f"cem curves {self._entry.entry_id}"
        )

    def _refuse(self, cause: str) -> None:
        if not self.refused:
            _LOGGER.warning(
                "Not in the load curves of %s: %s", self._entry.title, cause
            )
        self.refused += 1

    async def _resume(self) -> None:
        followers = Followers(tolerance=self._tolerance)
        try:
            last = await self._hass.async_add_executor_job(self._open)
        except ArchiveError as error:
            self._complain(str(error))
            last = {}
        for key, boundary in last.items():
            followers.resume(key, boundary)
        self._followers = followers

    def _open(self) -> dict[CurveKey, Boundary]:
        self.archive.prune(dt_util.utcnow())
        return self.archive.last()

    async def _write(self) -> None:
        """Write what waits; what the disk does not take waits for the next telegram."""
        found = tuple(self._waiting)
        try:
            await self._hass.async_add_executor_job(self._keep, found)
            del self._waiting[: len(found)]
            ir.async_delete_issue(self._hass, DOMAIN, self._issue_id)
            times = {boundary.time for _, boundary in found}
            for time in sorted(times):
                if _is_on(time, QUARTER_HOUR):
                    await self._tell(time)
            if any(_is_on(time, _HOUR) for time in times):
                await async_add_statistics(
                    self._hass, self._entry, self.archive, max(times)
                )
        except ArchiveError as error:
            self._complain(str(error))

    def _keep(self, found: tuple[tuple[CurveKey, Boundary], ...]) -> None:
        self.archive.keep(found, mid=self.mid)

    async def _tell(self, end: datetime) -> None:
        curves = await self.async_read(QUARTER_HOUR, end - QUARTER_HOUR, end)
        for curve in curves:
            self._over(curve)

    async def async_read(
        self,
        resolution: timedelta,
        start: datetime,
        end: datetime,
        *,
        spread: bool = False,
        imported: bool = False,
    ) -> tuple[LoadCurve, ...]:
        """Return the curves of a span. Raises `ArchiveError`."""

        def read() -> tuple[LoadCurve, ...]:
            return self.archive.read(
                resolution, start, end, spread=spread, imported=imported
            )

        return await self._hass.async_add_executor_job(read)

    @callback
    def _complain(self, reason: str) -> None:
        _LOGGER.error("Load curves of %s cannot be kept: %s", self._entry.title, reason)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key="curves_unwritable",
            translation_placeholders={"home": self._entry.title, "reason": reason},
        )

    @property
    def _issue_id(self) -> str:
        return f"curves_unwritable_{self._entry.entry_id}"


def _is_on(time: datetime, step: timedelta) -> bool:
    return time.timestamp() % step.total_seconds() == 0
