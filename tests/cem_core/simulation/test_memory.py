"""A home that is played again goes on with its counters and with what is stored."""

from copy import deepcopy
from datetime import datetime
import json
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from cem_core.simulation.build import build_home
from cem_core.simulation.config import read_setup
from cem_core.simulation.day_series import read_day_series
from cem_core.simulation.home import Home
from cem_core.simulation.memory import RecallError, recall, remembered
from optimizer.yaml_document import parse

DEMO: Final = Path(__file__).parents[3] / "examples" / "demo"
BRUSSELS: Final = ZoneInfo("Europe/Brussels")
EVENING: Final = datetime(2026, 4, 23, 19, 40, tzinfo=BRUSSELS)


def home(at: datetime = EVENING) -> Home:
    setup = read_setup(parse((DEMO / "home.yaml").read_text("utf-8")).plain())
    return build_home(setup, read_day_series(DEMO / setup.series, BRUSSELS), at)


def played(seconds: int) -> Home:
    it = home()
    for _ in range(seconds):
        it.step()
    return it


def kept() -> dict[str, Any]:
    """Return what a home that was played remembers, through a file's text."""
    found: dict[str, Any] = json.loads(json.dumps(remembered(played(1200))))
    return found


def test_counters_and_charges_go_on_where_they_ended() -> None:
    before, after = played(1200), home(EVENING.replace(hour=22))
    assert before.registers.import_wh != after.registers.import_wh
    recall(after, kept())
    assert remembered(after) == remembered(before)
    counted_wh = sum(after.registers.import_wh.values())
    after.step()
    assert sum(after.registers.import_wh.values()) >= counted_wh


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "version 2 is not 1"),
        ({"home": ["other", 1]}, "kept of another home"),
        ({"battery_wh": float("nan")}, "battery_wh nan is no number from 0 to 10000"),
        ({"battery_wh": 10_001}, "battery_wh 10001 is no number"),
        ({"car": None}, "car is no mapping"),
        ({"building": {"air_c": True, "mass_c": 20}}, "air_c True is no number"),
        ({"meter": {}}, "import_wh is no mapping"),
    ],
)
def test_damage_changes_nothing(change: dict[str, Any], message: str) -> None:
    it = home()
    before = deepcopy(remembered(it))
    with pytest.raises(RecallError, match=message):
        recall(it, kept() | change)
    assert remembered(it) == before


@pytest.mark.parametrize("at", ["yesterday", "2026-04-23T19:40:00", 5])
def test_times_are_aware(at: object) -> None:
    damaged = kept()
    damaged["car"]["departs_at"] = at
    with pytest.raises(RecallError, match="departs_at"):
        recall(home(), damaged)


def test_what_is_no_mapping_is_refused() -> None:
    with pytest.raises(RecallError, match="the whole is no mapping"):
        recall(home(), [])
