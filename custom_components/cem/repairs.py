"""Fix flows of repairs issues: each does something, and looks whether it helped."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, override

from homeassistant.components.homeassistant import (
    DOMAIN as HOMEASSISTANT,
    SERVICE_UPDATE_ENTITY,
)
from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant

from custom_components.cem import wishes
from custom_components.cem.care.entity_fixes import EntityGoneFlow, UnitChangedFlow
from custom_components.cem.care.export import async_delete_exports, folder_of
from custom_components.cem.care.faults import FaultKind, fields_of
from custom_components.cem.care.fix_flow import FixFlow
from custom_components.cem.planning.prices import PRICE_FIELDS

_ANSWERS_WITHIN_S: Final = 5.0


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
