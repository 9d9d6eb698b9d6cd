"""The grid's CO2 comes from where the settings say, for each step."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.cem.const import Kind
from custom_components.cem.forms import carbon as form
from custom_components.cem.home import Home
from custom_components.cem.saving.carbon import (
    async_intensity,
    emitted_kg,
    held,
    is_set,
)
from custom_components.cem.saving.past_states import async_states
from tests.custom_components.conftest import SetUp
from tests.custom_components.saving.test_keeper import NOON, QUARTER

ENTITY = "sensor.electricity_maps_co2_intensity"
G = {"unit_of_measurement": "gCO2eq/kWh"}


@pytest.mark.parametrize(
    ("unit", "kg_per_kwh"),
    [
        ("gCO2eq/kWh", 0.001),
        ("gCO₂/kWh", 0.001),
        ("g/kWh", 0.001),
        ("kg / kWh", 1.0),
        ("kg/MWh", 0.001),
        ("tCO2/MWh", 1.0),
        ("EUR/kWh", None),
        ("%", None),
        (None, None),
    ],
)
def test_a_mass_per_energy_is_read(unit: str | None, kg_per_kwh: float | None) -> None:
    found = form.factor_of(unit)
    assert found == (None if kg_per_kwh is None else pytest.approx(kg_per_kwh))


def test_each_step_has_what_was_said_last_by_its_middle() -> None:
    said = [(NOON + 2 * QUARTER, 0.3), (NOON + 3.6 * QUARTER, 0.1)]
    assert held(said, NOON, 6) == [0.3, 0.3, 0.3, 0.3, 0.1, 0.1]


def test_what_is_held_at_the_end_counts_at_the_mean() -> None:
    # 4 kW for a quarter hour at 0.4, and as much at 0.2; half a kWh is left.
    assert emitted_kg([4.0, 4.0], 0.5, [0.4, 0.2]) == pytest.approx(0.6 - 0.15)


async def of(set_up: SetUp, **options: Any) -> Home:
    return await set_up(Kind.METER, options=options)


async def test_no_source_tells_nothing(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await of(set_up)
    assert not is_set(home)
    assert await async_intensity(home, NOON, 4) is None


async def test_a_number_holds_where_no_entity_says_anything(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await of(set_up, co2_kg_per_kwh=0.0, co2_entity=ENTITY)
    assert is_set(home)
    assert await async_intensity(home, NOON, 2) == [0.0, 0.0]

    async def past(*_: object) -> list[State]:
        times = [NOON, NOON + QUARTER]
        told = [State(ENTITY, "unknown", G), State(ENTITY, "120", G)]
        return [
            State(ENTITY, each.state, G, last_changed=at, last_updated=at)
            for each, at in zip(told, times, strict=True)
        ]

    monkeypatch.setattr("custom_components.cem.saving.carbon.async_states", past)
    assert await async_intensity(home, NOON, 2) == pytest.approx([0.12, 0.12])


@pytest.mark.usefixtures("recorded")
async def test_the_recorder_is_asked_what_an_entity_said(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await of(set_up, co2_entity=ENTITY)
    hass.states.async_set(ENTITY, "250", G)
    await async_wait_recording_done(hass)
    now = dt_util.utcnow()
    (state,) = await async_states(hass, ENTITY, now - QUARTER, now + QUARTER)
    assert state.state == "250"
    start = now - timedelta(minutes=30)
    assert await async_intensity(home, start, 3) == pytest.approx([0.25] * 3)


async def test_fine_tuning_takes_a_source(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await of(set_up)
    hass.states.async_set("sensor.price", "0.3", {"unit_of_measurement": "EUR/kWh"})
    hass.states.async_set(ENTITY, "250", G)
    options = hass.config_entries.options
    form = await options.async_init(home.entry.entry_id)
    wrong = {"co2_entity": "sensor.price", "co2_kg_per_kwh": 0.2}
    refused = await options.async_configure(form["flow_id"], wrong)
    assert refused["errors"] == {"co2_entity": "unit_co2"}
    await options.async_configure(form["flow_id"], wrong | {"co2_entity": ENTITY})
    await hass.async_block_till_done()
    settings = home.entry.runtime_data.settings
    assert (settings.co2_entity, settings.co2_kg_per_kwh) == (ENTITY, 0.2)


async def test_the_form_refuses_what_is_no_mass_per_energy(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.price", "0.3", {"unit_of_measurement": "EUR/kWh"})
    hass.states.async_set(ENTITY, "250", G)
    assert form.refused(hass, {"co2_entity": "sensor.price"}) == {
        "co2_entity": "unit_co2"
    }
    for entity in (ENTITY, "sensor.gone"):
        assert form.refused(hass, {"co2_entity": entity}) == {}
    assert form.refused(hass, {}) == {}
