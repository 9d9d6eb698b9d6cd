"""What the forms say of phases reaches dispatch, and a fuse per phase is kept."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.cem.const import Kind
from custom_components.cem.phases import on_phases
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
