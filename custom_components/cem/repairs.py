"""Fix flows of repairs issues: each does something, and looks whether it helped."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, override

from homeassistant.components.homeassistant import (
    DOMAIN as HOMEASSISTANT,
    SERVICE_UPDATE_ENTITY,
)
from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentry
from homeassistant.const import ATTR_ENTITY_ID, CONF_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import probatio

from custom_components.cem import wishes
from custom_components.cem.care.disk import room_of
from custom_components.cem.care.export import async_delete_exports, folder_of
from custom_components.cem.care.faults import (
    Fault,
    FaultKind,
    faults,
    fields_of,
    form_of,
)
from custom_components.cem.const import DOMAIN
from custom_components.cem.forms.checks import refusals
from custom_components.cem.forms.field import Field
from custom_components.cem.home import Home
from custom_components.cem.planning.prices import PRICE_FIELDS

_ENTITY: Final = "entity"
_ANSWERS_WITHIN_S: Final = 5.0
type Data = Mapping[str, str | int | float | None]


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow that mends an issue of `care.issues`."""
    del issue_id
    entry = None
    if data is not None:
        entry = hass.config_entries.async_get_entry(str(data["entry_id"]))
    if data is None or entry is None or entry.state is not ConfigEntryState.LOADED:
        return ConfirmRepairFlow()  # nothing is left to mend
    return _FLOWS[FaultKind(str(data["kind"]))](entry, data)


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
        """Do what may help."""
        raise NotImplementedError

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


class _EntityFlow(FixFlow):
    """An entity that serves no more: choose another, or do without it."""

    @override
    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask which way."""
        if self._field() is None:
            return self.async_create_entry(data={})  # it was mended meanwhile
        return self.async_show_menu(
            step_id="init",
            menu_options=self._ways(),
            description_placeholders=self._told(),
        )

    def _ways(self) -> list[str]:
        field = self._field()
        needed = field is None or field.required
        return ["choose"] if needed else ["choose", "forget"]

    def _field(self) -> Field | None:
        """Return the field that the entity is in, None: it no longer is."""
        subentry = self._subentry
        found = () if subentry is None else fields_of(subentry)
        wanted = self._about["field"], self._entity_id
        fields = (field for field, entity in found if (field.key, entity) == wanted)
        return next(fields, None)

    @property
    def _entity_id(self) -> str:
        return str(self._about["entity"])

    @property
    def _subentry(self) -> ConfigSubentry | None:
        return self._entry.subentries.get(str(self._about["subentry_id"]))

    async def async_step_choose(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Take another entity, if it passes what the form checks."""
        field, errors = self._field(), dict[str, str]()
        if field is None:
            return self.async_create_entry(data={})
        if user_input is not None:
            errors = await self._keep({field.key: user_input[_ENTITY]})
            if not errors:
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="choose",
            data_schema=probatio.Schema({probatio.Required(_ENTITY): field.selector}),
            errors=errors,
            description_placeholders=self._told(),
        )

    async def async_step_forget(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Do without it, if the form can."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._keep({str(self._about["field"]): None})
            if not errors:
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="forget",
            data_schema=probatio.Schema({}),
            errors=errors,
            description_placeholders=self._told(),
        )

    async def _keep(self, changes: Mapping[str, str | None]) -> dict[str, str]:
        """Keep the changed answers, or return why they are refused.

        The entry's update listener reloads.
        """
        subentry = self._subentry
        if subentry is None or (form := form_of(subentry)) is None:
            return {}
        changed = {**subentry.data, **changes}
        data = {key: value for key, value in changed.items() if value is not None}
        own = tuple(field for field in form.fields if field.key in changes)
        if errors := refusals(self.hass, own, data):
            return {"base": next(iter(errors.values()))}
        # What was filled in with an older form lacks what is younger.
        usual = {f.key: f.default for f in form.fields if f.default is not None}
        if form.check is not None and await form.check(self.hass, usual | data):
            return {"base": "form_refuses"}
        self.hass.config_entries.async_update_subentry(self._entry, subentry, data=data)
        return {}


class EntityGoneFlow(_EntityFlow):
    """An entity that is not there: it may only be disabled."""

    @override
    def _ways(self) -> list[str]:
        entry = er.async_get(self.hass).async_get(self._entity_id)
        return [*super()._ways(), *(["enable"] if entry and entry.disabled else [])]

    async def async_step_enable(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Enable it; Home Assistant reloads what it belongs to."""
        del user_input
        registry = er.async_get(self.hass)
        registry.async_update_entity(self._entity_id, disabled_by=None)
        return self.async_create_entry(data={})


class UnitChangedFlow(_EntityFlow):
    """An entity whose unit is another: somebody may have chosen it in its settings."""

    @override
    def _ways(self) -> list[str]:
        return [*super()._ways(), *(["unit"] if self._chosen() else [])]

    def _chosen(self) -> Mapping[str, Any] | None:
        entry = er.async_get(self.hass).async_get(self._entity_id)
        options: Mapping[str, Any] = entry.options.get("sensor", {}) if entry else {}
        return options if CONF_UNIT_OF_MEASUREMENT in options else None

    async def async_step_unit(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Give the entity its own unit back."""
        del user_input
        options = dict(self._chosen() or {})
        options.pop(CONF_UNIT_OF_MEASUREMENT, None)
        er.async_get(self.hass).async_update_entity_options(
            self._entity_id, "sensor", options or None
        )
        return self.async_create_entry(data={})


class _AskAnewFlow(FixFlow):
    """A feed that is over or short: ask whoever foretells, and plan anew."""

    @override
    async def _mend(self) -> None:
        home = self._home
        asked = [
            entity_id
            for subentry in home.entry.subentries.values()
            for field, entity_id in fields_of(subentry)
            if field.key in _FORETELLING and self.hass.states.get(entity_id)
        ]
        if asked and self.hass.services.has_service(
            HOMEASSISTANT, SERVICE_UPDATE_ENTITY
        ):
            await self.hass.services.async_call(
                HOMEASSISTANT,
                SERVICE_UPDATE_ENTITY,
                {ATTR_ENTITY_ID: asked},
                blocking=True,
            )
        await home.replan_now()


_FORETELLING: Final = (
    *PRICE_FIELDS,
    "forecast_entity",
    "outdoor_forecast",
)


class MeterSilentFlow(FixFlow):
    """A meter that says nothing: open its line anew."""

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Reload the home; devices keep their orders meanwhile."""
        if user_input is not None:
            self._home.reloading = True
            await self.hass.config_entries.async_reload(self._entry.entry_id)
            return self.async_create_entry(data={})
        return await super().async_step_confirm()


class LookAgainFlow(FixFlow):
    """What a person mends elsewhere: whoever did lets it be looked at again."""

    @override
    async def _mend(self) -> None:
        self._home.cycle()


class DeviceRefusesFlow(FixFlow):
    """A device that refuses: order it once more, or leave it alone."""

    @override
    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask which way."""
        del user_input
        return self.async_show_menu(
            step_id="init",
            menu_options=["try_again", "leave_alone"],
            description_placeholders=self._told(),
        )

    async def async_step_try_again(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Order it at once, whatever its entities say."""
        del user_input
        device = self._home.devices[str(self._about["device_id"])]
        device.problem = None
        device.insist()
        self._home.cycle()
        with suppress(TimeoutError):
            async with asyncio.timeout(_ANSWERS_WITHIN_S):
                await device.join()
        return await self._end()

    async def async_step_leave_alone(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Turn its control switch off, which hands it back."""
        del user_input
        device = self._home.devices[str(self._about["device_id"])]
        await wishes.async_set_control(self._home, device, on=False)
        device.problem = None
        return self.async_create_entry(data={})


class DiskFlow(FixFlow):
    """A disk that is nearly full: delete exports of the CEM, then measure again."""

    @override
    async def _mend(self) -> None:
        await async_delete_exports(self.hass, folder_of(self.hass))


_FLOWS: Final[Mapping[FaultKind, type[FixFlow]]] = {
    FaultKind.ENTITY_GONE: EntityGoneFlow,
    FaultKind.UNIT_CHANGED: UnitChangedFlow,
    FaultKind.PRICES_STALE: _AskAnewFlow,
    FaultKind.FORECAST_SHORT: _AskAnewFlow,
    FaultKind.METER_SILENT: MeterSilentFlow,
    FaultKind.CLOCK_OFF: LookAgainFlow,
    FaultKind.DEVICE_REFUSES: DeviceRefusesFlow,
    FaultKind.ENTITIES_AWAY: LookAgainFlow,
    FaultKind.DISK_NEARLY_FULL: DiskFlow,
}
