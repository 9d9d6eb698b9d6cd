"""The tools of LLMs: the intents, under an API of their own."""

from collections.abc import Iterable
from typing import Final, override

from homeassistant.core import HomeAssistant
from homeassistant.helpers import llm

from custom_components.cem.assist.handler import AnswerHandler
from custom_components.cem.const import DOMAIN
from custom_components.cem.home import Home

_PROMPT: Final = (
    "These tools answer for the Consumer Energy Manager, which plans the home's "
    "battery, car, heat pump and appliances and keeps the power limits of the grid "
    "connection. Repeat the numbers and times of their answers as they are and add "
    "none. Call charge only when the user asks for it."
)


class CemAPI(llm.API):
    """What a conversation agent may be given besides Assist, or instead of it."""

    def __init__(self, hass: HomeAssistant, handlers: Iterable[AnswerHandler]) -> None:
        """Offer the intents of ``handlers``."""
        super().__init__(hass=hass, id=DOMAIN, name="Consumer Energy Manager")
        self._handlers = tuple(handlers)

    @override
    async def async_get_api_instance(
        self, llm_context: llm.LLMContext
    ) -> llm.APIInstance:
        """Return the tools, and in the prompt which devices there are."""
        return llm.APIInstance(
            api=self,
            api_prompt=f"{_PROMPT}\n{self._devices()}",
            llm_context=llm_context,
            tools=[_tool(handler) for handler in self._handlers],
            custom_serializer=llm.selector_serializer,
        )

    def _devices(self) -> str:
        entries = self.hass.config_entries.async_loaded_entries(DOMAIN)
        homes: list[Home] = [entry.runtime_data for entry in entries]
        return "\n".join(
            f"- {device.model.name} ({device.kind.value})"
            for home in homes
            for device in home.devices.values()
        )


def _tool(handler: AnswerHandler) -> llm.Tool:
    """Return the intent as a tool in the form of this very Home Assistant."""
    tool = llm.IntentTool(handler.question.tool, handler)
    tool.integration = DOMAIN
    # Home Assistant 2026.9 has no annotations.
    if annotations := getattr(llm, "ToolAnnotations", None):
        tool.annotations = annotations(
            read_only=not handler.question.acts,
            destructive=False,
            idempotent=True,
            open_world=False,
        )
    return tool
