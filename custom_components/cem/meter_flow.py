"""Add or change a meter: what it says is shown before it is kept."""

from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_USER,
    SubentryFlowContext,
    SubentryFlowResult,
)

from custom_components.cem.const import CONF_METHOD
from custom_components.cem.forms.form import Form
from custom_components.cem.forms.meter import METHODS as FORMS
from custom_components.cem.meter_dialog import LOOKS, MeterDialog, secrets_of
from custom_components.cem.meter_steps import ShowsMeter
from custom_components.cem.subentry_flow import CemSubentryFlow, form_step


class MeterFlow(
    ShowsMeter[SubentryFlowContext, SubentryFlowResult, tuple[str, str]],
    CemSubentryFlow,
):
    """Ask for a meter, look at it, ask for its keys, show what it says."""

    _choices = ("keep", "look_again", "change")
    _form: Form

    @override
    async def _accept(self, form: Form, data: dict[str, Any]) -> SubentryFlowResult:
        """Look at a meter that we read ourselves; entities show what they say."""
        method = data[CONF_METHOD]
        if method not in LOOKS:
            return self._keep(form, data)
        if self.source != SOURCE_USER:
            before = self._get_reconfigure_subentry().data
            data = secrets_of(before) | data
        self._form, self._dialog = form, MeterDialog(self.hass, data)
        return await self._next(await self._dialog.look())

    @override
    async def _fill_in_again(self) -> SubentryFlowResult:
        dialog = self._dialog
        return await self._show(
            dialog.answers[CONF_METHOD],
            self._form,
            self._form.nested(dialog.answers),
            dialog.errors,
            dialog.placeholders,
        )

    async def async_step_keep(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Keep the meter that was shown."""
        del user_input
        return self._keep(self._form, self._dialog.data)


for _method in FORMS:
    setattr(MeterFlow, f"async_step_{_method}", form_step(_method))
