"""What a car gave to the house and took again later is told as saved."""

from datetime import timedelta
from importlib.metadata import Distribution
import json
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest

from custom_components.cem.const import Kind, Mode
from custom_components.cem.home import Home
from custom_components.cem.saving.baseline import doing_nothing
from custom_components.cem.saving.keeper import SavingsKeeper
from optimizer.cli import main
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.saving.recorded_day import BEGIN, GRID, NOON, Columns
from tests.custom_components.saving.test_keeper import Worker, told
from tests.custom_components.saving.test_same_as_cli import csv_of, file_of
from tests.custom_components.test_gives_back import GIVES, TWO_WAY

CAR: Final = "sensor.charger"
CHARGE: Final = "sensor.car_charge"
# It is there from 17:00 to 8:00 of the next day: quarter hours after noon.
STAY: Final = range(20, 80)
GIVES_IN: Final = range(20, 28)
TAKES_IN: Final = range(56, 66)
GIVEN_KW, TAKEN_KW = 2.0, 2.0 / 0.8 * 8 / 10


@pytest.fixture
def lent(columns: Columns) -> Columns:
    """Let a car give 4 kWh in the dear evening, and take 5 for them at night."""

    def power_w(quarter: int) -> float:
        if quarter in GIVES_IN:
            return -1000 * GIVEN_KW
        return 1000 * TAKEN_KW if quarter in TAKES_IN else 0.0

    columns[CAR] = power_w
    columns["sensor.home_house_load"] = lambda _: 2500
    columns[GRID] = lambda quarter: 2500 + power_w(quarter)
    columns[CHARGE] = lambda _: 60.0
    return columns


async def lived(
    hass: HomeAssistant, set_up: SetUp, mode: Mode
) -> tuple[Home, dict[str, Any], Any]:
    """Look at the day and return the home, how the worker was asked, and the day."""
    await hass.config.async_set_time_zone("UTC")
    with patch.dict(DATA, {Kind.EV_CHARGER: GIVES}):
        home = await set_up(Kind.METER, Kind.TARIFF, Kind.EV_CHARGER)
    hass.states.async_set("number.charger", "16", TWO_WAY)
    (car,) = home.devices.values()
    quarter = timedelta(minutes=15)
    home.learned.sessions[car.subentry_id] = [
        {
            "arrive": (BEGIN + STAY.start * quarter).isoformat(),
            "depart": (BEGIN + STAY.stop * quarter).isoformat(),
            "energy_wh": 5000,
        }
    ]
    home.savings.looked_at(BEGIN)
    home.store.mode = mode
    worker = Worker()
    keeper = SavingsKeeper(home, worker)
    keeper.note(told(), BEGIN)
    await keeper.async_look(NOON + timedelta(minutes=5))
    assert home.savings_waiting is None
    return home, worker.asked[0], home.savings.days[-1]


async def test_what_a_car_gave_and_took_again_is_saved(
    hass: HomeAssistant, set_up: SetUp, lent: Columns
) -> None:
    home, (asked, series, _), day = await lived(hass, set_up, Mode.CONTROL)
    (car,) = asked["devices"]
    (stay,) = car["sessions"]
    assert car["bidirectional"]
    # It left as it came; down to 30 of 60 % of 60 kWh it might have been emptied.
    assert stay["energy_kwh"] == pytest.approx(0.0, abs=0.01)
    assert stay["min_energy_kwh"] == pytest.approx(-18)
    assert series["load_kw"][-96:] == pytest.approx([2.5] * 96)
    # 4 kWh not bought at 0.5, 5 bought at 0.2: nothing else differs.
    assert day.saved == pytest.approx(4 * 0.5 - 5 * 0.2)
    assert day.stored == pytest.approx(0.0, abs=1e-6)
    (device,) = home.devices.values()
    assert doing_nothing(home, device).key == "without_cem_car_gives_nothing"


async def test_a_plan_would_have_had_it_give_too(
    hass: HomeAssistant, set_up: SetUp, lent: Columns
) -> None:
    """A home that only observes is told what giving back would be worth."""
    lent[CAR] = lambda _: 0.0
    lent[GRID] = lambda _: 2500
    _, _, day = await lived(hass, set_up, Mode.OBSERVE)
    assert day.without == pytest.approx(day.bill)
    # Its least current is more than the house draws; wear is no bill.
    assert day.saved > 0.9
    assert day.perfect <= day.known + 1e-6


@pytest.mark.skipif(
    not any(Distribution.discover(name="cem")),
    reason="the command line is not installed beside the oldest Home Assistant",
)
async def test_the_command_line_says_the_same(
    *,
    hass: HomeAssistant,
    set_up: SetUp,
    lent: Columns,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, (asked, series, _), day = await lived(hass, set_up, Mode.CONTROL)
    home = file_of(tmp_path / "home.json", asked)
    rows = csv_of(tmp_path / "series.csv", series)
    span = ("--from", BEGIN.isoformat(), "--to", NOON.isoformat(), "--json")
    for told_of, how in ((day.without, ("--policy", "none")), (day.planned, ())):
        capsys.readouterr()
        assert main(["backtest", home, "--series", rows, *span, *how]) == 0
        cost = json.loads(capsys.readouterr().out)["cost"]
        assert told_of == pytest.approx(cost["energy"] + cost["export"], abs=0.005)


async def test_what_it_left_with_less_is_no_gain(
    hass: HomeAssistant, set_up: SetUp, lent: Columns
) -> None:
    """What was given and not taken again has to be bought one day."""
    lent[CAR] = lambda quarter: -1000 * GIVEN_KW if quarter in GIVES_IN else 0.0
    gives = lent[CAR]
    lent[GRID] = lambda quarter: 2500 + (gives(quarter) or 0)
    _, (asked, _, _), day = await lived(hass, set_up, Mode.CONTROL)
    assert asked["devices"][0]["sessions"][0]["energy_kwh"] == 0.0
    mean_price = (5 * 0.5 + 19 * 0.2) / 24
    assert day.stored == pytest.approx(-5 * mean_price)
    assert day.saved == pytest.approx(4 * 0.5 - 5 * mean_price)


async def test_without_its_charge_it_might_have_lent_what_it_did(
    hass: HomeAssistant, set_up: SetUp, lent: Columns
) -> None:
    lent[CHARGE] = lambda _: None
    _, (asked, _, _), _ = await lived(hass, set_up, Mode.CONTROL)
    (stay,) = asked["devices"][0]["sessions"]
    assert stay["min_energy_kwh"] == pytest.approx(-4 / (0.8 / 0.9), abs=0.01)
