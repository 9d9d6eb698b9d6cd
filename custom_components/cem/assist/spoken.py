"""The sentences that Assist's own agent hears, made anew as homes come and go.

A device's sentences are said with its very names: one that any word would fit into
would take sentences away from Home Assistant.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
import logging
from typing import Any, Final

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import intent
from homeassistant.helpers.script import ScriptRunResult
from homeassistant.helpers.trigger import async_initialize_triggers

from custom_components.cem.assist.meant import names_of
from custom_components.cem.assist.vocabulary import Vocabulary
from custom_components.cem.const import DOMAIN
from custom_components.cem.home import Home

_LOGGER = logging.getLogger(__name__)
_AGENT: Final = "conversation"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """What a group of sentences means."""

    intent_type: str
    slots: Mapping[str, str]
    commands: tuple[str, ...]


class Spoken:
    """Keeps the agent's sentences as the homes are."""

    def __init__(self, hass: HomeAssistant, vocabulary: Vocabulary) -> None:
        """Hear nothing yet."""
        self._hass = hass
        self._vocabulary = vocabulary
        self._homes: list[Home] = []
        self._listens = False
        self._heard: tuple[_Heard, ...] = ()
        self._stop: Callable[[], None] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def async_listen(self, hass: HomeAssistant, component: str) -> None:
        """Begin: the agent is there."""
        del hass, component
        self._listens = True
        await self._async_renew()

    async def async_add(self, home: Home) -> None:
        """Hear also about this home."""
        self._homes.append(home)
        await self._async_renew()

    async def async_remove(self, home: Home) -> None:
        """Hear no more about this home."""
        self._homes.remove(home)
        await self._async_renew()

    async def _async_renew(self) -> None:
        async with self._one_at_a_time:
            if self._stop is not None:
                self._stop()
                self._stop = None
            if not self._listens or not self._homes:
                return
            self._heard = self._all()
            self._stop = await async_initialize_triggers(
                self._hass,
                [
                    {"platform": _AGENT, "id": str(number), "command": heard.commands}
                    for number, heard in enumerate(self._heard)
                ],
                self._async_answer,
                DOMAIN,
                "Assist",
                _LOGGER.log,
            )

    def _all(self) -> tuple[_Heard, ...]:
        articles = "|".join(self._vocabulary.articles)
        names = names_of(self._homes, self._vocabulary)
        found = []
        for said in self._vocabulary.sentences:
            for name in names if said.about_device else ("",):
                device = {"device": name} if said.about_device else {}
                called = f"[{articles}] {name}"
                commands = (t.replace("{device}", called) for t in said.templates)
                found.append(
                    _Heard(
                        intent_type=said.intent_type,
                        slots={**said.slots, **device},
                        commands=tuple(commands),
                    )
                )
        return tuple(found)

    async def _async_answer(
        self, variables: dict[str, Any], context: Context | None = None
    ) -> ScriptRunResult:
        """Answer as the intent does, and for who speaks."""
        del context
        trigger = variables["trigger"]
        heard, said = self._heard[int(trigger["id"])], trigger["user_input"]
        try:
            response = await intent.async_handle(
                self._hass,
                DOMAIN,
                heard.intent_type,
                slots={name: {"value": value} for name, value in heard.slots.items()},
                text_input=said["text"],
                context=Context(user_id=said["context"]["user_id"]),
                language=said["language"],
                assistant=_AGENT,
                device_id=said["device_id"],
            )
        except intent.IntentHandleError as error:
            answer = str(error)
        else:
            answer = response.speech["plain"]["speech"]
        return ScriptRunResult(
            conversation_response=answer, service_response=None, variables={}
        )
