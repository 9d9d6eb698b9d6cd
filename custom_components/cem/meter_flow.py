"""Add or change a meter: what it says is shown before it is kept."""

import asyncio
from typing import Any, Final, override

from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult

from custom_components.cem.const import CONF_METHOD
from custom_components.cem.forms.field import Form
from custom_components.cem.forms.meter import KEYS, METHODS as FORMS
from custom_components.cem.meter_dialog import LOOKS, MeterDialog, Step, secrets_of
from custom_components.cem.subentry_flow import CemSubentryFlow, form_step

_CHOICES: Final = ("keep", "look_again", "change")


class MeterFlow(CemSubentryFlow):
    """Ask for a meter, look at it, ask for its keys, show what it says."""

    _dialog: MeterDialog
    _form: Form
    _watching: asyncio.Task[None] | None = None

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

    async def _next(self, step: Step) -> SubentryFlowResult:
        dialog = self._dialog
        match step:
            case Step.FILL_IN:
                return await self._fill_in_again()
            case Step.METER_KEYS:
                return self.async_show_form(
                    step_id=step,
                    data_schema=KEYS.schema(),
                    errors=dialog.errors,
                    description_placeholders=dialog.placeholders,
                )
            case Step.PRESS_BUTTON:
                return self.async_show_form(step_id=step, errors=dialog.errors)
            case Step.LIVE:
                return await self.async_step_live()
            case Step.TELEGRAM:
                return await self.async_step_telegram()

    async def _fill_in_again(self) -> SubentryFlowResult:
        dialog = self._dialog
        return await self._show(
            dialog.answers[CONF_METHOD],
            self._form,
            self._form.nested(dialog.answers),
            dialog.errors,
            dialog.placeholders,
        )

    async def async_step_live(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show some telegrams as they come, and then ask."""
        del user_input
        if self._watching is None:
            watch = self._dialog.watch(self.async_notify_flow_changed)
            self._watching = self.hass.async_create_task(watch)
        if self._watching.done():
            self._watching = None
            return self.async_show_progress_done(next_step_id=Step.TELEGRAM)
        return self.async_show_progress(
            step_id=Step.LIVE,
            progress_action=Step.LIVE,
            description_placeholders=self._dialog.placeholders,
            progress_task=self._watching,
        )

    async def async_step_telegram(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the telegram, and ask whether it is the meter's."""
        del user_input
        return self.async_show_menu(
            step_id=Step.TELEGRAM,
            menu_options=list(_CHOICES),
            description_placeholders=self._dialog.placeholders,
        )

    async def async_step_meter_keys(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Try the keys of an encrypted meter."""
        return await self._next(await self._dialog.take_keys(user_input or {}))

    async def async_step_press_button(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the token again: the button has been pressed, the user says."""
        del user_input
        return await self._next(await self._dialog.pair(pressed=True))

    async def async_step_look_again(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Wait for the next telegram."""
        del user_input
        return await self._next(await self._dialog.look())

    async def async_step_change(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Go back to the form as it was filled in."""
        del user_input
        self._dialog.errors = {}
        return await self._fill_in_again()

    async def async_step_keep(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Keep the meter that was shown."""
        del user_input
        return self._keep(self._form, self._dialog.data)


for _method in FORMS:
    setattr(MeterFlow, f"async_step_{_method}", form_step(_method))
