"""A house that listens: Home Assistant's own agent is there."""

from collections.abc import Awaitable, Callable

from homeassistant.components import conversation
from homeassistant.core import Context, HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.cem.home import Home
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DEVICES

type Say = Callable[..., Awaitable[str]]


@pytest.fixture
async def agent(hass: HomeAssistant) -> None:
    """Set Home Assistant's own conversation agent up."""
    for component in ("homeassistant", "conversation"):
        assert await async_setup_component(hass, component, {})


@pytest.fixture
async def home(hass: HomeAssistant, agent: None, set_up: SetUp) -> Home:
    """Return a whole home whose sentences are heard."""
    del agent
    home = await set_up(*DEVICES)
    await hass.async_block_till_done()
    return home


@pytest.fixture
def say(hass: HomeAssistant) -> Say:
    """Return what says a sentence to the agent and returns its answer."""

    async def say_it(text: str, context: Context | None = None) -> str:
        result = await conversation.async_converse(
            hass,
            text,
            None,
            context or Context(),
            language="en",
            agent_id=conversation.HOME_ASSISTANT_AGENT,
        )
        answer: str = result.response.speech["plain"]["speech"]
        return answer

    return say_it
