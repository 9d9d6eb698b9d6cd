"""The steps of a home's first set-up: at most three forms, then what a plan saves.

What the energy preferences, other integrations and presets know is filled in. A home
of which nothing is said but its connection is set up at once, and its parts are added
one by one.
"""

from collections.abc import Mapping
from itertools import count
from types import MappingProxyType
from typing import Any, Final, override

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.util import dt as dt_util
import probatio

from custom_components.cem.const import CONF_METHOD, DOMAIN, KIND_NAMES, Kind
from custom_components.cem.first_plan import FirstPlanSteps
from custom_components.cem.forms import FORMS
from custom_components.cem.forms.checks import refusals
from custom_components.cem.forms.connection import TERMS
from custom_components.cem.forms.field import text
from custom_components.cem.forms.first_run import (
    ADD,
    DEVICES,
    METER,
    PRICE,
    asked_of,
    devices_schema,
    found_meters,
    method_of,
)
from custom_components.cem.forms.form import Form, flat, sections_filled_in
from custom_components.cem.forms.tariff_preset import (
    about,
    answers_with,
    best_source,
    offered_tariffs,
)
from custom_components.cem.meter_dialog import MeterDialog
from custom_components.cem.meters_here import FoundHere, found_here
from custom_components.cem.prefill import Suggestions, solar_forecast, suggestions
from custom_components.cem.presets import on_this_system
from custom_components.cem.presets.tariffs import TARIFFS, Basis, tariffs_for

_OF_HOME: Final = tuple(field.key for field in TERMS)
_METER: Final = ("power", "power_sign")
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_COUNTERS: Final = ("import_energy", "export_energy")


class FirstRunSteps(FirstPlanSteps):
    """From nothing to a home with a meter, a price and its devices."""

    _tariff_method: str
    _tariff_known: Mapping[str, Any] = MappingProxyType({})
    _tariff_about: str = ""
    _known: dict[Kind, Suggestions]
    _unasked: Mapping[Kind, Suggestions]
    _found: Mapping[str, FoundHere] = MappingProxyType({})

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the home, its connection, its meter and its tariff."""
        if user_input is None:
            self._found = {} if self._accepted else found_here(self.hass)
            return self._show_home(await self._known_of_home(), {})
        errors = refusals(self.hass, self._home_form().fields, user_input)
        errors |= self._take_tariff(user_input)
        if self._is_taken(user_input["name"]):
            errors["name"] = "name_taken"
        if errors:
            return self._show_home(user_input, errors)
        return await self._take_home(user_input)

    def _is_taken(self, name: str) -> bool:
        entries = self.hass.config_entries
        return (
            entries.async_entry_for_domain_unique_id(DOMAIN, name.casefold())
            is not None
        )

    def _free_name(self) -> str:
        """Return what to call the home: another home has another name."""
        usual = self.hass.config.location_name
        names = (usual if n == 1 else f"{usual} {n}" for n in count(1))
        return next(name for name in names if not self._is_taken(name))

    def _home_form(self) -> Form:
        labels = {value: found.label for value, found in self._found.items()}
        return Form(
            fields=(
                text("name", required=True, default=self._free_name()),
                *TERMS,
                *(() if self._accepted else (*found_meters(labels), *METER)),
                offered_tariffs(self.hass, required=False),
                *PRICE,
            )
        )

    def _show_home(
        self,
        filled_in: Mapping[str, Any],
        errors: Mapping[str, str],
        placeholders: Mapping[str, str] = NOTHING,
    ) -> ConfigFlowResult:
        schema = self._home_form().schema()
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(schema, filled_in),
            errors=dict(errors),
            description_placeholders=dict(placeholders),
        )

    async def _known_of_home(self) -> Suggestions:
        meter = await suggestions(self.hass, Kind.METER)
        tariff = await suggestions(self.hass, Kind.TARIFF)
        known: Suggestions = {k: meter[k] for k in _METER if k in meter}
        if not known and self._found:
            known["found_meter"] = next(iter(self._found))
        if "price_entity" in tariff:
            known["price_entity"] = tariff["price_entity"]
        elif best_source(self.hass) is not None or "import_price" in tariff:
            basis = Basis.FIXED if "import_price" in tariff else Basis.MARKET
            country = self.hass.config.country
            fitting = [
                preset
                for preset in tariffs_for(country, dt_util.now().date())
                if preset.basis is basis and preset.country == country
            ]
            if fitting:
                known["tariff_preset"] = fitting[0].tariff_id
        return known

    def _take_tariff(self, said: Mapping[str, Any]) -> dict[str, str]:
        """Find the form of the tariff and what it is filled in with."""
        self._tariff_method, self._tariff_known = "", {}
        preset = TARIFFS.get(said.get("tariff_preset", ""))
        if preset is not None:
            source = best_source(self.hass)
            if "price_entity" not in said:
                if preset.basis is Basis.MARKET and source is None:
                    return {"tariff_preset": "no_price_source"}
                self._tariff_method, self._tariff_known = answers_with(preset, source)
                self._tariff_about = about(self.hass, preset, self._tariff_known)
                return {}
        if "price_entity" in said:
            self._tariff_method = "price_entity"
            keys = {f.key for f in FORMS[Kind.TARIFF]["price_entity"].fields}
            of_preset = {} if preset is None else preset.answers
            self._tariff_known = {k: v for k, v in of_preset.items() if k in keys} | {
                "price_entity": said["price_entity"]
            }
            if preset is not None:
                self._tariff_about = about(self.hass, preset, self._tariff_known)
        return {}

    async def _take_home(self, said: Mapping[str, Any]) -> ConfigFlowResult:
        self._name = said["name"]
        await self.async_set_unique_id(self._name.casefold())
        self._abort_if_unique_id_configured()
        self._terms = {key: said[key] for key in _OF_HOME}
        self._parts = {}
        found = self._found.get(said.get("found_meter", ""))
        if found is not None and found.meter is not None:
            self._said, self._meter = said, found.meter
            self._dialog = MeterDialog(self.hass, found.answers)
            return await self._next(await self._dialog.look())
        if found is not None or "power" in said:
            meter = {key: said[key] for key in _METER if key in said}
            if found is None:
                counters = await suggestions(self.hass, Kind.METER)
                # The energy dashboard also counts what no entity does.
                meter |= {
                    key: counters[key]
                    for key in _COUNTERS
                    if self.hass.states.get(counters.get(key, "")) is not None
                }
            else:
                meter = dict(found.answers)
            part, error = await self._checked(Kind.METER, "entities", meter)
            if error is not None:
                return self._show_home(said, {"base": error})
            self._parts[Kind.METER] = part
        return await self._ask_on()

    async def _ask_on(self) -> ConfigFlowResult:
        """Go on after the home's form, and after a look at its meter."""
        if self._tariff_method:
            return await self.async_step_prices()
        if Kind.METER in self._parts or self._said is not None:
            return await self.async_step_devices()
        return self._create()

    @override
    async def async_step_add_meter(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Begin the home with the meter that was looked at on the way."""
        if self._said is None:
            return await super().async_step_add_meter(user_input)
        self._accepted = self._dialog.data
        return await self._ask_on()

    @override
    def _show_found(
        self, errors: Mapping[str, str], placeholders: Mapping[str, str]
    ) -> ConfigFlowResult:
        """Go back to where the meter was picked."""
        if self._said is None:
            return super()._show_found(errors, placeholders)
        said, self._said = self._said, None
        return self._show_home(said, errors, placeholders)

    async def async_step_prices(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the tariff's numbers, to be looked at."""
        form = FORMS[Kind.TARIFF][self._tariff_method]
        errors: dict[str, str] = {}
        filled_in: Mapping[str, Any] = user_input or {}
        if user_input is None:
            known = await suggestions(self.hass, Kind.TARIFF)
            filled_in = form.nested({**self._tariff_known, **known})
        else:
            answers = flat(user_input)
            errors = refusals(self.hass, form.fields, answers)
            if not errors and form.check:
                errors = dict(await form.check(self.hass, answers))
            if not errors:
                self._parts[Kind.TARIFF] = {CONF_METHOD: self._tariff_method} | answers
                return await self.async_step_devices()
        return self.async_show_form(
            step_id="prices",
            data_schema=sections_filled_in(
                self.add_suggested_values_to_schema(
                    await form.shown(self.hass), filled_in
                ),
                filled_in,
            ),
            errors=form.visible(errors),
            description_placeholders={"about": self._tariff_about},
        )

    async def async_step_devices(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what is not known of roof, battery and car."""
        if user_input is None:
            self._known = {kind: await self._known_of(kind) for kind in DEVICES}
            self._unasked = {Kind.SOLAR: await solar_forecast(self.hass)}
            return self._show_devices({}, {}, "")
        for kind in DEVICES:
            said = dict(user_input.get(kind, {}))
            self._parts.pop(kind, None)
            if not said.pop(ADD, bool(self._known[kind])):
                continue
            if not said.get("name", "").strip():
                said["name"] = self._known[kind].get("name", KIND_NAMES[kind])
            answers, error = await self._checked(
                kind,
                method_of(kind),
                self._unasked.get(kind, {}) | self._known[kind] | said,
            )
            if error is not None:
                return self._show_devices(user_input, {"base": error}, said["name"])
            self._parts[kind] = answers
        return await self.async_step_first_plan()

    def _show_devices(
        self, filled_in: Mapping[str, Any], errors: Mapping[str, str], where: str
    ) -> ConfigFlowResult:
        shown = filled_in or {
            str(kind): {
                key: value
                for key, value in self._known[kind].items()
                if key in {field.key for field in asked_of(kind)}
            }
            for kind in DEVICES
        }
        return self.async_show_form(
            step_id="devices",
            data_schema=sections_filled_in(
                self.add_suggested_values_to_schema(devices_schema(self._known), shown),
                shown,
            ),
            errors=dict(errors),
            description_placeholders={"where": where},
        )

    async def _known_of(self, kind: Kind) -> Suggestions:
        """Return what a preset and the energy preferences say of one device."""
        preferred = await suggestions(self.hass, kind)
        found = next(iter(on_this_system(self.hass, kind)), None)
        by_preset = {} if found is None else dict(found.answers)
        known = preferred | by_preset
        if not known:
            return {}
        usual = {
            field.key: field.default if field.suggested is None else field.suggested
            for field in asked_of(kind)
        }
        usual = {key: value for key, value in usual.items() if value is not None}
        return {"name": KIND_NAMES[kind], **usual, **known}

    async def _checked(
        self, kind: Kind, method: str, answers: Mapping[str, Any]
    ) -> tuple[dict[str, Any], str | None]:
        """Return a part's complete answers, and the error in them, if there is one."""
        form = FORMS[kind][method]
        try:
            complete = flat(form.schema()(form.nested(answers)))
        except probatio.Invalid:
            return {}, "incomplete"
        errors = refusals(self.hass, form.fields, complete)
        if not errors and form.check:
            errors = dict(await form.check(self.hass, complete))
        return {CONF_METHOD: method} | complete, next(iter(errors.values()), None)
