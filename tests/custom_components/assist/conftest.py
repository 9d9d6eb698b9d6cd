"""A house that listens: Home Assistant's own agent is there."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from homeassistant.components import conversation
from homeassistant.core import Context, HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from cem_core.model import Action, DevicePlan, Plan, PlanStatus, PlanStep
from custom_components.cem.const import Mode
from custom_components.cem.home import Home
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DEVICES

type Say = Callable[..., Awaitable[str]]

NOON: Final = datetime(2026, 1, 15, 11, 0, tzinfo=UTC)  # 12:00 in Brussels
OFF: Final = PlanStep(action=Action.OFF, power_w=0)
CHARGE: Final = PlanStep(action=Action.CHARGE, power_w=4000)


def charging_at(*quarters: int) -> Plan:
    """Return a plan of two hours from noon in which the car charges then."""
    steps = tuple(CHARGE if k in quarters else OFF for k in range(8))
    return Plan(
        created_at=NOON,
        edges=tuple(NOON + n * timedelta(minutes=15) for n in range(9)),
        status=PlanStatus.OPTIMAL,
        devices={"wallbox": DevicePlan(steps=steps)},
    )


@pytest.fixture
async def agent(hass: HomeAssistant, freezer: Any) -> None:
    """Set Home Assistant's own conversation agent up, at noon in Brussels."""
    freezer.move_to(NOON)
    await hass.config.async_set_time_zone("Europe/Brussels")
    for component in ("homeassistant", "conversation"):
        assert await async_setup_component(hass, component, {})


@pytest.fixture
async def home(hass: HomeAssistant, agent: None, set_up: SetUp) -> Home:
    """Return a whole home that advises and whose sentences are heard."""
    del agent
    home = await set_up(*DEVICES)
    home.store.mode = Mode.ADVISE
    home.cycle()
    await hass.async_block_till_done()
    return home


@pytest.fixture
def say(hass: HomeAssistant) -> Say:
    """Return what says a sentence to the agent and returns its answer."""

    async def say_it(
        text: str, context: Context | None = None, language: str = "en"
    ) -> str:
        result = await conversation.async_converse(
            hass,
            text,
            None,
            context or Context(),
            language=language,
            agent_id=conversation.HOME_ASSISTANT_AGENT,
        )
        answer: str = result.response.speech["plain"]["speech"]
        return answer

    return say_it
