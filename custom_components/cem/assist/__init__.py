"""Questions and wishes through Assist: as sentences, as intents and as tools of LLMs."""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import intent, llm
from homeassistant.setup import async_when_setup
from homeassistant.util.hass_dict import HassKey

from custom_components.cem.assist.charge import CHARGE
from custom_components.cem.assist.handler import AnswerHandler
from custom_components.cem.assist.limit import LIMIT
from custom_components.cem.assist.plan import PLAN
from custom_components.cem.assist.price import PRICE
from custom_components.cem.assist.ready_at import READY_AT
from custom_components.cem.assist.savings import SAVED
from custom_components.cem.assist.spoken import Spoken
from custom_components.cem.assist.status import STATUS
from custom_components.cem.assist.tools import CemAPI
from custom_components.cem.assist.vocabulary import Words, vocabularies
from custom_components.cem.assist.what_if import WHAT_IF
from custom_components.cem.assist.why import WHY
from custom_components.cem.home import Home

QUESTIONS: Final = (
    STATUS,
    WHY,
    READY_AT,
    CHARGE,
    WHAT_IF,
    PLAN,
    LIMIT,
    PRICE,
    SAVED,
)
_SPOKEN: Final[HassKey[Spoken]] = HassKey("cem_spoken")


async def async_setup_assist(hass: HomeAssistant) -> None:
    """Register intents and tools, once; sentences when there is who hears them."""
    spoken_here = await hass.async_add_executor_job(vocabularies)
    words = Words.together(each.words for each in spoken_here.values())
    handlers = [AnswerHandler(question, words) for question in QUESTIONS]
    for handler in handlers:
        intent.async_register(hass, handler)
    llm.async_register_api(hass, CemAPI(hass, handlers))
    spoken = hass.data[_SPOKEN] = Spoken(hass, spoken_here)
    async_when_setup(hass, "conversation", spoken.async_listen)


async def async_hear(home: Home) -> None:
    """Hear sentences about a home and its devices until its entry is unloaded."""
    spoken = home.hass.data[_SPOKEN]
    await spoken.async_add(home)

    async def forget() -> None:
        await spoken.async_remove(home)

    home.entry.async_on_unload(forget)
