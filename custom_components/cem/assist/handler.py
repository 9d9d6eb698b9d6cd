"""The handler of an intent: finds the home and the device, and says the answer."""

from typing import Any, Final, override

from homeassistant.helpers import config_validation as cv, intent
import probatio

from cem_core.model import Message
from custom_components.cem.assist.meant import device_meant
from custom_components.cem.assist.question import (
    Asked,
    CannotAnswerError,
    DeviceQuestion,
    HomeQuestion,
)
from custom_components.cem.assist.vocabulary import Words
from custom_components.cem.const import DOMAIN
from custom_components.cem.home import Home
from custom_components.cem.language import async_renderer

_DEVICE: Final[dict[probatio.Marker, Any]] = {
    probatio.Required(
        "device", description="Name of the device, or its kind where there is only one"
    ): cv.string
}


class AnswerHandler(intent.IntentHandler):
    """Answers one question."""

    def __init__(self, question: DeviceQuestion | HomeQuestion, words: Words) -> None:
        """Answer ``question`` where devices are called by ``words``."""
        self.question = question
        self.intent_type = question.intent_type
        self.description = question.description
        self._words = words

    @property
    @override
    def slot_schema(self) -> dict[probatio.Marker, Any]:
        """What has to be said, and what may be."""
        about = _DEVICE if isinstance(self.question, DeviceQuestion) else {}
        return {**about, **self.question.slots}

    @override
    async def async_handle(self, intent_obj: intent.Intent) -> intent.IntentResponse:
        """Answer in the language of who asks, or say why not by `IntentHandleError`."""
        slots = self.async_validate_slots(intent_obj.slots)
        said = {name: slot["value"] for name, slot in slots.items()}
        hass, asked = intent_obj.hass, Asked(slots=said, context=intent_obj.context)
        homes: list[Home] = [
            entry.runtime_data
            for entry in hass.config_entries.async_loaded_entries(DOMAIN)
        ]
        say = await async_renderer(hass, intent_obj.language)
        try:
            message = await self._answer(homes, asked)
        except CannotAnswerError as error:
            raise intent.IntentHandleError(say.text(error.message)) from error
        response = intent_obj.create_response()
        if not self.question.acts:
            response.response_type = intent.IntentResponseType.QUERY_ANSWER
        response.async_set_speech(say.text(message))
        return response

    async def _answer(self, homes: list[Home], asked: Asked) -> Message:
        if not homes:
            raise CannotAnswerError(Message.of("assist_no_home"))
        question = self.question
        if isinstance(question, DeviceQuestion):
            named = asked.slots["device"]
            home, device = device_meant(homes, self._words, named)
            return await question.answer(home, device, asked)
        answers = [await question.answer(home, asked) for home in homes]
        if len(homes) > 1:
            answers = [
                Message.of("assist_at_home", home=home.entry.title, answer=answer)
                for home, answer in zip(homes, answers, strict=True)
            ]
        return answers[0].then(*answers[1:])
