"""The steps that show what a meter says before it is kept, in either kind of flow."""

from abc import abstractmethod
import asyncio
from collections.abc import Hashable
from typing import Any, ClassVar

from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult

from custom_components.cem.forms.meter import KEYS
from custom_components.cem.meter_dialog import MeterDialog, Step


class ShowsMeter[
    Context: FlowContext,
    Result: FlowResult[Any, Any],
    Handler: Hashable,
](FlowHandler[Context, Result, Handler]):
    """Look at a meter, ask for its keys, show it live, then ask what to do."""

    _choices: ClassVar[tuple[str, ...]]  # after the telegram; each is a step
    _dialog: MeterDialog
    _watching: asyncio.Task[None] | None = None

    @abstractmethod
    async def _fill_in_again(self) -> Result:
        """Show what was asked first, with what was wrong with it."""

    async def _next(self, step: Step) -> Result:
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
        return await self.async_step_telegram()

    async def async_step_live(self, user_input: dict[str, Any] | None = None) -> Result:
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
    ) -> Result:
        """Show the telegram, and ask whether it is the meter's."""
        del user_input
        return self.async_show_menu(
            step_id=Step.TELEGRAM,
            menu_options=list(self._choices),
            description_placeholders=self._dialog.placeholders,
        )

    async def async_step_meter_keys(
        self, user_input: dict[str, Any] | None = None
    ) -> Result:
        """Try the keys of an encrypted meter."""
        return await self._next(await self._dialog.take_keys(user_input or {}))

    async def async_step_press_button(
        self, user_input: dict[str, Any] | None = None
    ) -> Result:
        """Ask for the token again: the button has been pressed, the user says."""
        del user_input
        return await self._next(await self._dialog.pair(pressed=True))

    async def async_step_look_again(
        self, user_input: dict[str, Any] | None = None
    ) -> Result:
        """Wait for the next telegram."""
        del user_input
        return await self._next(await self._dialog.look())

    async def async_step_change(
        self, user_input: dict[str, Any] | None = None
    ) -> Result:
        """Go back to what was asked first, as it was filled in."""
        del user_input
        self._dialog.errors = {}
        return await self._fill_in_again()
