"""The steps of the config flow that are about a meter: one that was found, its keys."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, override

from homeassistant.config_entries import (
    ConfigFlow,
    ConfigFlowContext,
    ConfigFlowResult,
    ConfigSubentry,
    ConfigSubentryData,
)
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
)
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
from homeassistant.helpers.service_info.usb import UsbServiceInfo

from custom_components.cem.const import Kind
from custom_components.cem.forms.field import Field
from custom_components.cem.forms.form import Form
from custom_components.cem.forms.meter import KEYS, SPEED, TITLE
from custom_components.cem.meter_dialog import MeterDialog, Step
from custom_components.cem.meter_discovery import (
    FoundMeter,
    by_mqtt,
    by_usb,
    homes_without_meter,
    is_used,
    remember,
)
from custom_components.cem.meter_steps import ShowsMeter


class MeterSteps(ShowsMeter[ConfigFlowContext, ConfigFlowResult, str], ConfigFlow):
    """Show a meter that was found, and add it to a home; renew a meter's keys."""

    _choices = ("add_meter", "look_again", "change")
    _meter: FoundMeter
    _home_id: str | None = None
    _accepted: dict[str, Any] | None = None  # the meter of a home still to be named
    _renewed: ConfigSubentry

    async def async_step_usb(self, discovery_info: UsbServiceInfo) -> ConfigFlowResult:
        """Offer a cable that was plugged in; nothing is opened yet."""
        return await self._offer(await by_usb(self.hass, discovery_info))

    async def async_step_mqtt(
        self, discovery_info: MqttServiceInfo
    ) -> ConfigFlowResult:
        """Offer a gateway that was heard."""
        return await self._offer(by_mqtt(discovery_info))

    async def _offer(self, found: FoundMeter | None) -> ConfigFlowResult:
        if found is None:
            return self.async_abort(reason="no_meter")
        await self.async_set_unique_id(found.unique_id)
        if await is_used(self.hass, found):
            return self.async_abort(reason="already_in_use")
        if self._async_current_entries() and not homes_without_meter(self.hass):
            return self.async_abort(reason="no_home_for_meter")
        remember(self.hass, found)
        self._meter = found
        self.context["title_placeholders"] = {"name": found.name}
        return await self.async_step_meter_found()

    async def async_step_meter_found(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Look at it once a person wants that."""
        if user_input is not None:
            said = dict(user_input)
            homes = homes_without_meter(self.hass)
            self._home_id = said.pop("home", next(iter(homes), None))
            self._dialog = MeterDialog(self.hass, self._meter.data | said)
            return await self._next(await self._dialog.look())
        return self._show_found({}, {})

    def _show_found(
        self, errors: Mapping[str, str], placeholders: Mapping[str, str]
    ) -> ConfigFlowResult:
        homes = homes_without_meter(self.hass)
        form = Form(
            fields=(
                *((SPEED,) if self._meter.method == "serial" else ()),
                *((_which(homes),) if len(homes) > 1 else ()),
            )
        )
        return self.async_show_form(
            step_id="meter_found",
            data_schema=form.schema(),
            errors=dict(errors),
            description_placeholders={"name": self._meter.name, **placeholders},
        )

    @override
    async def _fill_in_again(self) -> ConfigFlowResult:
        return self._show_found(self._dialog.errors, self._dialog.placeholders)

    async def async_step_add_meter(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add the meter that was shown: to its home, or to one that begins with it."""
        del user_input
        home = self.hass.config_entries.async_get_entry(self._home_id or "")
        if home is None:
            self._accepted = self._dialog.data
            return await self.async_step_user()
        if home.entry_id not in homes_without_meter(self.hass):
            return self.async_abort(reason="no_home_for_meter")
        subentry = ConfigSubentry(
            data=MappingProxyType(self._dialog.data),
            subentry_type=Kind.METER,
            title=TITLE,
            unique_id=None,
        )
        self.hass.config_entries.async_add_subentry(home, subentry)
        return self.async_abort(reason="meter_added")

    def _subentries(self) -> list[ConfigSubentryData]:
        """Return what a new home begins with."""
        if self._accepted is None:
            return []
        return [
            ConfigSubentryData(
                data=self._accepted,
                subentry_type=Kind.METER,
                title=TITLE,
                unique_id=None,
            )
        ]

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Ask for the key of a meter whose telegrams cannot be read any more."""
        self._renewed = self._get_reauth_entry().subentries[entry_data["subentry_id"]]
        self._dialog = MeterDialog(self.hass, self._renewed.data)
        return self._show_reauth({})

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Try the new key, and keep it when it fits."""
        dialog, entry = self._dialog, self._get_reauth_entry()
        if await dialog.take_keys(user_input or {}) is not Step.LIVE:
            return self._show_reauth(dialog.errors)
        # The entry's update listener reloads.
        self.hass.config_entries.async_update_subentry(
            entry, self._renewed, data=dialog.answers
        )
        return self.async_abort(reason="reauth_successful")

    def _show_reauth(self, errors: Mapping[str, str]) -> ConfigFlowResult:
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=KEYS.schema(),
            errors=dict(errors),
            description_placeholders={
                "meter": self._renewed.title,
                "home": self._get_reauth_entry().title,
                **self._dialog.placeholders,
            },
        )


def _which(homes: Mapping[str, str]) -> Field:
    """Return the field that asks which home the meter belongs to."""
    options = [
        SelectOptionDict(value=entry_id, label=title)
        for entry_id, title in homes.items()
    ]
    config = SelectSelectorConfig(options=options)
    return Field(key="home", selector=SelectSelector(config), required=True)
