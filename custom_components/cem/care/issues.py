"""Repairs issues of what lasts: told after some minutes, taken back when it is over."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
import logging
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval

from custom_components.cem.care.disk import room_of
from custom_components.cem.care.faults import Fault, faults
from custom_components.cem.const import DOMAIN
from custom_components.cem.home import Home

_LOGGER = logging.getLogger(__name__)

EVERY: Final = timedelta(seconds=30)
LASTS_S: Final = 300.0  # what comes and goes by itself is not told


class Issues:
    """The repairs issues of one home.

    One that was told before a reload stays while its fault does; one that a fix flow
    closed is told again only if it lasts.
    """

    def __init__(self, home: Home) -> None:
        """Tell nothing yet."""
        self._home = home
        self._since: dict[str, float] = {}
        self._told = _told(home.hass, home.entry.entry_id)
        self._folder = Path(home.hass.config.config_dir)
        self._looking = asyncio.Lock()

    def start(self) -> Callable[[], None]:
        """Look every half minute until what is returned is called."""
        stop = async_track_time_interval(self._home.hass, self._look, EVERY)

        def stop_and_forget() -> None:
            stop()
            if not self._home.reloading:
                forget_issues(self._home.hass, self._home.entry.entry_id)

        return stop_and_forget

    async def _look(self, now: datetime) -> None:
        del now
        await self.async_look()

    async def async_look(self) -> None:
        """Compare what is wrong with what was told."""
        async with self._looking:
            hass, room = self._home.hass, None
            try:
                room = await hass.async_add_executor_job(room_of, self._folder)
            except OSError as error:
                _LOGGER.debug("The room on the disk is not known: %s", error)
            self._compare({f.issue_id: f for f in faults(self._home, room)})

    @callback
    def _compare(self, wrong: dict[str, Fault]) -> None:
        hass, now_s = self._home.hass, self._home.hass.loop.time()
        there = _told(hass, self._home.entry.entry_id)
        for issue_id in there - wrong.keys():
            ir.async_delete_issue(hass, DOMAIN, issue_id)
        for issue_id in self._told - there:
            self._since.pop(issue_id, None)  # its fix flow ended: it counts anew
        self._since = {i: self._since.get(i, now_s) for i in wrong}
        self._told = {
            issue_id
            for issue_id in wrong
            if issue_id in there or now_s - self._since[issue_id] >= LASTS_S
        }
        for issue_id in self._told:
            self._tell(wrong[issue_id])

    def _tell(self, fault: Fault) -> None:
        ir.async_create_issue(
            self._home.hass,
            DOMAIN,
            fault.issue_id,
            data={
                "entry_id": self._home.entry.entry_id,
                "kind": fault.kind.value,
                **fault.where,
            },
            is_fixable=True,
            severity=fault.severity,
            translation_key=fault.kind.value,
            translation_placeholders=dict(fault.placeholders),
        )


@callback
def forget_issues(hass: HomeAssistant, entry_id: str) -> None:
    """Take back all that was told of a home."""
    for issue_id in _told(hass, entry_id):
        ir.async_delete_issue(hass, DOMAIN, issue_id)


def _told(hass: HomeAssistant, entry_id: str) -> set[str]:
    """Return the issues of a home that have a fix flow and are open."""
    return {
        issue.issue_id
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN
        and issue.active
        and issue.data is not None
        and issue.data.get("entry_id") == entry_id
    }
