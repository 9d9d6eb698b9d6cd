"""The sentences that Assist's own agent hears, made anew as homes come and go.

A device's sentences are said with its very names: one that any word would fit into
would take sentences away from Home Assistant. They are those of all languages, since
each conversation has one of its own.
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
from custom_components.cem.assist.name_said import PRINTED_APOSTROPHE, name_said
from custom_components.cem.assist.vocabulary import Vocabulary, Words
from custom_components.cem.const import DOMAIN
from custom_components.cem.home import Home

_LOGGER = logging.getLogger(__name__)
_AGENT: Final = "conversation"


@dataclass(frozen=True, slots=True)
class _Way:
    """A template in a language, and what the devices are called in it."""

    template: str
    words: Words
    names: tuple[str, ...]

    @property
    def command(self) -> str:
        """The agent's template; an apostrophe is the typewriter's or the printer's."""
        called = self.words.called(self.names) if self.names else ""
        either = f"('|{PRINTED_APOSTROPHE})"
        return self.template.replace("{device}", called).replace("'", either)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """What a group of sentences means."""

    intent_type: str
    slots: Mapping[str, str]
    ways: tuple[_Way, ...]

    def named(self, text: str) -> Mapping[str, str]:
        """Return the slot of the device that is named in ``text``, if one is.

        The agent tells which group was said, not which name.
        """
        for way in self.ways:
            name = name_said(way.template, way.words, way.names, text)
            if name is not None:
                return {"device": name}
        return {}


class Spoken:
    """Keeps the agent's sentences as the homes are."""

    def __init__(
        self, hass: HomeAssistant, vocabularies: Mapping[str, Vocabulary]
    ) -> None:
        """Hear nothing yet."""
        self._hass = hass
        self._vocabularies = vocabularies
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
                    {
                        "platform": _AGENT,
                        "id": str(number),
                        "command": [way.command for way in heard.ways],
                    }
                    for number, heard in enumerate(self._heard)
                ],
                self._async_answer,
                DOMAIN,
                "Assist",
                _LOGGER.log,
            )

    def _all(self) -> tuple[_Heard, ...]:
        """Return one group for each meaning, with its sentences in every language.

        Few templates with all names in each: the agent takes as long as there are
        many of them, and builds them in the event loop.
        """
        found: dict[tuple[str, tuple[tuple[str, str], ...]], list[_Way]] = {}
        for vocabulary in self._vocabularies.values():
            names = tuple(names_of(self._homes, vocabulary.words))
            for said in vocabulary.sentences:
                if said.about_device and not names:
                    continue
                ways = [_Way(t, vocabulary.words, names) for t in said.templates]
                meaning = said.intent_type, (*said.slots.items(),)
                found.setdefault(meaning, []).extend(ways)
        return tuple(
            _Heard(intent_type=intent_type, slots=dict(slots), ways=tuple(ways))
            for (intent_type, slots), ways in found.items()
        )

    async def _async_answer(
        self, variables: dict[str, Any], context: Context | None = None
    ) -> ScriptRunResult:
        """Answer as the intent does, and for who speaks."""
        del context
        trigger = variables["trigger"]
        heard, said = self._heard[int(trigger["id"])], trigger["user_input"]
        slots = {**heard.slots, **heard.named(said["text"])}
        try:
            response = await intent.async_handle(
                self._hass,
                DOMAIN,
                heard.intent_type,
                slots={name: {"value": value} for name, value in slots.items()},
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
