"""What was counted, by kind and hour, and the standby."""

from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.cem.const import Kind
from custom_components.cem.dashboard.energy import async_counted, async_energy
from custom_components.cem.home import Home
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DEVICES
from tests.custom_components.recorder_rows import HOUR, import_means, import_sums

FIVE_MINUTES = timedelta(minutes=5)


async def test_what_was_counted_is_told_by_kind_and_hour(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(*DEVICES)
    midnight = dt_util.now().replace(hour=0, minute=0, second=0, microsecond=0)
    answer = await async_energy(home, "day", dt_util.now())
    assert answer["start"] == midnight.isoformat()
    assert (answer["counted"], answer["rows"], answer["standby_w"]) == ([], [], None)
    soon = datetime.fromisoformat(answer["first_at"]) - dt_util.now()
    assert timedelta(0) < soon <= HOUR
    # Three days of hours, of which the running one is the first.
    wait = datetime.fromisoformat(answer["standby_at"]) - dt_util.now()
    assert 72 * HOUR < wait <= 73 * HOUR


@pytest.mark.parametrize(("period", "step"), [("day", FIVE_MINUTES), ("month", HOUR)])
async def test_a_meter_without_counters_is_counted_by_its_power(
    hass: HomeAssistant, set_up: SetUp, period: str, step: timedelta
) -> None:
    home = await set_up(Kind.METER, Kind.SOLAR, Kind.BATTERY)
    midnight = dt_util.as_utc(dt_util.start_of_local_day())
    noon = midnight + 12 * HOUR
    powers_w = {  # of the three first steps: signs are those of the forms
        _sensor_of(hass, home, "grid_power"): (1200, -600, 0),
        "sensor.solar": (0, 240, 360),
        "sensor.battery": (600, 0, -1200),
    }
    for statistic_id, means in powers_w.items():
        import_means(hass, statistic_id, midnight, step, means)
    await async_wait_recording_done(hass)
    answer = await async_energy(home, period, dt_util.as_local(noon))
    per_step = step / HOUR
    assert {each["kind"]: each["value"] for each in answer["counted"]} == {
        "import": pytest.approx(1.2 * per_step, abs=1e-3),
        "export": pytest.approx(0.6 * per_step, abs=1e-3),
        "solar": pytest.approx(0.6 * per_step, abs=1e-3),
        "charge": pytest.approx(0.6 * per_step, abs=1e-3),
        "discharge": pytest.approx(1.2 * per_step, abs=1e-3),
    }
    assert answer["measured"] == sorted(each["kind"] for each in answer["counted"])
    (row,) = answer["rows"]
    assert row["start"] == dt_util.as_utc(midnight).isoformat()
    assert row["import"] == pytest.approx(1.2 * per_step, abs=1e-3)


def _sensor_of(hass: HomeAssistant, home: Home, key: str) -> str:
    found = er.async_get(hass).async_get_entity_id(
        "sensor", "cem", f"{home.entry.entry_id}_{key}"
    )
    assert found is not None
    return found


async def test_tariffs_gas_and_the_standby_come_from_the_recorder(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    registry = er.async_get(hass)
    hour = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    now = dt_util.now()

    def counter(unique_id: str, unit: str, device_class: str | None = None) -> str:
        return registry.async_get_or_create(
            "sensor",
            "cem",
            unique_id,
            config_entry=home.entry,
            capabilities={"state_class": "total_increasing"},
            original_device_class=device_class,
            unit_of_measurement=unit,
        ).entity_id

    def rise(entity_id: str, unit: str, unit_class: str, by: float) -> None:
        start = hour - 2 * HOUR
        import_sums(
            hass, entity_id, start, HOUR, [0, by], unit=unit, unit_class=unit_class
        )

    rise(counter("01M_import_energy_tariff_1", "Wh"), "Wh", "energy", 1500)
    rise(counter("01M_import_energy_tariff_2", "Wh"), "Wh", "energy", 500)
    rise(counter("01M_export_energy", "Wh"), "Wh", "energy", 250)
    rise(counter("01M_submeter_1", "m³", "gas"), "m³", "volume", 0.4)
    load = home.load_statistic_id
    assert load is not None
    means = [90 if n % 5 == 0 else 700 for n in range(99, 0, -1)]
    import_means(hass, load, hour - 99 * HOUR, HOUR, means)
    await async_wait_recording_done(hass)

    year = await async_energy(home, "year", now)
    counted = {
        (each["kind"], each["name"]): (each["value"], each["unit"])
        for each in year["counted"]
    }
    assert counted[("import", "1")] == (1.5, "kWh")
    assert counted[("import", "2")] == (0.5, "kWh")
    assert counted[("export", None)] == (0.25, "kWh")
    assert (0.4, "m³") in counted.values()
    assert sum(row["import"] for row in year["rows"]) == pytest.approx(2.0)
    assert year["standby_w"] == 90


async def test_the_hour_that_runs_is_told_by_the_counters_too(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to("2026-06-16T10:20:40+00:00")
    home = await set_up(Kind.METER, Kind.SOLAR)
    hour = dt_util.utcnow().replace(minute=0, second=0)
    counter = _counter(hass, home, "01M_import_energy")
    solar = dict.fromkeys(range(4), 600.0)
    import_means(hass, "sensor.solar", hour, FIVE_MINUTES, solar.values())
    await async_wait_recording_done(hass)
    # The counter was never recorded: what is drawn is summed from the power.
    grid = _sensor_of(hass, home, "grid_power")
    import_means(hass, grid, hour, FIVE_MINUTES, [1200.0] * 4)
    await async_wait_recording_done(hass)
    now = dt_util.now()
    day = await async_energy(home, "day", now)
    assert _kinds(day) == {"import": pytest.approx(0.4), "solar": pytest.approx(0.2)}
    assert day["measured"] == ["import", "solar"]
    # An hour and four times five minutes are recorded: it tells by itself.
    import_sums(hass, counter, hour - HOUR, HOUR, [2.0])
    five = [2.0, 2.1, 2.2, 2.35, 2.5]
    import_sums(hass, counter, hour - FIVE_MINUTES, FIVE_MINUTES, five)
    await async_wait_recording_done(hass)
    for period, rows in (("day", 2), ("month", 1), ("year", 1)):
        told = await async_energy(home, period, now)
        assert _kinds(told)["import"] == pytest.approx(2.5), period
        assert len(told["rows"]) == rows
        assert told["measured"] == ["solar"]
    counted = (await async_counted(home, hour - HOUR))["import"]
    assert counted.hours == {hour - HOUR: 2.0, hour: pytest.approx(0.5)}
    assert counted.until == hour + 4 * FIVE_MINUTES


def _kinds(answer: dict[str, Any]) -> dict[str, float]:
    return {each["kind"]: each["value"] for each in answer["counted"]}


def _counter(hass: HomeAssistant, home: Home, unique_id: str) -> str:
    return (
        er.async_get(hass)
        .async_get_or_create(
            "sensor",
            "cem",
            unique_id,
            config_entry=home.entry,
            capabilities={"state_class": "total_increasing"},
            unit_of_measurement="kWh",
        )
        .entity_id
    )
