"""What the dashboard asks beside the live home: opportunities, energy, health, log."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.db_schema import Statistics, StatisticsShortTerm
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from cem_core.model import Message, Owner
from cem_core.model.message_json import message_to_json
from cem_core.model.what_if import What
from custom_components.cem import wishes
from custom_components.cem.const import Charging, Kind, Mode
from custom_components.cem.dashboard.energy import async_counted, async_energy
from custom_components.cem.dashboard.health import health
from custom_components.cem.dashboard.opportunities import opportunities
from custom_components.cem.device_wishes import standing
from custom_components.cem.events import HomeEvent
from custom_components.cem.home import Home
from tests.custom_components.conftest import SetUp, make_it_noon
from tests.custom_components.house import DEVICES

HOUR = timedelta(hours=1)
FIVE_MINUTES = timedelta(minutes=5)


def price(home: Home, prices: list[float]) -> None:
    """Let the plan say what a kWh more costs in the hours to come."""
    start = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    home.plan_document = {
        "times": [(start + n * HOUR).isoformat() for n in range(len(prices))],
        "minutes": [60.0] * len(prices),
        "marginal_price": prices,
    }


async def test_a_run_that_would_be_cheaper_later_is_an_opportunity(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.APPLIANCE)
    price(home, [0.40] * 3 + [0.10] * 3 + [0.40] * 6)
    now = dt_util.utcnow()
    answer = opportunities(home, now)
    [found] = answer["opportunities"]
    assert answer["appliances"] == 1
    assert found["device"] == "dishwasher"
    begins = datetime.fromisoformat(found["start"])
    assert begins >= now + 2 * HOUR
    # 1.225 kWh at 0.10, not at 0.40.
    assert found["saving"] == pytest.approx(1.225 * 0.30, abs=1e-3)
    assert "Dishwasher" in found["text"]
    assert not found["starts_itself"]


async def test_none_is_found_where_it_is_cheap_now_or_nothing_is_known(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.APPLIANCE)
    now = dt_util.utcnow()
    assert opportunities(home, now)["opportunities"] == []
    price(home, [0.10] + [0.11] * 11)
    assert opportunities(home, now)["opportunities"] == []


@pytest.fixture
async def parked(hass: HomeAssistant, set_up: SetUp) -> Home:
    """Return a home at noon with a car that leaves in 19 hours and needs 20 kWh."""
    await make_it_noon(hass)
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    hass.states.async_set("binary_sensor.plugged", "on")
    price(home, [0.40] * 3 + [0.10] * 4 + [0.40] * 18)
    return home


def charges(home: Home) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = opportunities(home, dt_util.utcnow())["opportunities"]
    return found


async def test_a_car_that_nobody_charges_is_an_opportunity(
    hass: HomeAssistant, parked: Home
) -> None:
    hass.states.async_set("sensor.charger", "0", {"unit_of_measurement": "W"})
    [found] = charges(parked)
    assert (found["device"], found["kind"]) == ("wallbox", "ev_charger")
    assert datetime.fromisoformat(found["start"]) >= dt_util.utcnow() + 2 * HOUR
    # 20 kWh into its battery at 0.10, not at 0.40: in three hours and two.
    assert found["saving"] == pytest.approx(20 / 0.9 * 0.30, abs=0.05)
    assert found["text"].startswith("Charge at Wallbox from ")
    assert not found["starts_itself"]
    hass.states.async_set("binary_sensor.plugged", "off")
    assert charges(parked) == []


async def test_a_car_that_charges_at_its_own_power_could_wait(
    hass: HomeAssistant, parked: Home
) -> None:
    """At half the power it takes so long that the cheap hours do not do."""
    hass.states.async_set("sensor.charger", "4200", {"unit_of_measurement": "W"})
    [slow] = charges(parked)
    assert 0 < slow["saving"] < 4.2 * 4 * 0.30 + 0.01
    hass.states.async_set("sensor.charger", "unavailable")
    [usual] = charges(parked)
    assert usual["saving"] > slow["saving"]


async def test_a_car_that_leaves_before_it_is_cheaper_is_none(parked: Home) -> None:
    now = dt_util.utcnow()
    (car,) = parked.devices.values()
    assert len(charges(parked)) == 1
    car.leaves_at = now + 2 * HOUR
    assert charges(parked) == []


async def test_what_the_home_or_somebody_sees_to_is_none(
    hass: HomeAssistant, parked: Home
) -> None:
    (car,) = parked.devices.values()
    for charging in (Charging.NOW, Charging.NOT_TONIGHT):
        await wishes.async_set_charging(parked, car, charging)
        assert charges(parked) == []
    await wishes.async_set_charging(parked, car, Charging.PLAN)
    await wishes.async_set_mode(parked, Mode.CONTROL)
    assert charges(parked) == []
    await wishes.async_set_control(parked, car, on=False)
    assert len(charges(parked)) == 1


async def test_one_tap_has_the_charge_wished(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, parked: Home
) -> None:
    [found] = charges(parked)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {
            "type": "cem/set_wish",
            "entry_id": parked.entry.entry_id,
            "device": found["device"],
            "what": "start",
            "start": found["start"],
        }
    )
    assert (await client.receive_json())["success"]
    assert charges(parked) == []
    (wish,) = standing(parked, dt_util.utcnow())
    assert (wish.what, wish.start.isoformat()) == (What.START, found["start"])


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


def import_means(
    hass: HomeAssistant,
    statistic_id: str,
    start: datetime,
    step: timedelta,
    means_w: Iterable[float],
) -> None:
    """Put means into the recorder's table of ``step``."""
    metadata = StatisticMetaData(
        mean_type=StatisticMeanType.ARITHMETIC,
        has_sum=False,
        name=None,
        source="recorder",
        statistic_id=statistic_id,
        unit_class="power",
        unit_of_measurement="W",
    )
    rows = [
        StatisticData(start=start + n * step, mean=mean_w)
        for n, mean_w in enumerate(means_w)
    ]
    table = Statistics if step == HOUR else StatisticsShortTerm
    get_instance(hass).async_import_statistics(metadata, rows, table)


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
        rows = [
            StatisticData(start=hour - 2 * HOUR, state=0, sum=0),
            StatisticData(start=hour - HOUR, state=by, sum=by),
        ]
        async_import_statistics(
            hass,
            StatisticMetaData(
                mean_type=StatisticMeanType.NONE,
                has_sum=True,
                name=None,
                source="recorder",
                statistic_id=entity_id,
                unit_class=unit_class,
                unit_of_measurement=unit,
            ),
            rows,
        )

    rise(counter("01M_import_energy_tariff_1", "Wh"), "Wh", "energy", 1500)
    rise(counter("01M_import_energy_tariff_2", "Wh"), "Wh", "energy", 500)
    rise(counter("01M_export_energy", "Wh"), "Wh", "energy", 250)
    rise(counter("01M_submeter_1", "m³", "gas"), "m³", "volume", 0.4)
    load = home.load_statistic_id
    assert load is not None
    async_import_statistics(
        hass,
        StatisticMetaData(
            mean_type=StatisticMeanType.ARITHMETIC,
            has_sum=False,
            name=None,
            source="recorder",
            statistic_id=load,
            unit_class="power",
            unit_of_measurement="W",
        ),
        [
            StatisticData(start=hour - n * HOUR, mean=90 if n % 5 == 0 else 700)
            for n in range(1, 100)
        ],
    )
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
    import_counts(hass, counter, hour - HOUR, HOUR, [2.0])
    five = [2.0, 2.1, 2.2, 2.35, 2.5]
    import_counts(hass, counter, hour - FIVE_MINUTES, FIVE_MINUTES, five)
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


def import_counts(
    hass: HomeAssistant,
    statistic_id: str,
    start: datetime,
    step: timedelta,
    sums_kwh: Iterable[float],
) -> None:
    """Put a counter's sums into the recorder's table of ``step``."""
    metadata = StatisticMetaData(
        mean_type=StatisticMeanType.NONE,
        has_sum=True,
        name=None,
        source="recorder",
        statistic_id=statistic_id,
        unit_class="energy",
        unit_of_measurement="kWh",
    )
    rows = [
        StatisticData(start=start + n * step, state=value, sum=value)
        for n, value in enumerate(sums_kwh)
    ]
    table = Statistics if step == HOUR else StatisticsShortTerm
    get_instance(hass).async_import_statistics(metadata, rows, table)


async def test_the_health_names_every_link_and_its_age(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(*DEVICES)
    home.learned.errors = {
        "load": {"days": 14, "error_share": 0.21, "by_lead": {}, "missed_w": {}},
        "solar": {},
    }
    found = health(home, dt_util.utcnow())
    links = {link["name"]: link for link in found["links"]}
    assert links["Cellar battery"]["ok"]
    assert links["Cellar battery"]["age_s"] >= 0
    assert found["plan"] is None
    assert found["forecasts"][0]["error"]["error_share"] == 0.21
    hass.states.async_remove("number.cellar_power")
    await hass.async_block_till_done()


async def test_the_log_tells_the_newest_first_with_sentences(
    hass: HomeAssistant, set_up: SetUp, hass_ws_client: WebSocketGenerator
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    await wishes.async_set_mode(home, Mode.CONTROL)
    home.cycle()
    await hass.services.async_call(
        "cem",
        "order_limit",
        {
            "direction": "import",
            "scope": "connection",
            "limit_w": 3000,
            "duration": {"minutes": 5},
        },
        blocking=True,
        return_response=True,
    )
    await hass.async_block_till_done()
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "cem/log", "entry_id": "home_entry"})
    entries: list[dict[str, Any]] = (await client.receive_json())["result"]["entries"]
    times = [entry["time"] for entry in entries]
    assert times == sorted(times, reverse=True)
    limit = next(entry for entry in entries if entry["about"] == "limit")
    assert "ordered a limit of 3000 W" in limit["text"]
    assert all(entry["text"] and entry["key"] for entry in entries)


async def test_the_log_says_what_moved_with_messages_of_its_own(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    moved = [
        Message.of("run_added", device=device, start_time=dt_util.utcnow())
        for device in ("Dryer", "Dishwasher", "Washer")
    ]
    home.fire(HomeEvent("plan_changed", {"moved": [*map(message_to_json, moved)]}))
    said = home.action_log.entries[-1].message
    assert said == Message.of("log_plan_changed", what=moved[0].then(moved[1]))


@pytest.mark.parametrize(
    ("power_w", "cause", "key"),
    [
        (8900, "level", "log_near_limit"),
        (6148, "trip", "log_may_be_cut"),
        (9001, "trip", "log_above_limit"),
    ],
)
async def test_the_log_tells_near_a_limit_from_above_it(
    hass: HomeAssistant, set_up: SetUp, power_w: int, cause: str, key: str
) -> None:
    home = await set_up(Kind.METER)
    told = {"power_w": power_w, "limit_w": 9000, "cause": cause}
    home.fire(HomeEvent("near_limit", told))
    assert home.action_log.entries[-1].message.key == key


async def test_the_log_tells_a_device_that_wavers_once(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    [device] = home.devices.values()
    freezer.tick(60)
    home.cycle()
    before = len(home.action_log.entries)

    def second(owner: Owner) -> None:
        freezer.tick(1)
        device.owner = owner
        home.cycle()

    for _ in range(20):
        second(Owner.PERSON)
        second(Owner.PLAN)
    assert len(home.action_log.entries) == before + 1, (
        "the first change is told at once"
    )
    for _ in range(19):
        second(Owner.PLAN)
    assert len(home.action_log.entries) == before + 1
    second(Owner.PLAN)
    second(Owner.PLAN)
    assert len(home.action_log.entries) == before + 2, "what lasts is told as well"


@pytest.mark.parametrize(
    "kind", ["energy", "health", "log", "opportunities", "preview_wish", "end_wish"]
)
async def test_an_unknown_home_is_refused(
    hass: HomeAssistant, set_up: SetUp, hass_ws_client: WebSocketGenerator, kind: str
) -> None:
    await set_up(Kind.METER)
    client = await hass_ws_client(hass)
    more: dict[str, Any] = {
        "preview_wish": {"device": "x", "what": "forbid"},
        "end_wish": {"wish_id": "x"},
    }.get(kind, {})
    await client.send_json_auto_id({"type": f"cem/{kind}", "entry_id": "no", **more})
    assert (await client.receive_json())["error"]["code"] == "not_found"
