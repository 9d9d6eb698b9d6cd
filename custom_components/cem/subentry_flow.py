"""Add or change a meter, a tariff or a device: one flow for every kind."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
)
import probatio

from custom_components.cem.const import CONF_METHOD, Kind
from custom_components.cem.forms import FORMS, ONLY, SINGLE, ocpp, para14a, s2
from custom_components.cem.forms.checks import commanded_twice, refusals
from custom_components.cem.forms.eebus import taken
from custom_components.cem.forms.form import Form, flat, sections_filled_in
from custom_components.cem.forms.tariff_preset import (
    about,
    answers_with,
    best_source,
    offered_tariffs,
)
from custom_components.cem.prefill import least_allowed, suggestions
from custom_components.cem.presets import Found, on_this_system, unused
from custom_components.cem.presets.tariffs import TARIFFS

type Step = Callable[[Any, dict[str, Any] | None], Awaitable[SubentryFlowResult]]


def form_step(method: str) -> Step:
    """Return the step that shows and takes the form of ``method``."""

    async def step(
        self: CemSubentryFlow, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        return await self.async_fill_in(method, user_input)

    return step


class CemSubentryFlow(ConfigSubentryFlow):
    """Ask for the fields of a kind, check them, keep them."""

    _preset: Mapping[str, Any] = MappingProxyType({})
    _about: str = ""  # where the numbers of a preset come from

    @property
    def _kind(self) -> Kind:
        return Kind(self.handler[1])

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add one: by its only form, or by a method chosen from a menu."""
        kind, entry = self._kind, self._get_entry()
        taken = any(s.subentry_type == kind for s in entry.subentries.values())
        if kind in SINGLE and taken and self.source == SOURCE_USER:
            return self.async_abort(reason="only_one")
        if user_input is None and self._devices():
            return await self.async_step_found()
        return await self._by_hand(user_input)

    def _devices(self) -> dict[str, Found]:
        """Return the devices that a preset knows and nobody has set up here yet."""
        used = [
            v for s in self._get_entry().subentries.values() for v in s.data.values()
        ]
        found = unused(on_this_system(self.hass, self._kind), used)
        return {one.device_id: one for one in found}

    async def async_step_found(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Offer the devices found on this system; none picked: fill in by hand."""
        found = self._devices()
        if user_input is None:
            offered = [
                SelectOptionDict(value=device_id, label=one.label)
                for device_id, one in found.items()
            ]
            picker = SelectSelector(SelectSelectorConfig(options=offered))
            schema = probatio.Schema({probatio.Optional("device"): picker})
            return self.async_show_form(step_id="found", data_schema=schema)
        one = found.get(user_input.get("device", ""))
        if one is None:
            return await self._by_hand(None)
        self._preset = one.answers
        return await self.async_fill_in(one.preset.method, None)

    async def _by_hand(self, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        kind = self._kind
        if ONLY in FORMS[kind]:
            return await self.async_fill_in(ONLY, user_input)
        by_country = ["by_country"] if kind is Kind.TARIFF else []
        return self.async_show_menu(
            step_id="user", menu_options=[*by_country, *FORMS[kind]]
        )

    async def async_step_by_country(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Pick a tariff of the country; its numbers are then looked at in the form."""
        if user_input is None:
            form = Form(fields=(offered_tariffs(self.hass),))
            return self.async_show_form(step_id="by_country", data_schema=form.schema())
        preset = TARIFFS[user_input["tariff_preset"]]
        method, self._preset = answers_with(preset, best_source(self.hass))
        self._about = about(self.hass, preset, self._preset)
        return await self.async_fill_in(method, None)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change one, with the method it was made by."""
        del user_input
        method = self._get_reconfigure_subentry().data[CONF_METHOD]
        return await self.async_fill_in(method, None)

    async_step_mbus_tcp = form_step("mbus_tcp")
    async_step_mbus_serial = form_step("mbus_serial")
    async_step_wmbusmeters = form_step("wmbusmeters")
    async_step_gateway = form_step("gateway")
    async_step_single_contact = form_step("single_contact")
    async_step_fnn_relays = form_step("fnn_relays")
    async_step_price_entity = form_step("price_entity")
    async_step_nordpool = form_step("nordpool")
    async_step_energyzero = form_step("energyzero")
    async_step_easyenergy = form_step("easyenergy")
    async_step_tibber = form_step("tibber")
    async_step_time_of_use = form_step("time_of_use")
    async_step_fixed = form_step("fixed")
    async_step_power_limit = form_step("power_limit")
    async_step_climate = form_step("climate")
    async_step_water_heater = form_step("water_heater")
    async_step_sg_ready = form_step("sg_ready")
    async_step_sg_contacts = form_step("sg_contacts")
    async_step_on_off = form_step("on_off")
    async_step_modbus = form_step("modbus")
    async_step_eebus = form_step("eebus")
    async_step_s2 = form_step("s2")

    async def async_fill_in(
        self, method: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        """Show the form until what is filled in passes every check."""
        country = self.hass.config.country
        form = para14a.extended(FORMS[self._kind][method], self._kind, country)
        errors: dict[str, str] = {}
        if user_input is not None:
            answers = flat(user_input)
            errors = refusals(self.hass, form.fields, answers) or commanded_twice(
                self.hass, self._kind, form.fields, answers, self._own_id
            )
            if not errors and form.check:
                errors = dict(await form.check(self.hass, answers))
            if not errors and taken(self.hass, answers, self._own_id):
                errors = {"ski": "ski_taken"}
            if not errors and ocpp.taken(self.hass, answers, self._own_id):
                errors = {"station": "station_taken"}
            if not errors and s2.taken(self.hass, answers, self._own_id):
                errors = {"s2_token": "s2_token_taken"}
            if not errors:
                return await self._accept(form, {CONF_METHOD: method} | answers)
            filled_in = user_input
        elif self.source == SOURCE_USER:
            known = await suggestions(self.hass, self._kind)
            minimum = least_allowed(self._get_entry(), self._kind)
            filled_in = form.nested(known | minimum | dict(self._preset))
        else:
            filled_in = form.nested(self._get_reconfigure_subentry().data)
        return await self._show(method, form, filled_in, errors)

    async def _show(
        self,
        method: str,
        form: Form,
        filled_in: Mapping[str, Any],
        errors: Mapping[str, str],
        placeholders: Mapping[str, str] = MappingProxyType({}),
    ) -> SubentryFlowResult:
        described = await form.placeholders(self.hass) if form.placeholders else {}
        return self.async_show_form(
            step_id=method,
            data_schema=sections_filled_in(
                self.add_suggested_values_to_schema(
                    await form.shown(self.hass), filled_in
                ),
                filled_in,
            ),
            errors=form.visible(errors),
            description_placeholders={
                **described,
                "about": self._about,
                **placeholders,
            },
        )

    async def _accept(self, form: Form, data: dict[str, Any]) -> SubentryFlowResult:
        """Take answers that passed every check."""
        return self._keep(form, data)

    @property
    def _own_id(self) -> str | None:
        if self.source == SOURCE_USER:
            return None
        return self._get_reconfigure_subentry().subentry_id

    def _keep(self, form: Form, data: dict[str, Any]) -> SubentryFlowResult:
        title = data.get("name", form.title or self._kind)
        if self.source == SOURCE_USER:
            return self.async_create_entry(title=title, data=data)
        # The entry's update listener reloads: never reload here as well.
        return self.async_update_and_abort(
            self._get_entry(),
            self._get_reconfigure_subentry(),
            title=title,
            data=data,
        )
