"""A broker that hangs is told of long before Home Assistant gives it up."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest

from custom_components.cem import broker_echo
from custom_components.cem.broker_echo import ASKED_EVERY, SILENT_AFTER
from custom_components.cem.const import Kind
from custom_components.cem.dashboard.health import health
from custom_components.cem.home import Home
from custom_components.cem.language import renderer
from custom_components.cem.problems import problems
from tests.custom_components.conftest import SetUp


class Broker:
    """Passes on what it gets, until it hangs."""

    def __init__(self) -> None:
        self.hangs = False
        self.asked = 0
        self.heard: list[Callable[[str, str, bool], None]] = []

    async def subscribe(
        self, hass: HomeAssistant, topic: str, heard: Callable[[str, str, bool], None]
    ) -> Callable[[], None]:
        del hass, topic
        self.heard.append(heard)
        return lambda: self.heard.remove(heard)

    async def publish(
        self, hass: HomeAssistant, topic: str, payload: str, **options: Any
    ) -> bool:
        del hass
        assert options == {"qos": 0}
        self.asked += 1
        if not self.hangs:
            for heard in self.heard:
                heard(topic, payload, False)
        return True


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    made = Broker()
    monkeypatch.setattr(broker_echo, "has_broker", lambda _: True)
    monkeypatch.setattr(broker_echo, "async_subscribe", made.subscribe)
    monkeypatch.setattr(broker_echo, "async_publish", made.publish)
    return made


async def over_mqtt(hass: HomeAssistant, set_up: SetUp) -> Home:
    registry = er.async_get(hass)
    registry.async_get_or_create(
        "sensor", "mqtt", "battery", suggested_object_id="battery"
    )
    return await set_up(Kind.METER, Kind.BATTERY, Kind.SOLAR)


def codes(home: Home) -> list[str]:
    return [code for code, _ in problems(home)]


async def ask(home: Home, freezer: FrozenDateTimeFactory, times: int) -> None:
    for _ in range(times):
        freezer.tick(ASKED_EVERY)
        await home.echo.async_ask()


async def test_a_broker_that_hangs_is_told_within_half_a_minute(
    hass: HomeAssistant, set_up: SetUp, broker: Broker, freezer: FrozenDateTimeFactory
) -> None:
    home = await over_mqtt(hass, set_up)
    await ask(home, freezer, 6)
    assert "broker_silent" not in codes(home)
    broker.hangs = True
    await ask(home, freezer, 2)
    assert "broker_silent" not in codes(home)
    await ask(home, freezer, 1)
    assert ASKED_EVERY * 3 >= SILENT_AFTER
    assert timedelta(seconds=30) >= ASKED_EVERY * 3
    told = dict(problems(home))["broker_silent"]
    assert "known of Cellar battery is old" in renderer(hass).text(told)
    links = {
        link["name"]: link["ok"] for link in health(home, dt_util.utcnow())["links"]
    }
    assert (links["Cellar battery"], links["Roof"]) == (False, True)
    broker.hangs = False
    await ask(home, freezer, 1)
    assert "broker_silent" not in codes(home)
    assert len(broker.heard) == 1


async def test_a_broker_that_lets_nobody_echo_is_not_judged(
    hass: HomeAssistant, set_up: SetUp, broker: Broker, freezer: FrozenDateTimeFactory
) -> None:
    home = await over_mqtt(hass, set_up)
    broker.hangs = True
    await ask(home, freezer, 12)
    assert broker.asked == 12
    assert "broker_silent" not in codes(home)


async def test_who_has_no_device_over_the_broker_asks_nothing(
    hass: HomeAssistant, set_up: SetUp, broker: Broker, freezer: FrozenDateTimeFactory
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    await ask(home, freezer, 3)
    assert (broker.asked, broker.heard) == (0, [])
