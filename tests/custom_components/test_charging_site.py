"""UC22 in a home: chargers share a line, and drivers say when they leave."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest

from cem_core.model import Reading
from custom_components.cem.const import DOMAIN, Kind, Mode
from custom_components.cem.home import Home
from custom_components.cem.live import LiveView
from custom_components.cem.planning.document import request
from custom_components.cem.sentences import reason_for
from custom_components.cem.wishes import async_set_mode
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_planner import outlook

SITE: Final = {"charging_site_limit": 8}


async def with_second(hass: HomeAssistant, home: Home) -> Home:
    """Return the home with a second wallbox, whose car is there too."""
    for name, value in (("plugged_2", "on"), ("charger_2", "0")):
        domain = "sensor" if name == "charger_2" else "binary_sensor"
        unit = {"unit_of_measurement": "W"} if domain == "sensor" else {}
        hass.states.async_set(f"{domain}.{name}", value, unit)
    throttle = hass.states.get("number.charger")
    assert throttle is not None
    hass.states.async_set("number.charger_2", "16", throttle.attributes)
    hass.states.async_set("switch.charger_2", "off")
    second = {
        **DATA[Kind.EV_CHARGER],
        "name": "Garage",
        "plugged": "binary_sensor.plugged_2",
        "switch": "switch.charger_2",
        "throttle": "number.charger_2",
        "power": "sensor.charger_2",
    }
    hass.config_entries.async_add_subentry(
        home.entry,
        ConfigSubentry(
            data=MappingProxyType(second),
            subentry_type=Kind.EV_CHARGER,
            title="Garage",
            unique_id=None,
        ),
    )
    await hass.async_block_till_done()
    found: Home = home.entry.runtime_data
    return found


async def two_cars(
    hass: HomeAssistant, set_up: SetUp, options: dict[str, Any] | None = None
) -> Home:
    await hass.config.async_set_time_zone("Europe/Brussels")
    home = await set_up(Kind.METER, Kind.EV_CHARGER, options=options or SITE)
    home = await with_second(hass, home)
    await async_set_mode(home, Mode.CONTROL)
    home.plan = None
    now = dt_util.utcnow()
    home.on_reading(Reading(format="dsmr", timestamp=now, import_power_w=400))
    return home


def powers(home: Home) -> Sequence[int | None]:
    orders = home.snapshot.setpoints
    return [orders[name].power_w for name in ("wallbox", "garage")]


async def test_chargers_stay_within_their_line(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await two_cars(hass, set_up)
    assert sum(power or 0 for power in powers(home)) <= 8_000
    assert min(powers(home), key=lambda power: power or 0) == 0
    waits = home.devices["wallbox" if powers(home)[0] == 0 else "garage"]
    assert reason_for(home, waits).key == "turned_down_for_site"
    (line,) = LiveView(home).as_json()["phase_limits"]
    assert line["limit_w"] == 8_000


async def test_without_a_line_only_the_connection_holds_them_back(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await two_cars(hass, set_up, {"hand_off_minutes": 30})
    orders = home.snapshot.setpoints.values()
    assert {order.limit_id for order in orders} <= {None, "contract_import"}
    assert LiveView(home).as_json()["phase_limits"] == []


@pytest.mark.parametrize("first", ["wallbox", "garage"])
async def test_a_driver_who_leaves_first_goes_first_and_sees_when(
    hass: HomeAssistant, set_up: SetUp, first: str
) -> None:
    home = await two_cars(hass, set_up)
    now = dt_util.utcnow()
    other = "garage" if first == "wallbox" else "wallbox"
    for device, hours, energy_kwh in ((other, 10, 30), (first, 2, 8)):
        await hass.services.async_call(
            DOMAIN,
            "set_departure",
            {
                "device": device,
                "departure": now + timedelta(hours=hours),
                "energy_kwh": energy_kwh,
            },
            blocking=True,
        )
    home.plan = None
    # It has begun, and goes on for a quarter of an hour: then it is the other's turn.
    home._loop._memory = type(home._loop._memory)()
    home.cycle()
    orders = home.snapshot.setpoints
    assert (orders[first].power_w or 0) > (orders[other].power_w or 0)
    shown = {d["device_id"]: d for d in LiveView(home).as_json()["devices"]}
    ready = datetime.fromisoformat(shown[first]["ready_at"])
    assert now < ready < now + timedelta(hours=1.2)
    assert ready < datetime.fromisoformat(shown[other]["ready_at"])


async def test_the_answer_says_whether_it_will_be_in_time(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await two_cars(hass, set_up)
    in_two_hours = dt_util.now() + timedelta(hours=2)
    leaves = in_two_hours.replace(second=0, microsecond=0)
    answers = [
        await hass.services.async_call(
            DOMAIN,
            "set_departure",
            {"device": "garage", "departure_time": leaves.time(), "energy_kwh": energy},
            blocking=True,
            return_response=True,
        )
        for energy in (5, 60)
    ]
    easy, hard = answers
    assert easy is not None
    assert hard is not None
    assert datetime.fromisoformat(str(easy["departure"])) == leaves
    assert easy["in_time"] is True
    assert hard["in_time"] is False
    assert home.devices["garage"].energy_wanted_kwh == pytest.approx(60 * 0.9)


async def test_a_wish_is_kept_until_the_car_leaves(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await two_cars(hass, set_up)
    await hass.services.async_call(
        DOMAIN,
        "set_departure",
        {"device": "garage", "energy_kwh": 5, "priority": 3},
        blocking=True,
    )
    await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    home = home.entry.runtime_data
    garage = home.devices["garage"]
    assert garage.wish is not None
    assert garage.wish.priority == 3
    hass.states.async_set("binary_sensor.plugged_2", "off")
    await hass.async_block_till_done()
    assert garage.wish is None
    assert not home.store.car_wishes
    with pytest.raises(ServiceValidationError, match="No car"):
        await hass.services.async_call(
            DOMAIN, "set_departure", {"device": "garage"}, blocking=True
        )


async def test_the_plan_knows_the_line(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await two_cars(hass, set_up)
    asked = request(home, outlook())
    (line,) = asked.home["limits"]
    assert line["limit_kw"] == 8
    assert sorted(line["devices"]) == ["garage", "wallbox"]
    plan = optimize(
        home_from_json(asked.home),
        table(asked.series),
        Options(time_limit_s=20, gap=0.01),
    )
    together = [
        first + second
        for first, second in zip(
            plan["devices"]["wallbox"]["power_kw"],
            plan["devices"]["garage"]["power_kw"],
            strict=True,
        )
    ]
    assert 4 < max(together) <= 8 + 1e-6
