"""The last steps of a home's first set-up: what a plan saves, then the home is made."""

import asyncio
from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigFlowResult, ConfigSubentryData
import probatio

from cem_core.model import Message
from custom_components.cem.const import CONF_METHOD, Kind
from custom_components.cem.first_day import Trial
from custom_components.cem.forms import FORMS
from custom_components.cem.language import renderer
from custom_components.cem.meter_config_flow import MeterSteps
from custom_components.cem.meter_discovery import offered_meters


class FirstPlanSteps(MeterSteps):
    """From what was said of a home to its entry."""

    _name: str
    _terms: dict[str, Any]
    _parts: dict[Kind, dict[str, Any]]
    _said: Mapping[str, Any] | None = None  # with a meter that is looked at first
    _task: asyncio.Task[Message] | None = None
    _is_shown: bool = False

    async def async_step_first_plan(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Plan the first day meanwhile."""
        del user_input
        if self._task is None:
            trial = Trial(self.hass, self._name, self._terms, self._all_parts())
            self._task = self.hass.async_create_background_task(
                trial.async_first_day(), "cem first day"
            )
        if not self._task.done():
            return self.async_show_progress(
                step_id="first_plan",
                progress_action="first_plan",
                progress_task=self._task,
            )
        return self.async_show_progress_done(next_step_id="first_day")

    async def async_step_first_day(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what the plan saves against doing nothing; then the home observes."""
        if self._task is None or (user_input is not None and self._is_shown):
            return self._create()
        self._is_shown = True  # an answer before that was one to the form before
        return self.async_show_form(
            step_id="first_day",
            data_schema=probatio.Schema({}),
            description_placeholders={
                "result": renderer(self.hass).text(self._task.result())
            },
        )

    def async_remove(self) -> None:
        """Plan no more for a home that nobody wants."""
        if self._task is not None:
            self._task.cancel()

    def _create(self) -> ConfigFlowResult:
        if self._said is not None:  # what offered the meter has nothing to offer now
            offers = offered_meters(self.hass)
            if (flow_id := self._said["found_meter"]) in offers:
                self.hass.config_entries.flow.async_abort(flow_id)
        return self.async_create_entry(
            title=self._name, data=self._terms, subentries=self._all_parts()
        )

    def _all_parts(self) -> list[ConfigSubentryData]:
        return [
            *self._subentries(),
            *(
                ConfigSubentryData(
                    data=data,
                    subentry_type=kind,
                    title=_title(kind, data),
                    unique_id=None,
                )
                for kind, data in self._parts.items()
            ),
        ]


def _title(kind: Kind, data: Mapping[str, Any]) -> str:
    """Name a part as its own form would."""
    form = FORMS[kind][data[CONF_METHOD]]
    return str(data.get("name", form.title or kind))
