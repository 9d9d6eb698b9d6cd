"""What the page says of plan and savings is what the command line says, to the cent."""

from collections.abc import Mapping
import csv
from importlib.metadata import Distribution
import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.cem.const import Kind
from custom_components.cem.diagnostics import async_get_config_entry_diagnostics
from custom_components.cem.home import Home
from custom_components.cem.planner import Planner
from custom_components.cem.saving.keeper import SavingsKeeper
from optimizer.cli import main
from tests.custom_components.conftest import SetUp
from tests.custom_components.saving.recorded_day import (
    BEGIN,
    DAY,
    DISHWASHER,
    NOON,
    PUMP,
    Columns,
    runs_at,
)
from tests.custom_components.saving.test_keeper import told
from tests.custom_components.test_diagnostics import PRIVATE

pytestmark = pytest.mark.skipif(
    not any(Distribution.discover(name="cem")),
    reason="the command line is not installed beside the oldest Home Assistant",
)
CENT = 0.005
WHOLE = {"whole_diagnostics": True, "co2_kg_per_kwh": 0.2}


def wavy(quarter: int) -> float:
    """Return what a roof gives from noon on: the sun sets and rises again."""
    return 3000.0 if quarter < 12 or quarter > 84 else 0.0


@pytest.fixture
def day(columns: Columns) -> Columns:
    """Let the day have a roof, a battery, a car, heating and dishes."""
    grid = columns["sensor.home_grid_power"]
    columns["sensor.solar"] = wavy
    columns["sensor.home_house_load"] = lambda quarter: (
        (grid(quarter) or 0) + wavy(quarter)
    )
    columns["sensor.battery"] = lambda _: 0
    columns["sensor.battery_charge"] = lambda _: 40
    columns["sensor.charger"] = lambda quarter: 3700 if 24 <= quarter < 32 else 0
    columns[PUMP] = lambda quarter: 1500 if quarter % 2 else 0
    columns[DISHWASHER] = lambda quarter: runs_at(22)(quarter) + runs_at(8)(quarter)
    return columns


async def lived(home: Home, planner: Planner) -> None:
    keeper = SavingsKeeper(home, planner.worker)
    keeper.note(told(), BEGIN)
    await keeper.async_look(NOON)
    assert home.savings_waiting is None


def file_of(path: Path, document: Any) -> str:
    path.write_text(json.dumps(document, default=str))
    return str(path)


def csv_of(path: Path, series: Mapping[str, list[Any]]) -> str:
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(series)
        rows.writerows(zip(*series.values(), strict=True))
    return str(path)


@pytest.mark.timeout(300)  # the worker plans a home with everything 50 times
async def test_plan_and_savings_of_a_home_with_everything(
    *,
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    set_up: SetUp,
    day: Columns,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await hass.config.async_set_time_zone("UTC")
    kinds = (Kind.SOLAR, Kind.BATTERY, Kind.EV_CHARGER, Kind.HEAT_PUMP, Kind.APPLIANCE)
    home = await set_up(Kind.METER, Kind.TARIFF, *kinds, options=WHOLE)
    planner = Planner(home)
    try:
        await planner.async_plan_afresh()
        await lived(home, planner)
    finally:
        await planner.async_stop()
    await hass.async_block_till_done()
    client = await hass_ws_client(hass)
    about = {"entry_id": home.entry.entry_id}
    await client.send_json_auto_id({"type": "cem/subscribe_plan", **about})
    await client.receive_json()
    page = (await client.receive_json())["event"]
    await client.send_json_auto_id({"type": "cem/savings", **about})
    (row,) = (await client.receive_json())["result"]["days"]
    found = await async_get_config_entry_diagnostics(hass, home.entry)

    plan = tmp_path / "plan.json"
    asked = file_of(tmp_path / "home.json", found["solved"]["home"])
    series = csv_of(tmp_path / "series.csv", found["solved"]["series"])
    how = ("--gap", "0.003", "--time-limit", "20")
    main(["optimize", asked, "--series", series, "--plan", str(plan), *how])
    again = json.loads(plan.read_text())["cost"]
    assert page["cost"].keys() <= again.keys()
    assert sum(page["cost"].values()) == pytest.approx(sum(again.values()), abs=CENT)
    state = hass.states.get("sensor.home_plan_cost")
    assert state is not None
    assert float(state.state) == pytest.approx(sum(again.values()), abs=CENT)

    capsys.readouterr()
    diagnostics = file_of(tmp_path / "diagnostics.json", {"data": found})
    text = json.dumps(found, default=str)
    for private in (*PRIVATE, DISHWASHER):
        assert private not in text
    status = main(["replay", diagnostics, "--json"])
    said = json.loads(capsys.readouterr().out)
    assert (status, said["same"], said["saved_day"]["same"]) == (0, True, True), said
    figures = said["saved_day"]["new"]
    for name in ("without", "planned", "perfect"):
        assert row[name] == pytest.approx(figures[name], abs=CENT), name
    assert row["saved"] == pytest.approx(
        figures["without"] - figures["planned"], abs=2 * CENT
    )
    assert row["split"]["forecast"] == pytest.approx(
        figures["planned"] - figures["known"], abs=2 * CENT
    )
    assert row["split"]["planning"] == pytest.approx(
        figures["known"] - figures["perfect"], abs=2 * CENT
    )
    assert row["co2_kg"] == pytest.approx(0.2 * row["import_kwh"], abs=0.2)


@pytest.mark.timeout(300)
async def test_savings_are_those_of_a_backtest_of_the_day(
    *,
    hass: HomeAssistant,
    set_up: SetUp,
    day: Columns,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await hass.config.async_set_time_zone("UTC")
    home = await set_up(Kind.METER, Kind.TARIFF, Kind.SOLAR, Kind.BATTERY)
    planner = Planner(home)
    try:
        await lived(home, planner)
    finally:
        await planner.async_stop()
    assert home.saved_day is not None
    document = home.saved_day["home"]
    asked = file_of(tmp_path / "home.json", document)
    series = csv_of(tmp_path / "series.csv", home.saved_day["series"])
    (battery,) = (d for d in document["devices"] if d["kind"] == "battery")
    prices = home.saved_day["series"]["import_price"][-96:]
    mean = sum(prices) / len(prices)

    def played(*how: str) -> dict[str, Any]:
        span = ("--from", BEGIN.isoformat(), "--to", NOON.isoformat())
        capsys.readouterr()
        assert main(["backtest", asked, "--series", series, *span, *how, "--json"]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    def left(found: dict[str, Any]) -> float:
        (kwh,) = found["final_energy_kwh"].values()
        more: float = max(0.0, kwh - battery["initial_energy_kwh"])
        worth: float = more * battery["discharge_efficiency"] * mean
        return worth

    def bill(found: dict[str, Any]) -> float:
        cost = found["cost"]
        return float(cost["energy"] + cost["export"] - left(found))

    known = played("--forecast", "perfect", "--know-current-step")
    (row,) = home.savings.days
    assert row.without == pytest.approx(bill(played("--policy", "none")), abs=CENT)
    assert row.planned == pytest.approx(bill(played()), abs=CENT)
    assert row.known == pytest.approx(bill(known), abs=CENT)
    missed = known["known"]["total"] - left(known) - known["perfect"]["total"]
    assert row.perfect is not None
    assert row.known - row.perfect == pytest.approx(max(0.0, missed), abs=CENT)
    assert row.without - row.planned > 10 * CENT  # it is worth to compare
    assert row.end - row.start == DAY
