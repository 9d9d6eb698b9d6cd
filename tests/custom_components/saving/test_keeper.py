"""Each noon the day that is over is lived again, from what was measured."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.cem.const import Kind, Mode
from custom_components.cem.home import Home
from custom_components.cem.planning.document import Request
from custom_components.cem.saving.keeper import SavingsKeeper, last_noon
from custom_components.cem.saving.store import SavingsStore
from custom_components.cem.worker_client import WorkerClient, WorkerError
from optimizer.backtest.replay import replay
from optimizer.series import table
from tests.custom_components.conftest import SetUp

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
CHARGED = range(7 * 12, 9 * 12)  # from 19:00 to 21:00, by five minutes
STAY = {
    "arrive": (NOON - timedelta(hours=17)).isoformat(),
    "depart": (NOON - timedelta(hours=4)).isoformat(),
    "energy_wh": 8000,
}


class Worker(WorkerClient):
    """Answers in this process."""

    def __init__(self) -> None:
        super().__init__(clock=lambda: 0.0)
        self.asked: list[tuple[Any, Any, Any]] = []
        self.fails: str | None = None

    async def replay(
        self,
        home: Mapping[str, Any],
        series: Mapping[str, Any],
        wish: Mapping[str, Any],
    ) -> dict[str, Any]:
        if self.fails is not None:
            raise WorkerError(self.fails, "no answer")
        self.asked.append((home, series, wish))
        return replay(home, table(series), wish)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> dict[str, float | None]:
    """Let the recorder know a day: mean by entity in W, or in %."""
    says: dict[str, float | None] = {
        "sensor.home_grid_power": 600,
        "sensor.home_house_load": 700,
        "sensor.solar": 100,
        "sensor.battery": 0,
        "sensor.battery_charge": 50,
        "sensor.charger": 0,
    }

    async def means(
        _: HomeAssistant, wanted: Iterable[str], __: datetime, rows: int, *___: object
    ) -> dict[str, list[float | None]]:
        found: dict[str, list[float | None]] = {
            name: [says[name]] * rows for name in wanted
        }
        for name in ("sensor.home_grid_power", "sensor.charger"):
            if name in found and says["sensor.charger"] is not None:
                for k in CHARGED if len(found[name]) == 288 else ():
                    value = found[name][k]
                    found[name][k] = None if value is None else value + 4000
        return found

    for module in ("observed", "asked"):
        monkeypatch.setattr(f"custom_components.cem.saving.{module}.async_means", means)
    return says


@pytest.fixture
async def home(hass: HomeAssistant, set_up: SetUp) -> Home:
    await hass.config.async_set_time_zone("UTC")
    home = await set_up(
        Kind.METER, Kind.TARIFF, Kind.SOLAR, Kind.BATTERY, Kind.EV_CHARGER
    )
    (car,) = (d for d in home.devices.values() if d.kind is Kind.EV_CHARGER)
    home.learned.sessions[car.subentry_id] = [STAY]
    home.savings.looked_at(NOON - DAY)
    return home


def told(prices: int = 96) -> Request:
    """Return a plan's request that knew the day's prices: the evening is dear."""
    times = [NOON - DAY + k * QUARTER for k in range(prices)]
    return Request(
        home={},
        series={
            "time": [time.isoformat() for time in times],
            "import_price": [0.5 if 17 <= t.hour < 22 else 0.2 for t in times],
            "export_price": [0.05] * len(times),
        },
    )


async def test_a_day_that_was_observed(
    home: Home, measured: dict[str, float | None]
) -> None:
    worker = Worker()
    keeper = SavingsKeeper(home, worker)
    now = NOON + timedelta(minutes=5)
    assert keeper.due(now)
    keeper.note(told(), NOON - DAY)
    await keeper.async_look(now)
    assert home.savings_waiting is None
    assert not keeper.due(now)
    (asked, series, wish) = worker.asked[0]
    (car,) = (d for d in asked["devices"] if d["kind"] == "ev_charger")
    # What the car drew is taken out of the load and given to its stay.
    assert car["sessions"][0]["energy_kwh"] == pytest.approx(8 * 0.9)
    assert max(series["load_kw"]) == pytest.approx(0.7)
    assert len(series["time"]) == 15 * 96
    assert not wish["own_rule"]  # the battery did nothing in all that time
    (day,) = home.savings.days
    assert day.bill == pytest.approx((0.6 * 19 * 0.2) + 0.6 * 5 * 0.5 + 8 * 0.5)
    assert day.peak_kw == pytest.approx(4.6)
    # At full power from its arrival on, as far as the contract lets it.
    assert day.peak_without_kw == pytest.approx(9.2)
    assert day.planned < day.without
    assert day.perfect is not None
    assert day.perfect <= day.known
    assert day.produced_kwh == pytest.approx(2.4)


async def test_a_day_that_was_not_measured_is_not_told(
    home: Home, measured: dict[str, float | None]
) -> None:
    worker = Worker()
    keeper = SavingsKeeper(home, worker)
    measured["sensor.solar"] = None
    await keeper.async_look(NOON)
    assert home.savings_waiting is not None
    assert home.savings_waiting.key == "savings_not_measured"
    measured["sensor.solar"] = 100
    keeper.note(told(prices=50), NOON - DAY)
    await keeper.async_look(NOON)
    assert home.savings_waiting.key == "savings_no_prices"
    assert not worker.asked
    assert home.savings.days == []


async def test_a_worker_that_fails_is_told_and_one_given_up_asked_again(
    home: Home, measured: dict[str, float | None]
) -> None:
    worker = Worker()
    keeper = SavingsKeeper(home, worker)
    keeper.note(told(), NOON - DAY)
    worker.fails = "abandoned"
    await keeper.async_look(NOON)
    assert keeper.due(NOON)
    worker.fails = "deadline"
    await keeper.async_look(NOON)
    assert not keeper.due(NOON)
    assert home.savings_waiting is not None
    assert home.savings_waiting.key == "savings_no_answer"


async def test_a_day_under_control_counts_the_bill(
    home: Home, measured: dict[str, float | None]
) -> None:
    keeper = SavingsKeeper(home, Worker())
    home.store.mode = Mode.CONTROL
    keeper.note(told(), NOON - DAY)
    await keeper.async_look(NOON)
    (day,) = home.savings.days
    assert day.controlled
    assert day.saved == day.without - day.bill


async def test_a_new_home_waits_for_its_first_noon(home: Home) -> None:
    home.savings.tried = None
    keeper = SavingsKeeper(home, Worker())
    assert not keeper.due(NOON)
    assert not keeper.due(NOON + timedelta(hours=23))
    assert keeper.due(NOON + DAY)


async def test_expected_prices_are_not_kept(home: Home) -> None:
    asked = replace(told(), prices_known_until=NOON - DAY + 4 * QUARTER)
    SavingsKeeper(home, Worker()).note(asked, NOON - DAY)
    assert len(home.savings.prices) == 4


async def test_a_day_is_from_noon_to_noon(hass: HomeAssistant) -> None:
    await hass.config.async_set_time_zone("Europe/Brussels")
    noon = datetime(2026, 3, 29, 10, tzinfo=UTC)  # the clock was changed that night
    assert last_noon(noon) == noon
    assert last_noon(noon - timedelta(hours=1)) == noon - timedelta(hours=23)


async def test_the_store_keeps_what_was_told(
    hass: HomeAssistant, home: Home, measured: dict[str, float | None]
) -> None:
    keeper = SavingsKeeper(home, Worker())
    keeper.note(told(), NOON - DAY)
    await keeper.async_look(NOON)
    home.savings.note_start("mine", 300)
    home.savings.note_start("gone", 310)
    home.savings.temperatures["mine"] = [20.5] * 24
    await home.savings.async_save()
    again = SavingsStore(hass, home.entry.entry_id)
    await again.async_load()
    assert again.days == home.savings.days
    assert again.prices == home.savings.prices
    assert again.tried == NOON
    assert again.starts == {"mine": [300], "gone": [310]}
    assert again.temperatures == {"mine": [20.5] * 24}
    again.keep_only({"mine"})
    assert again.starts == {"mine": [300]}
    await again.async_remove()
    await again.async_load()


async def test_the_dashboard_is_told(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    home: Home,
    measured: dict[str, float | None],
) -> None:
    client = await hass_ws_client(hass)
    asked = {"type": "cem/savings", "entry_id": home.entry.entry_id}
    await client.send_json_auto_id(asked)
    first = (await client.receive_json())["result"]
    assert first["days"] == first["periods"] == []
    assert first["waiting"]["key"] == "savings_first_noon"
    keeper = SavingsKeeper(home, Worker())
    keeper.note(told(), NOON - DAY)
    await keeper.async_look(NOON)
    await hass.async_block_till_done()
    await client.send_json_auto_id(asked)
    found = (await client.receive_json())["result"]
    assert found["waiting"] is None
    (day,) = found["days"]
    assert day["date"] == "2026-01-15"
    assert [p["period"] for p in found["periods"]] == ["today", "month", "year"]
    assert {d["name"]: d["key"] for d in found["doing_nothing"]} == {
        "Roof": "without_cem_solar_possible",
        "Cellar battery": "without_cem_battery_rests",
        "Wallbox": "without_cem_car_at_once",
    }
    least = hass.states.get("sensor.home_saved_in_the_last_day_at_least")
    assert least is not None
    assert float(least.state) == day["saved_min"]
