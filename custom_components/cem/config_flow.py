"""Set up a home: its grid connection, then what hangs on it as subentries."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import probatio

from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.first_run import FirstRunSteps
from custom_components.cem.forms import (
    FORMS,
    ONLY,
    carbon,
    connection,
    eebus,
    notices,
    ocpp,
    s2,
)
from custom_components.cem.forms.checks import refusals
from custom_components.cem.forms.field import (
    EntityNeeds,
    Field,
    entity,
    number,
    text,
    yes_no,
)
from custom_components.cem.forms.form import Form, flat, sections_filled_in
from custom_components.cem.learning.presence import DOMAINS
from custom_components.cem.meter_discovery import (
    SERVICES as METER_SERVICES,
    by_zeroconf,
)
from custom_components.cem.meter_flow import MeterFlow
from custom_components.cem.settings import installed_kw
from custom_components.cem.ship_discovery import (
    Found,
    discovered,
    home_for,
    locate,
    pair,
)
from custom_components.cem.subentry_flow import CemSubentryFlow

OPTIONS: Final = (
    number("hand_off_minutes", 1, 1440, unit="min", default=120),
    number("record_interval", 1, 60, unit="s", default=10),
    number("imbalance_limit", 0.5, 100, unit="kVA"),
    number("charging_site_limit", 1.4, 1000, unit="kW"),
    number("return_least", 60, 300, unit="s", default=60),
    number("return_most", 60, 300, unit="s", default=180),
    number("return_after_cut", 60, 1800, unit="s", default=300),
    number("reconnect_ramp", 1, 100, unit="%/min", default=10),
    number("annual_consumption", 100, 100000, unit="kWh", default=3500),
    yes_no("mid_meter", default=False),
    entity("away", EntityNeeds(domains=DOMAINS)),
    entity("weather", EntityNeeds(domains=("weather",))),
    yes_no("whole_diagnostics", default=False),
    *connection.FIELDS,
    *carbon.FIELDS,
    *eebus.LISTENS,
    *ocpp.LISTENS,
    *s2.LISTENS,
)


class CemConfigFlow(FirstRunSteps, domain=DOMAIN):
    """Ask for the home and its contract with the grid operator."""

    VERSION = 1
    MINOR_VERSION = 2

    _found_box: Found
    _home: ConfigEntry

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Every kind of subentry takes the same flow, but for the meter."""
        flows: dict[str, type[ConfigSubentryFlow]] = dict.fromkeys(
            map(str, FORMS), CemSubentryFlow
        )
        return flows | {str(Kind.METER): MeterFlow}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the flow for what may be tuned."""
        return CemOptionsFlow()

    async def async_step_zeroconf(
        self, discovery_info: ZeroconfServiceInfo
    ) -> ConfigFlowResult:
        """Offer what was found in the network: a meter, or what is to be paired."""
        if discovery_info.type in METER_SERVICES:
            return await self._offer(by_zeroconf(discovery_info))
        found = await discovered(self.hass, discovery_info)
        if found is None:
            return self.async_abort(reason="no_control_box")
        await self.async_set_unique_id(f"eebus_{found.ski}")
        if locate(self.hass, found):
            return self.async_abort(reason="already_paired")
        if (home := home_for(self.hass, found)) is None:
            return self.async_abort(reason="no_home_to_pair")
        self._found_box, self._home = found, home
        self.context["title_placeholders"] = {"name": found.name}
        if found.is_control_box:
            return await self.async_step_pair()
        return await self.async_step_pair_device()

    async def async_step_pair(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show who was found; a person says whether it is the control box."""
        if user_input is not None:
            pair(self.hass, self._home, self._found_box)
            return self.async_abort(reason="paired")
        form = Form(fields=(await eebus.own_qr_code(self.hass),))
        return self.async_show_form(
            step_id="pair",
            data_schema=form.schema(),
            description_placeholders=await self._shown(),
        )

    async def async_step_pair_device(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show which device was found; a person says what it is."""
        del user_input
        return self.async_show_menu(
            step_id="pair_device",
            menu_options=["pair_ev_charger", "pair_heat_pump"],
            description_placeholders=await self._shown(),
        )

    async def async_step_pair_ev_charger(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Pair a wallbox."""
        keys = ("plugged", "phases", "max_current")
        return await self._pair_device(Kind.EV_CHARGER, ONLY, keys, user_input)

    async def async_step_pair_heat_pump(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Pair a heat pump."""
        keys = ("max_power",)
        return await self._pair_device(Kind.HEAT_PUMP, "eebus", keys, user_input)

    async def _pair_device(
        self,
        kind: Kind,
        method: str,
        keys: tuple[str, ...],
        user_input: dict[str, Any] | None,
    ) -> ConfigFlowResult:
        """Ask for what matters to limits; the rest is in the device's settings."""
        asked = tuple(f for f in FORMS[kind][method].fields if f.key in keys)
        name = text("name", required=True, default=self._found_box.name)
        form = Form(fields=(name, *asked, eebus.FAILSAFE_POWER))
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = refusals(self.hass, asked, user_input)
            if not errors:
                pair(
                    self.hass,
                    self._home,
                    self._found_box,
                    kind=kind,
                    method=method,
                    said=user_input,
                )
                return self.async_abort(reason="device_paired")
        return self.async_show_form(
            step_id=f"pair_{kind}",
            data_schema=self.add_suggested_values_to_schema(
                form.schema(), user_input or {}
            ),
            errors=errors,
            description_placeholders=await self._shown(),
        )

    async def _shown(self) -> dict[str, str]:
        """Return who was found, and who we are."""
        return {
            "name": self._found_box.name,
            "ski": eebus.spaced(self._found_box.ski),
            "home": self._home.title,
            **await eebus.own(self.hass),
        }

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the contract's limits."""
        entry = self._get_reconfigure_entry()
        if user_input is not None:
            return self.async_update_and_abort(entry, data_updates=user_input)
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                Form(fields=connection.TERMS).schema(), entry.data
            ),
        )


class CemOptionsFlow(OptionsFlow):
    """Tune what has a sensible default."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for who may do what, and for times and shares."""
        filled_in: Mapping[str, Any] = self.config_entry.options
        errors: dict[str, str] = {}
        if user_input is not None:
            filled_in = flat(notices.without_section(user_input))
            errors = {
                **connection.refused(filled_in, installed_kw(self.config_entry)),
                **carbon.refused(self.hass, filled_in),
                **notices.refused(filled_in),
                **eebus.address_refused(filled_in),
                **ocpp.cards_refused(filled_in),
            }
            if not errors:
                return self.async_create_entry(data=filled_in)
        users = await _users(self.hass)
        people = (_people("limit_users", users), _people("guests", users))
        form = Form(fields=(*people, *OPTIONS))
        schema: probatio.Schema = self.add_suggested_values_to_schema(
            form.schema().extend(notices.notices_section(self.hass)),
            notices.with_section(filled_in) | form.nested(filled_in),
        )
        shown = notices.with_section(filled_in) | form.nested(filled_in)
        return self.async_show_form(
            step_id="init",
            data_schema=sections_filled_in(schema, shown),
            errors=form.visible(errors),
        )


async def _users(hass: HomeAssistant) -> list[SelectOptionDict]:
    """Return the people who are no administrators."""
    return [
        SelectOptionDict(value=user.id, label=user.name or user.id)
        for user in await hass.auth.async_get_users()
        if not user.system_generated and not user.is_admin
    ]


def _people(key: str, users: list[SelectOptionDict]) -> Field:
    """Return a field that names some of ``users``."""
    config = SelectSelectorConfig(
        options=users,
        multiple=True,
        custom_value=True,
        mode=SelectSelectorMode.DROPDOWN,
    )
    return Field(key=key, selector=SelectSelector(config))
