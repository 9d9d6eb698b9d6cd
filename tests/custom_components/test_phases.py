"""What the forms say of phases reaches dispatch, and a fuse per phase is kept."""

from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from cem_core.dispatch import IMBALANCE
from cem_core.model import Action, Cause, Setpoint
from custom_components.cem.const import Kind
from custom_components.cem.language import renderer
from custom_components.cem.live import LiveView
from custom_components.cem.phases import on_phases
from custom_components.cem.sentences import reason_for
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA


@pytest.mark.parametrize(
    ("answers", "phases", "count"),
    [
        ({}, (), 1),
        ({"phase": "unknown", "phases": "3"}, (), 3),
        ({"phase": "2"}, (2,), 1),
        ({"phase": "all"}, (1, 2, 3), 3),
        ({"phase": "2", "phases": "3"}, (2, 3, 1), 3),
        ({"phase": "3", "phases": "2"}, (3, 1), 2),
    ],
)
def test_answers_are_phases(
    answers: dict[str, Any], phases: tuple[int, ...], count: int
) -> None:
    found = on_phases(answers)
    assert found.get("phases", ()) == phases
    assert found["phase_count"] == count


@pytest.mark.parametrize(
    ("said", "in_use"), [("1", 1), ("3", 3), ("0", None), ("unknown", None)]
)
async def test_a_charger_tells_on_how_many_phases_it_charges(
    hass: HomeAssistant,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
    said: str,
    in_use: int | None,
) -> None:
    answers = DATA[Kind.EV_CHARGER] | {
        "phase": "2",
        "phases_in_use": "sensor.charger_phases",
    }
    monkeypatch.setitem(DATA, Kind.EV_CHARGER, answers)
    hass.states.async_set("sensor.charger_phases", said)
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    [device] = home.devices.values()
    assert device.model.phases == (2, 3, 1)[: in_use or 3]
    assert home.snapshot.states[device.device_id].phases_in_use == in_use


async def test_the_imbalance_is_a_setting(hass: HomeAssistant, set_up: SetUp) -> None:
    del hass
    home = await set_up(Kind.METER, options={"imbalance_limit": 4.6})
    assert home.settings.dispatch(10).imbalance_w == 4600
    listed = {x["limit_id"]: x for x in LiveView(home).as_json()["phase_limits"]}
    assert listed.keys() == {"imbalance"}
    shown = listed["imbalance"]
    assert (shown["limit_w"], shown["phase"]) == (4600, None)
    assert shown["name"] == "of the imbalance of phases"


async def test_a_device_that_evens_the_phases_says_so(set_up: SetUp) -> None:
    home = await set_up(Kind.EV_CHARGER, options={"imbalance_limit": 4.6})
    [device] = home.devices.values()
    held = Setpoint(
        device_id=device.device_id,
        power_w=4600,
        action=Action.RUN,
        cause=Cause.LIMIT,
        limit_id=IMBALANCE,
    )
    home.snapshot = replace(home.snapshot, setpoints={device.device_id: held})
    reason = renderer(home.hass).text(reason_for(home, device))
    assert reason == (
        "Turned down: it may load one phase by at most 4.6 kVA more than another."
    )


async def test_without_an_imbalance_none_is_listed(set_up: SetUp) -> None:
    home = await set_up(Kind.METER)
    assert LiveView(home).as_json()["phase_limits"] == []
