"""Fix flows for an entity that serves no more."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_UNIT_OF_MEASUREMENT
from homeassistant.helpers import entity_registry as er
import probatio

from custom_components.cem.care.faults import fields_of, form_of
from custom_components.cem.care.fix_flow import FixFlow
from custom_components.cem.forms.checks import refusals
from custom_components.cem.forms.field import Field

_ENTITY: Final = "entity"


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
