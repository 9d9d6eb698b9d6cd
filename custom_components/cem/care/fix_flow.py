"""What every fix flow does: mend, and look whether it helped."""

from collections.abc import Mapping
from pathlib import Path

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntry
from homeassistant.helpers import issue_registry as ir
import probatio

from custom_components.cem.care.disk import room_of
from custom_components.cem.care.faults import Fault, faults
from custom_components.cem.const import DOMAIN
from custom_components.cem.home import Home

type Data = Mapping[str, str | int | float | None]


class FixFlow(RepairsFlow):
    """A flow that begins with one thing to confirm."""

    def __init__(self, entry: ConfigEntry[Home], about: Data) -> None:
        """Mend what ``about``, the issue's data, tells of ``entry``."""
        self._entry = entry
        self._about = about

    @property
    def _home(self) -> Home:
        home: Home = self._entry.runtime_data
        return home

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin."""
        del user_input
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Mend it once that is confirmed, and look whether it helped."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=probatio.Schema({}),
                description_placeholders=self._told(),
            )
        await self._mend()
        return await self._end()

    async def _mend(self) -> None:
        """Do what may help: look again, where a person mends it elsewhere."""
        self._home.cycle()

    async def _end(self) -> RepairsFlowResult:
        """Close the issue where it helped; else say that it did not."""
        fault = await self._fault()
        if fault is None:
            return self.async_create_entry(data={})
        placeholders = dict(fault.placeholders)
        return self.async_abort(
            reason="still_wrong", description_placeholders=placeholders
        )

    async def _fault(self) -> Fault | None:
        """Return the fault as it is now, None: it is gone."""
        config_dir = self.hass.config.config_dir
        room = await self.hass.async_add_executor_job(room_of, Path(config_dir))
        wrong = {fault.issue_id: fault for fault in faults(self._home, room)}
        return wrong.get(self.issue_id)

    def _told(self) -> Mapping[str, str]:
        """Return the words that the issue stands with."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        return (issue and issue.translation_placeholders) or {}
