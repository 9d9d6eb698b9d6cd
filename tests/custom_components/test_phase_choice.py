"""One phase or three: when it is worth it, and not too often."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from cem_core.model import Action, Cause, Setpoint
from custom_components.cem.charger_phases import choose
from custom_components.cem.const import Kind, Mode
from custom_components.cem.drivers.ev_charger import translation
from custom_components.cem.forms import FORMS
from custom_components.cem.home import Home
from custom_components.cem.phase_choice import PhaseChoice, least_power_w, most_power_w
from custom_components.cem.planning.document import request
from custom_components.cem.wishes import async_set_mode
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_planner import outlook

SELECT = {
    "phase_switch": "select.phases",
    "option_one": "1 phase",
    "option_three": "3 phases",
}


def look(choice: PhaseChoice, wanted_w: float | None, begin_s: int, for_s: int) -> int:
    for second in range(begin_s, begin_s + for_s):
        choice.update(second, wanted_w)
    return choice.count


@pytest.mark.parametrize(
    ("wanted_w", "count"),
    [(11_000, 3), (4_140, 3), (4_139, 1), (1_380, 1), (1_379, 3), (0, 3), (None, 3)],
)
def test_below_six_ampere_on_three_phases_one_goes_on(
    wanted_w: float | None, count: int
) -> None:
    assert look(PhaseChoice(6), wanted_w, 0, 120) == count


def test_it_waits_for_a_minute_and_holds_for_ten() -> None:
    choice = PhaseChoice(6)
    assert look(choice, 2000, 0, 60) == 3
    assert look(choice, 9000, 60, 1) == 3  # a cloud: it begins anew
    assert look(choice, 2000, 61, 60) == 3
    assert look(choice, 2000, 121, 1) == 1
    assert look(choice, 9000, 122, 590) == 1
    assert look(choice, 9000, 712, 20) == 3


def _calls(chosen: str | None, data: dict[str, Any]) -> list[Any]:
    filled = {**DATA[Kind.EV_CHARGER], **data}
    if chosen is not None:
        filled |= {"phases": chosen, "phases_chosen": chosen}
    order = Setpoint(
        device_id="wallbox", action=Action.CHARGE, power_w=2300, cause=Cause.PLAN
    )
    made = translation(filled).calls(order, lambda _: None)
    return [(call.entity_id, call.leads_to) for call in made]


def test_the_entity_is_switched_before_the_current_is_set() -> None:
    assert _calls("1", SELECT)[0] == ("select.phases", "1 phase")
    assert _calls(None, SELECT)[0] == ("select.phases", "3 phases")
    assert _calls("1", {"phase_switch": "switch.phases"})[0] == ("switch.phases", "off")
    assert ("number.charger", 2300 / 230) in _calls_in_ampere("1")
    assert ("number.charger", 2300 / 690) in _calls_in_ampere("3")


def _calls_in_ampere(chosen: str) -> list[Any]:
    from homeassistant.core import State  # noqa: PLC0415 - one state only here

    throttle = State(
        "number.charger",
        "16",
        {"unit_of_measurement": "A", "min": 0, "max": 16, "step": 0},
    )
    data = {**DATA[Kind.EV_CHARGER], **SELECT, "phases": chosen}
    order = Setpoint(
        device_id="wallbox", action=Action.CHARGE, power_w=2300, cause=Cause.PLAN
    )
    made = translation(data).calls(
        order, lambda name: throttle if name == "number.charger" else None
    )
    return [(call.entity_id, call.leads_to) for call in made]


async def test_a_select_needs_its_options(hass: HomeAssistant, set_up: SetUp) -> None:
    await set_up(Kind.METER)
    hass.states.async_set("select.phases", "1 phase", {"options": ["1 phase", "3"]})
    check = FORMS[Kind.EV_CHARGER]["user"].check
    assert check is not None
    assert await check(hass, {**DATA[Kind.EV_CHARGER], **SELECT}) == {
        "option_three": "no_such_option"
    }


@pytest.fixture
def with_phase_switch(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    hass.states.async_set("switch.phases", "on")
    data = {**DATA[Kind.EV_CHARGER], "phase_switch": "switch.phases"}
    monkeypatch.setitem(DATA, Kind.EV_CHARGER, data)


@pytest.mark.usefixtures("with_phase_switch")
async def test_the_plan_and_the_charger_know_both(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home: Home = await set_up(Kind.METER, Kind.EV_CHARGER)
    await async_set_mode(home, Mode.CONTROL)
    asked = request(home, outlook())
    (car,) = asked.home["devices"]
    low, high = car["power_ranges"]
    assert low == {"min_kw": 1.38, "max_kw": 3.68}
    assert high == {"min_kw": 4.14, "max_kw": 11.04}
    plan = optimize(
        home_from_json(asked.home), table(asked.series), Options(time_limit_s=20)
    )
    assert plan["status"] in ("optimal", "feasible")
    wallbox = home.devices["wallbox"]
    assert wallbox.model.min_power_w == 4140
    choose(hass, wallbox, 0.0, 2300)
    assert choose(hass, wallbox, 60.0, 2300)
    assert (wallbox.model.min_power_w, wallbox.model.rated_power_w) == (1380, 3680)
    assert least_power_w(wallbox) == 1380
    assert most_power_w(wallbox) == 11_040
