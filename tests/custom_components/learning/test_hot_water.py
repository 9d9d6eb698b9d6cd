"""The hot water that is drawn is learned from the tank, and planned with."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest

from cem_core.insight.learned.answer import learn
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from custom_components.cem.learning import samples
from custom_components.cem.learning.samples import async_part, stated, without_samples
from custom_components.cem.planning.document import request
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_planner import NOW, outlook

SHOWER_H = 6
K_PER_SHOWER = 8.0
SEEN = {"power": "sensor.boiler", "water_temperature": "sensor.boiler_water"}


async def with_boiler(set_up: SetUp, **changes: Any) -> Home:
    data = {**DATA[Kind.WATER_HEATER], **SEEN, "daily_loss": 0, **changes}
    with patch.dict(DATA, {Kind.WATER_HEATER: data}):
        return await set_up(Kind.METER, Kind.WATER_HEATER)


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the recorder know of a shower at six (UTC), reheated an hour later."""

    async def means(
        _: HomeAssistant, wanted: Iterable[str], start: datetime, rows: int, *__: object
    ) -> dict[str, list[float | None]]:
        begin = start.hour * 12 + start.minute // 5
        places = [(begin + row) % 288 - SHOWER_H * 12 for row in range(rows)]
        # 200 l: 8 K are 1861 Wh, which 1861 W put back in the hour after.
        share = [min(1.0, max(0.0, (place - 12) / 12)) for place in places]
        water_c: list[float | None] = [
            50.0 if place < 1 else 50.0 - K_PER_SHOWER * (1 - part)
            for place, part in zip(places, share, strict=True)
        ]
        power_w: list[float | None] = [
            K_PER_SHOWER * 200 * 1.163 if 12 <= place < 24 else 0.0 for place in places
        ]
        said = {"sensor.boiler": power_w, "sensor.boiler_water": water_c}
        return {name: said[name] for name in wanted}

    monkeypatch.setattr(samples, "async_means", means)


async def test_a_shower_at_six_is_learned_and_planned(
    hass: HomeAssistant, set_up: SetUp, recorded: None
) -> None:
    await hass.config.async_set_time_zone("UTC")
    home = await with_boiler(set_up)
    (boiler,) = home.devices.values()
    typical = request(home, outlook()).series["boiler_draw_kw"]
    part = await async_part(home, boiler, NOW)
    answer = learn({"time_zone": "UTC", "parts": {boiler.subentry_id: part}})
    model = answer[boiler.subentry_id]["hot_water"]
    assert model["kept_prior"] is None
    home.learned.parts[boiler.subentry_id] = {
        "stated": stated(boiler),
        "start": {},
        "models": answer[boiler.subentry_id],
    }
    asked = request(home, outlook())
    drawn_kw = asked.series["boiler_draw_kw"]
    by_hour: dict[int, float] = {}
    for time, kw in zip(asked.series["time"], drawn_kw, strict=True):
        hour = datetime.fromisoformat(time).hour
        by_hour[hour] = max(by_hour.get(hour, 0.0), kw)
    assert max(by_hour, key=lambda hour: by_hour[hour]) == SHOWER_H
    # Ten days tell of one such weekday or two: the typical day counts beside them.
    shower_kwh = K_PER_SHOWER * 0.2326
    assert 0.5 * shower_kwh < by_hour[SHOWER_H] < 1.05 * shower_kwh
    assert sum(drawn_kw) < sum(typical)
    # Who does not want that is planned with the form.
    boiler.data = {**boiler.data, "learn": False}
    assert request(home, outlook()).series["boiler_draw_kw"] == typical


async def test_without_a_sensor_the_typical_day_stays(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await with_boiler(set_up)
    (boiler,) = home.devices.values()
    parts = {boiler.subentry_id: without_samples(boiler)}
    model = learn({"time_zone": "UTC", "parts": parts})[boiler.subentry_id]
    assert "7 days" in model["hot_water"]["kept_prior"]
    assert sum(model["hot_water"]["parameters"]["draw_wh"][0]) == pytest.approx(
        1000 * boiler.data.get("daily_draw", 5.8)
    )


async def test_a_heat_pumps_tank_is_learned_beside_its_house(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    data = {**DATA[Kind.HEAT_PUMP], "tank_setpoint": "water_heater.boiler"}
    with patch.dict(DATA, {Kind.HEAT_PUMP: data}):
        home = await set_up(Kind.METER, Kind.HEAT_PUMP)
    (pump,) = home.devices.values()
    found = learn({"time_zone": "UTC", "parts": {"p": without_samples(pump)}})["p"]
    assert set(found) == {"building", "cop", "hot_water"}
    assert stated(pump)["hot_water"]["stated"]["shared"]
