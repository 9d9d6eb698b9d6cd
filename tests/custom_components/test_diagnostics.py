"""Diagnostics help and name nobody."""

from argparse import Namespace
import json
from pathlib import Path

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from cem_core.model import Message, PhaseReading, Reading
from custom_components.cem.diagnostics import async_get_config_entry_diagnostics
from custom_components.cem.home import Home
from custom_components.cem.planning.document import request
from custom_components.cem.planning.replay import Solved
from optimizer.cli.replay_plan import replay_plan
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DEVICES, STATES
from tests.custom_components.test_limits import order
from tests.custom_components.test_planner import outlook
from tests.custom_components.test_sentences import NOON, solve

PRIVATE = (
    *("Wallbox", "wallbox", "Cellar battery", "cellar_battery", "Dishwasher"),
    *("a-user-id", "automation", "Anna", "relay-7", "4B384547303034303436"),
    *("192.0.2.7", "Main Street", "id_battery", "Roof", "roof"),
)


async def test_names_and_addresses_are_left_out(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    MockUser(id="a-user-id", name="Anna").add_to_hass(hass)
    home = await set_up(*DEVICES, options={"limit_users": ["a-user-id"]})
    solve(home)
    await order(hass, limit_id="relay-7")
    cause = "sensor.battery of Anna's Wallbox is gone"
    home.plan_problems = {"plan_input": Message.of("no_new_plan", cause=cause)}
    home.on_reading(
        Reading(
            format="dsmr5",
            meter_id="4B384547303034303436",
            message="Main Street 7",
            import_power_w=1200,
            export_power_w=0,
            phases=(PhaseReading(phase=1, current_a=5.2),),
        )
    )
    found = await async_get_config_entry_diagnostics(hass, home.entry)
    text = json.dumps(found, default=str)
    for private in (*PRIVATE, *STATES):
        assert private not in text
    assert found["live"]["grid_power_w"] == 1200
    assert found["reading"]["phases"][0]["current_a"] == 5.2
    assert len(found["subentries"]) == len(DEVICES)
    assert found["capabilities"]["battery_2"] == [
        *("measure_power", "set_power", "state_of_charge"),
    ]
    # What helps is still there: which device does what, by its kind.
    assert set(found["plan"]["devices"]) >= {"battery_2", "ev_charger_3"}
    kinds = {device["kind"] for device in found["live"]["devices"]}
    assert "battery" in kinds
    (problem,) = [x for x in found["live"]["problems"] if x["code"] == "plan_input"]
    cause = "sensor.cem_battery_power of user_1's ev_charger_3 is gone"
    assert problem["text"].endswith(f": {cause}.")
    assert problem["values"] == {"cause": cause}


def _solve(home: Home) -> None:
    asked = request(home, outlook(NOON))
    options = Options(time_limit_s=20, gap=3e-3)
    document = optimize(home_from_json(asked.home), table(asked.series), options)
    home.solved = Solved(asked, document)


@pytest.mark.parametrize("whole", [False, True])
async def test_a_plan_can_be_solved_again(
    hass: HomeAssistant,
    set_up: SetUp,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    whole: bool,
) -> None:
    home = await set_up(*DEVICES, options={"whole_diagnostics": whole})
    _solve(home)
    found = await async_get_config_entry_diagnostics(hass, home.entry)
    text = json.dumps({"data": found}, default=str)
    for private in (*PRIVATE, *STATES):
        assert private not in text
    file = tmp_path / "diagnostics.json"
    file.write_text(text)
    asked = Namespace(diagnostics=str(file), plan=None, html=None, json=True)
    assert replay_plan(asked) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["whole"] is whole
    if whole:
        assert said["same"]
        assert said["new_cost"] == pytest.approx(said["old_cost"], abs=1e-6)


async def test_load_curves_stay_at_home(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await set_up(*DEVICES)
    _solve(home)
    assert home.solved is not None
    load = home.solved.asked.series["load_kw"]
    load[:] = [0.2 if place % 24 < 8 else 1.7 for place in range(len(load))]
    found = await async_get_config_entry_diagnostics(hass, home.entry)
    (told,) = set(found["solved"]["series"]["load_kw"])
    assert told == pytest.approx(sum(load) / len(load), abs=0.05)
    assert not {"load_kw", "grid"} & found["solved"]["plan"].keys()
