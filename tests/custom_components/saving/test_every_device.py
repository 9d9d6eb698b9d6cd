"""Heat pumps, appliances, curtailed roofs: a day lived again with and without control."""

from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant, State
import pytest

from custom_components.cem.const import Kind, Mode
from custom_components.cem.home import Home
from custom_components.cem.saving.baseline import doing_nothing
from custom_components.cem.saving.heat import habit, kept_temperatures
from custom_components.cem.saving.keeper import SavingsKeeper
from custom_components.cem.saving.observed import Observed, Warmth
from custom_components.cem.saving.runs import starts
from tests.custom_components.conftest import SetUp
from tests.custom_components.saving.recorded_day import (
    BEGIN,
    DISHWASHER,
    NOON,
    PROFILE_W,
    PUMP,
    Columns,
    runs_at,
)
from tests.custom_components.saving.test_keeper import Worker, told


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[State]:
    """Return what the appliance's ready entity said, for a test to fill."""
    states: list[State] = []

    async def past(*_: object) -> list[State]:
        return states

    monkeypatch.setattr("custom_components.cem.saving.left_alone.async_states", past)
    return states


async def lived(home: Home) -> tuple[Worker, Any]:
    """Look at the day and return how the worker was asked, and the day."""
    worker = Worker()
    keeper = SavingsKeeper(home, worker)
    keeper.note(told(), BEGIN)
    await keeper.async_look(NOON + timedelta(minutes=5))
    assert home.savings_waiting is None
    return worker, home.savings.days[-1]


async def of(hass: HomeAssistant, set_up: SetUp, *kinds: Kind) -> Home:
    await hass.config.async_set_time_zone("UTC")
    home = await set_up(Kind.METER, Kind.TARIFF, *kinds)
    home.savings.looked_at(BEGIN)
    return home


async def test_a_thermostat_that_was_watched_is_played_as_it_was(
    hass: HomeAssistant, set_up: SetUp, columns: Columns
) -> None:
    home = await of(hass, set_up, Kind.HEAT_PUMP)
    columns[PUMP] = lambda _: 900
    worker, day = await lived(home)
    (asked, series, _) = worker.asked[0]
    (pump,) = asked["devices"]
    assert pump["kind"] == "heat_pump"
    assert max(series["load_kw"]) == pytest.approx(0.5)
    # Whatever the house is worth: what was measured comes out of it again.
    assert day.without == pytest.approx(day.bill, rel=0.01)
    assert day.planned < day.without
    assert day.unsure == pytest.approx(0.25 * 0.9 * (5 * 0.5 + 19 * 0.2))
    (device,) = home.devices.values()
    assert home.savings.temperatures[device.subentry_id] == [20.5] * 24


async def test_under_control_it_would_have_kept_what_it_usually_keeps(
    hass: HomeAssistant, set_up: SetUp, columns: Columns
) -> None:
    """It was heated in the cheap hours only: without control it costs more."""
    home = await of(hass, set_up, Kind.HEAT_PUMP)
    (device,) = home.devices.values()
    home.store.mode = Mode.CONTROL
    home.savings.temperatures[device.subentry_id] = [20.5] * 24
    columns[PUMP] = lambda quarter: 0 if 20 <= quarter < 40 else 1137
    _, day = await lived(home)
    assert day.controlled
    assert day.saved > 0.2
    # What the day did under control is no habit.
    assert home.savings.temperatures[device.subentry_id] == [20.5] * 24


async def test_a_heat_pump_whose_rooms_nobody_measures_stays_load(
    hass: HomeAssistant, set_up: SetUp, columns: Columns
) -> None:
    home = await of(hass, set_up, Kind.HEAT_PUMP)
    columns[PUMP] = lambda _: 900
    columns["sensor.indoor"] = lambda quarter: None if quarter < 30 else 20.5
    worker, day = await lived(home)
    assert worker.asked[0][0]["devices"] == []
    assert max(worker.asked[0][1]["load_kw"]) == pytest.approx(1.4)
    assert day.saved == pytest.approx(0.0)


async def test_in_summer_nothing_is_told_of_a_heat_pump(
    hass: HomeAssistant, set_up: SetUp, columns: Columns
) -> None:
    """What it draws is hot water or cooling: no thermostat of rooms explains it."""
    home = await of(hass, set_up, Kind.HEAT_PUMP)
    columns[PUMP] = lambda _: 900
    columns["sensor.outdoor"] = lambda quarter: 12.0 + 6.0 * (quarter < 48)
    worker, day = await lived(home)
    assert worker.asked[0][0]["devices"] == []
    assert day.saved == pytest.approx(0.0)
    assert home.savings.temperatures == {}


async def test_an_appliance_that_was_watched_starts_when_it_was_started(
    hass: HomeAssistant, set_up: SetUp, columns: Columns
) -> None:
    home = await of(hass, set_up, Kind.APPLIANCE)
    columns[DISHWASHER] = runs_at(20)  # 17:00, as it gets dear
    worker, day = await lived(home)
    (run,) = worker.asked[0][0]["devices"]
    assert run["profile_kw"] == [w / 1000 for w in PROFILE_W]
    assert run["earliest_start"] == (BEGIN + timedelta(hours=5)).isoformat()
    assert run["latest_end"] == (BEGIN + timedelta(hours=10)).isoformat()
    assert day.without == pytest.approx(day.bill, abs=1e-4)
    (device,) = home.devices.values()
    assert home.savings.starts[device.subentry_id] == [300]


async def test_under_control_it_would_have_started_as_it_was_made_ready(
    hass: HomeAssistant, set_up: SetUp, columns: Columns, said: list[State]
) -> None:
    home = await of(hass, set_up, Kind.APPLIANCE)
    home.store.mode = Mode.CONTROL
    columns[DISHWASHER] = runs_at(8)  # 14:00, which is cheap
    for at, state in ((1, "off"), (6.3, "ready"), (8.1, "running")):
        time = BEGIN + timedelta(hours=at)
        said.append(State("sensor.x", state, last_changed=time, last_updated=time))
    worker, day = await lived(home)
    (start,) = worker.asked[0][2]["starts"]  # it was made ready only afterwards
    assert start["at"] == (BEGIN + timedelta(hours=2)).isoformat()
    assert day.without == pytest.approx(day.bill, abs=1e-4)
    said[1:] = [State("sensor.x", "ready", last_changed=BEGIN + timedelta(hours=1.1))]
    worker, day = await lived(home)
    (start,) = worker.asked[0][2]["starts"]
    assert start["at"] == (BEGIN + timedelta(hours=1)).isoformat()


async def test_without_a_ready_entity_the_usual_time_counts(
    hass: HomeAssistant, set_up: SetUp, columns: Columns
) -> None:
    home = await of(hass, set_up, Kind.APPLIANCE)
    (subentry,) = (
        s for s in home.entry.subentries.values() if s.subentry_type == "appliance"
    )
    data = {k: v for k, v in subentry.data.items() if k != "ready"}
    hass.config_entries.async_update_subentry(home.entry, subentry, data=data)
    await hass.async_block_till_done()
    home = home.entry.runtime_data
    (device,) = home.devices.values()
    key = doing_nothing(home, device).key
    assert key == "without_cem_appliance_as_started"
    home.store.mode = Mode.CONTROL
    home.savings.looked_at(BEGIN)
    home.savings.starts[device.subentry_id] = [390, 360, 420]  # 18:30 in the middle
    columns[DISHWASHER] = runs_at(8)
    _, day = await lived(home)
    # 1.225 kWh at 0.5 instead of 0.2.
    assert day.saved == pytest.approx(1.225 * 0.3, abs=1e-4)
    told_by = doing_nothing(home, device)
    assert told_by.key == "without_cem_appliance_usual"
    start = told_by.values["start_time"]
    assert isinstance(start, datetime)
    assert (start.hour, start.minute) == (18, 30)


def test_runs_are_whole_ones() -> None:
    power = [2.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0]
    # The first began before, the last is not over.
    assert list(starts(power, 0.01, 2)) == [3, 5]


async def test_habits_of_a_thermostat_are_its_last_days(hass: HomeAssistant) -> None:
    await hass.config.async_set_time_zone("UTC")
    warm = Warmth(indoor_c=[21.0] * 48 + [19.0] * 48, outdoor_c=[0.0] * 96)
    seen = Observed(
        start=NOON,
        measured_share=1.0,
        imported=[0.0] * 96,
        exported=[0.0] * 96,
        solar={},
        batteries={},
        cars={},
        warmth={"pump": warm},
    )
    kept = habit([20.0] * 12 + [None] * 12, seen, "pump")
    assert kept == [19.7] * 12 + [21.0] * 12
    column = kept_temperatures(kept, (19.0, 20.5), seen)
    assert column is not None
    assert column[4] == 20.5
    assert column[60] == pytest.approx(19.7)
    assert 19.7 < column[48] < 20.5  # straight from one hour to the next
    assert kept_temperatures([None] * 24, (0, 30), seen) is None


async def test_a_roof_that_was_turned_down_could_have_given_what_was_foretold(
    hass: HomeAssistant, set_up: SetUp, columns: Columns
) -> None:
    home = await of(hass, set_up, Kind.SOLAR)
    home.store.mode = Mode.CONTROL
    (roof,) = home.devices.values()
    columns["sensor.solar"] = lambda _: 200
    home.learned.issued[roof.subentry_id] = {
        (BEGIN + timedelta(hours=h)).isoformat(): 3000.0 for h in range(24)
    }
    worker = Worker()
    keeper = SavingsKeeper(home, worker)
    asked = told()
    asked.series["export_price"][8:12] = [-0.2] * 4
    keeper.note(asked, BEGIN)
    await keeper.async_look(NOON)
    column = worker.asked[0][1][f"{roof.device_id}_kw"][-96:]
    assert column[8:12] == [3.0] * 4
    assert column[:8] + column[12:] == [0.2] * 92
    assert home.savings.days[-1].produced_kwh == pytest.approx(0.2 * 24)
