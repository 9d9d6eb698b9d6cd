"""Each tool, called as a conversation agent of an LLM calls it."""

from collections.abc import Awaitable, Callable
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import llm
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from cem_core.model import Message
from cem_core.model.message_json import message_to_json
from custom_components.cem.assist import QUESTIONS
from custom_components.cem.const import DOMAIN, Charging
from custom_components.cem.home import Home
from custom_components.cem.worker_client import WorkerError
from tests.custom_components.assist.conftest import charging_at
from tests.custom_components.test_automation import dear_then_cheap
from tests.custom_components.test_control import charging

type Call = Callable[..., Awaitable[str]]


async def tools_for(hass: HomeAssistant, user_id: str | None) -> llm.APIInstance:
    """Return the tools as an agent gets them for a user."""
    context = llm.LLMContext(
        platform="test",
        context=Context(user_id=user_id),
        language="en",
        assistant="conversation",
        device_id=None,
    )
    return await llm.async_get_api(hass, DOMAIN, context)


@pytest.fixture
def call(hass: HomeAssistant) -> Call:
    """Return what calls a tool and returns what it says."""

    async def call_it(name: str, user_id: str | None = None, **arguments: Any) -> str:
        tools = await tools_for(hass, user_id)
        asked = llm.ToolInput(tool_name=name, tool_args=arguments)
        answer: Any = await tools.async_call_tool(asked)
        # Home Assistant 2026.9 returns the data itself.
        document = getattr(answer, "data", answer)
        said: str = document["speech"]["plain"]["speech"]
        return said

    return call_it


async def test_what_an_agent_is_told(
    hass: HomeAssistant, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    tools = await tools_for(hass, None)
    assert [tool.name for tool in tools.tools] == [q.tool for q in QUESTIONS]
    assert all(tool.description for tool in tools.tools)
    for device in home.devices.values():
        assert f"- {device.model.name} (" in tools.api_prompt
    (charge,) = (tool for tool in tools.tools if tool.name == "charge")
    schema = probatio.to_openapi(
        charge.parameters, custom_serializer=tools.custom_serializer
    )
    assert schema["required"] == ["device", "when"]
    assert schema["properties"]["when"]["enum"] == ["plan", "now", "not_tonight"]
    assert "cem" not in "".join(
        record.getMessage() for record in caplog.records if "LLM tool" in record.msg
    )


async def test_every_tool_answers(home: Home, call: Call) -> None:
    home.plan = charging_at(3)
    home.take_prices(dear_then_cheap())
    home.cycle()
    assert (await call("get_status")).startswith(
        "The energy manager only advises. 1.20 kW"
    )
    assert await call("why", device="the car") == (
        "Wallbox: Waits until 12:45, the next planned run."
    )
    assert (await call("ready_at", device="wallbox")).startswith(
        "Wallbox: Charged at 13:00 by the plan;"
    )
    assert (await call("plan", hours=1)) == (
        "Wallbox takes 1.00 kWh from 12:45 to 13:00."
    )
    assert (await call("limits")).startswith("Nobody has ordered a limit")
    assert (await call("price")).startswith("Energy costs €0.300/kWh now.")
    with pytest.raises(HomeAssistantError, match="first one is still to come"):
        await call("savings", period="month")


async def test_charge_is_for_who_may_control(
    home: Home, call: Call, hass_read_only_user: MockUser
) -> None:
    wallbox = home.devices["wallbox"]
    with pytest.raises(HomeAssistantError, match="You may not control Wallbox"):
        await call("charge", hass_read_only_user.id, device="wallbox", when="now")
    assert charging(wallbox) is Charging.PLAN
    assert (await call("charge", device="wallbox", when="now")).startswith(
        "Wallbox is to charge now."
    )
    assert charging(wallbox) is Charging.NOW


async def test_what_if_at_any_time(home: Home, call: Call) -> None:
    asked: list[Any] = []
    wish = Message.of("wish_never", device="Heat pump")
    costs = Message.of("alternative_costs", wish=wish, more_cost=0.1, currency="EUR")

    async def tell(wish: Any, **_: Any) -> dict[str, Any]:
        asked.append(wish)
        return {"moved": [], "relaxed": [], **message_to_json(costs)}

    async def fail(wish: Any, **_: Any) -> dict[str, Any]:
        raise WorkerError("invalid_what_if", f"{wish['device']} is away")

    home.plan, home.what_if = charging_at(3), tell
    said = await call("what_if", device="heat pump", when="18:30")
    assert said == "Heat pump off until the plan's end: €0.10 more than the plan."
    await call("what_if", device="heat pump", when="never")
    await call("what_if", device="cellar_battery", when="9:00")
    await call("what_if", device="wallbox", when="23:15")
    assert asked == [
        {"device": "heat_pump", "what": "forbid", "end": "2026-01-15T17:30:00+00:00"},
        {"device": "heat_pump", "what": "forbid"},
        {
            "device": "cellar_battery",
            "what": "forbid_discharge",
            "end": "2026-01-16T08:00:00+00:00",
        },
        {"device": "wallbox", "what": "start", "start": "2026-01-15T22:15:00+00:00"},
    ]
    with pytest.raises(HomeAssistantError, match="does not start once"):
        await call("what_if", device="heat pump", when="now")
    home.what_if = fail
    with pytest.raises(HomeAssistantError, match="Cannot tell: wallbox is away"):
        await call("what_if", device="wallbox", when="now")
    with pytest.raises(HomeAssistantError, match="invalid slot info"):
        await call("what_if", device="wallbox", when="25:00")


async def test_what_nobody_is_called_is_refused(home: Home, call: Call) -> None:
    assert home.devices
    for tool in ("why", "ready_at"):
        with pytest.raises(HomeAssistantError, match="No device is called boat"):
            await call(tool, device="boat")


async def test_without_a_home_there_is_no_answer(
    hass: HomeAssistant, home: Home, call: Call
) -> None:
    await hass.config_entries.async_unload(home.entry.entry_id)
    with pytest.raises(HomeAssistantError, match="No home is set up"):
        await call("get_status")
