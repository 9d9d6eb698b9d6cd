"""A day of learning, with a real recorder and the pure learner."""

from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.models import StatisticMeanType
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.cem.const import Kind
from custom_components.cem.learning.learner import Learner
from custom_components.cem.learning.samples import async_building
from custom_components.cem.learning.store import LearningStore
from custom_components.cem.planner import Planner
from custom_components.cem.worker_client import WorkerError
from tests.custom_components.conftest import SetUp
from tests.custom_components.foretelling import Foretelling
from tests.custom_components.house import DATA, W
from tests.custom_components.planning.test_energy_history import mean
from tests.custom_components.planning.test_house_load import hour_of, record

HOUR = timedelta(hours=1)


async def none_yet() -> dict[str, Any]:
    return {}


async def test_forecast_errors_are_shown_after_some_days(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.SOLAR)
    now = hour_of(dt_util.utcnow())
    start = now - 20 * 24 * HOUR
    load = {start + row * HOUR: 400.0 + 20 * (row % 24) for row in range(20 * 24)}
    await record(hass, load)
    sun = [max(0.0, 250.0 * (6 - abs(row % 24 - 12))) for row in range(20 * 24)]
    mean(hass, "sensor.solar", start, *sun)
    await async_wait_recording_done(hass)
    planner = Planner(home, Foretelling())
    await planner._foresight.async_outlook(now)
    await planner._learner.async_learn(now, planner._forecasts.async_errors)
    shown = hass.states.get("sensor.home_load_forecast_error")
    assert shown is not None
    assert 0 < float(shown.state) < 20
    assert set(shown.attributes["error_by_lead"]) == {"1_h", "6_h", "24_h"}
    assert shown.attributes["days"] == 14
    roof = hass.states.get("sensor.roof_forecast_error")
    assert roof is not None
    assert 0 <= float(roof.state) < 20
    assert not planner._learner.due(now + timedelta(hours=23))
    assert planner._learner.due(now + timedelta(hours=24))
    await planner.async_stop()


async def test_the_house_is_learned_from_what_was_recorded(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.HEAT_PUMP)
    now = hour_of(dt_util.utcnow())
    rows, indoor, temperatures, powers = 30 * 24, 20.0, [], []
    start = now - rows * HOUR
    for row in range(rows):
        # 300 W/K and 10 kWh/K where 198 W/K and 5.5 kWh/K are typical.
        electric = 3000.0 if row % 24 in range(5, 14) else 500.0
        temperatures.append(indoor)
        powers.append(electric)
        indoor += (2.6 * electric + 360 - 300 * (indoor - 4)) / 10_000
    mean(hass, "sensor.heat_pump", start, *powers)
    for entity, values in (
        ("sensor.indoor", temperatures),
        ("sensor.outdoor", [4.0] * rows),
    ):
        degrees(hass, entity, start, values)
    await async_wait_recording_done(hass)
    planner = Planner(home, Foretelling())
    assert not (
        await planner._foresight.async_outlook(now)
    ).walls_apart_k  # start values: no guess
    await planner._learner.async_learn(now, none_yet)
    await planner.async_stop()
    planner = Planner(home, Foretelling())
    apart_k = (await planner._foresight.async_outlook(now)).walls_apart_k
    assert abs(apart_k["heat_pump"]) < 0.3
    await planner.async_stop()
    loss = hass.states.get("sensor.heat_pump_heat_loss")
    assert loss is not None
    assert loss.attributes["learned"] is True
    error, at_start = (
        loss.attributes[name]["indoor_24h_k"]
        for name in ("error", "error_of_start_values")
    )
    assert error < 0.5 < at_start


def degrees(
    hass: HomeAssistant, statistic_id: str, start: datetime, values: list[float]
) -> None:
    """Put hourly temperatures into the statistics."""
    metadata: Any = {
        "source": "recorder",
        "name": None,
        "statistic_id": statistic_id,
        "unit_of_measurement": "°C",
        "unit_class": "temperature",
        "has_sum": False,
        "mean_type": StatisticMeanType.ARITHMETIC,
    }
    rows: Any = [
        {"start": start + place * HOUR, "mean": value}
        for place, value in enumerate(values)
    ]
    async_import_statistics(hass, metadata, rows)


async def test_a_form_that_was_changed_gives_new_start_values(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.HEAT_PUMP)
    worker = Foretelling()
    learner = Learner(home, worker)
    await learner.async_start_values()
    assert worker.learnings == []  # all is known
    pump = home.devices["heat_pump"]
    pump.data = {**pump.data, "floor_area": 200, "resistance": 4.0}
    await learner.async_start_values()
    loss = home.learned.parts[pump.subentry_id]["start"]["building"]
    assert loss["resistance_k_per_w"] == 0.004
    assert loss["internal_gains_w"] == 600
    assert learner.due(dt_util.utcnow())


async def test_who_cannot_learn_today_tries_tomorrow(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    learner = Learner(home, Foretelling())
    now = dt_util.utcnow()

    async def broken() -> dict[str, Any]:
        raise WorkerError("gone", "the worker ended unexpectedly")

    await learner.async_learn(now, broken)
    assert not learner.due(now + HOUR)
    assert learner.due(now + timedelta(days=1))
    assert home.learned.parts["id_battery"]["models"]["battery"]["kept_prior"]


async def test_a_stay_is_kept_with_what_the_car_needed(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    car = home.devices["wallbox"]

    def play(minutes: int, power_w: str, plugged: str = "on") -> None:
        hass.states.async_set("sensor.charger", power_w, W)
        hass.states.async_set("binary_sensor.plugged", plugged)
        for _ in range(minutes):
            freezer.tick(timedelta(minutes=1))
            car.state(dt_util.utcnow(), may_command=False)

    play(60, "6000")
    play(1, "0", "off")
    (short,) = home.learned.sessions["id_ev_charger"]
    assert short["energy_wh"] == pytest.approx(20_000 / 0.9, abs=1)  # it left too soon
    hass.states.async_set("number.charger", "16", {"unit_of_measurement": "A"})
    hass.states.async_set("switch.charger", "on")
    play(60, "6000")
    play(20, "0")
    play(1, "0", "off")
    _, full = home.learned.sessions["id_ev_charger"]
    assert full["energy_wh"] == pytest.approx(6000, rel=0.05)


async def test_a_day_counts_as_away_when_most_of_it_was(hass: HomeAssistant) -> None:
    store = LearningStore(hass, "home")
    for day, away in ((1, 10), (2, 200), (3, 288), (4, 0)):
        for count in range(288):
            today = datetime(2026, 7, day).date()  # noqa: DTZ001 - a date
            store.count_away(today, away=count < away)
    assert store.away == ["2026-07-02", "2026-07-03"]


async def test_presence_is_read_off_what_the_user_named(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    hass.states.async_set("zone.home", "0")
    home = await set_up(Kind.METER, options={"away": "zone.home"})
    day = datetime(2026, 7, 1, 12, tzinfo=dt_util.UTC)
    home.notice_away(day)
    hass.states.async_set("zone.home", "2")
    home.notice_away(day + timedelta(days=1))
    home.notice_away(day + timedelta(days=2))
    assert home.learned.away == ["2026-07-01"]


async def test_what_a_forecast_said_is_kept_as_it_was_said_hours_before(
    hass: HomeAssistant,
) -> None:
    store = LearningStore(hass, "home")
    noon = datetime(2026, 7, 1, 12, tzinfo=dt_util.UTC)
    said = {noon + HOUR: 100.0, noon + 8 * HOUR: 200.0}
    store.keep_issued("roof", said, noon)
    later = {noon + HOUR: 999.0, noon + 8 * HOUR: 300.0}
    store.keep_issued("roof", later, noon)
    store.keep_issued("roof", {noon + 8 * HOUR: 999.0}, noon + 5 * HOUR)
    assert list(store.issued["roof"].values()) == [100, 300]
    store.keep_issued("roof", {}, noon + timedelta(days=91))
    assert store.issued["roof"] == {}


async def test_what_was_learned_survives_a_restart(
    hass: HomeAssistant, set_up: SetUp, hass_storage: dict[str, Any]
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    home.learned.away = ["2026-01-01"]
    home.devices["wallbox"].session.energy_wh = 4000.0
    home.devices["wallbox"].session.arrived = dt_util.utcnow()
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    again = home.entry.runtime_data
    assert again.learned.away == ["2026-01-01"]
    assert again.learned.parts == home.learned.parts
    assert again.devices["wallbox"].session.energy_wh == pytest.approx(4000, abs=1)
    await hass.config_entries.async_remove(home.entry.entry_id)
    assert "cem.home_entry.learned" not in hass_storage


async def test_it_is_written_within_an_hour_however_often_it_changes(
    hass: HomeAssistant, hass_storage: dict[str, Any], freezer: FrozenDateTimeFactory
) -> None:
    store = LearningStore(hass, "home")
    for _ in range(13):
        store.save_later()
        freezer.tick(timedelta(minutes=5))
        async_fire_time_changed(hass)
        await hass.async_block_till_done()
    assert "cem.home.learned" in hass_storage


@pytest.mark.parametrize("cools", [False, True])
async def test_warm_hours_of_what_cools_teach_nothing_about_heat(
    hass: HomeAssistant,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
    *,
    cools: bool,
) -> None:
    monkeypatch.setitem(DATA, Kind.HEAT_PUMP, DATA[Kind.HEAT_PUMP] | {"cools": cools})
    home = await set_up(Kind.METER, Kind.HEAT_PUMP)
    (pump,) = home.devices.values()
    now = hour_of(dt_util.utcnow())
    start = now - 48 * HOUR
    outdoor = [12.0 if row % 24 < 10 else 28.0 for row in range(48)]
    mean(hass, "sensor.heat_pump", start, *[800.0] * 48)
    degrees(hass, "sensor.outdoor", start, outdoor)
    degrees(hass, "sensor.indoor", start, [23.0] * 48)
    await async_wait_recording_done(hass)
    found = await async_building(home, pump, start, 48)
    expected = [None if cools and c > 20 else 800.0 for c in outdoor]
    assert found["electric_w"] == expected
    planner = Planner(home, Foretelling())
    await planner._learner.async_learn(now, none_yet)
    await planner._foresight.async_outlook(now)
    await planner.async_stop()
