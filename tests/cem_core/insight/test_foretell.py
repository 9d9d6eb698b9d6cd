"""Forecasts as another process asks for them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from cem_core.insight.foretell import forecast_errors, foretell
from cem_core.insight.past_days import LocalClock
from cem_core.insight.requests import RequestError

START = datetime(2026, 3, 1, tzinfo=UTC)
DAYS, STEPS = 20, 36
KNOWN = 24 * DAYS
HOUR = np.arange(KNOWN + STEPS) % 24
LOAD_W = (300 + 50 * HOUR).tolist()
SUN_W = np.maximum(0.0, 3000 * np.sin((HOUR - 6) / 12 * np.pi))


def rows(**parts: Any) -> dict[str, Any]:
    return {
        "start": START.isoformat(),
        "step_minutes": 60,
        "known": KNOWN,
        "steps": STEPS,
        "time_zone": "UTC",
        **parts,
    }


def test_what_happens_each_day_is_foretold_from_the_next_row_on() -> None:
    load = {"history_w": LOAD_W[:KNOWN], "annual_wh": 3_000_000}
    answer = foretell(rows(load=load))
    assert answer["start"] == (START + timedelta(days=DAYS)).isoformat()
    mean = answer["load"]["mean_w"]
    inside = slice(1, 23)  # at midnight the steps beside it count too
    assert mean[inside] == pytest.approx(LOAD_W[KNOWN:][inside], rel=0.1, abs=75)
    assert len(mean) == STEPS
    assert np.less_equal(answer["load"]["low_w"], mean).all()
    assert np.less_equal(mean, answer["load"]["high_w"]).all()


def test_without_history_the_load_is_typical_and_of_the_stated_size() -> None:
    answer = foretell(
        rows(known=0, steps=24, load={"history_w": [], "annual_wh": 3_650_000})
    )
    assert sum(answer["load"]["mean_w"]) == pytest.approx(10_000, abs=24)


def test_a_service_that_says_twice_too_much_is_set_right() -> None:
    said = (2 * SUN_W).tolist()
    part = {"history_w": SUN_W[:KNOWN].tolist(), "issued_w": said}
    answer = foretell(rows(solar={"roof": part}))
    mean = np.array(answer["solar"]["roof"]["mean_w"])
    assert mean == pytest.approx(SUN_W[KNOWN:], abs=300)
    silent = part | {"issued_w": [None] * (KNOWN + STEPS)}
    answer = foretell(rows(solar={"roof": silent}))
    assert answer["solar"]["roof"]["mean_w"] == pytest.approx(SUN_W[KNOWN:], abs=100)


def test_hours_that_the_roof_was_not_measured_do_no_harm() -> None:
    history: list[float | None] = SUN_W[:KNOWN].tolist()
    for row in range(24 * 8 + 9, 24 * 8 + 15):
        history[row] = None
    part = {"history_w": history, "issued_w": SUN_W.tolist()}
    answer = foretell(rows(solar={"roof": part}))
    assert answer["solar"]["roof"]["mean_w"] == pytest.approx(SUN_W[KNOWN:], abs=100)


PLACE = {"latitude": 52.0, "longitude": 0.0}


def new_roof(history: list[float | None], peak_w: float = 800) -> np.ndarray:
    """Return what is foretold of a roof of which no service tells."""
    part = {
        "history_w": history,
        "issued_w": [None] * (KNOWN + STEPS),
        "peak_w": peak_w,
    }
    answer = foretell(rows(place=PLACE, solar={"roof": part}))
    return np.array(answer["solar"]["roof"]["mean_w"])


def test_a_new_roof_gives_what_its_peak_power_gives_there_in_that_season() -> None:
    coming = new_roof([None] * KNOWN)
    noon, midnight = coming[12], coming[0]
    # In March, of 800 W: some 2 kWh a day, the most at noon, nothing at night.
    assert 1500 < coming[:24].sum() < 2300
    assert noon == coming[:24].max()
    assert midnight == 0
    assert new_roof([None] * KNOWN, peak_w=400) == pytest.approx(coming / 2, abs=1)


def test_what_a_new_roof_gave_moves_what_is_expected_of_it() -> None:
    history: list[float | None] = [None] * KNOWN
    history[-24:] = (SUN_W[:24] / 30).tolist()  # in the shade: at most 100 W
    shaded = new_roof(history)[:24]
    typical = new_roof([None] * KNOWN)[:24]
    assert 0 < shaded.sum() < 0.8 * typical.sum()
    # After three weeks only what was measured counts.
    known = new_roof((SUN_W[:KNOWN] / 30).tolist())
    assert known[:24] == pytest.approx(SUN_W[KNOWN:][:24] / 30, abs=5)


def test_a_roof_that_fell_silent_is_not_expected_to_give_the_typical() -> None:
    history: list[float | None] = [None] * KNOWN
    history[0] = 0
    assert new_roof(history).max() == 0


@pytest.mark.parametrize("place", [{"latitude": 52}, [], {"latitude": "x"}])
def test_a_place_that_is_none_is_refused(place: object) -> None:
    part = {"history_w": SUN_W[:KNOWN].tolist(), "issued_w": SUN_W.tolist()}
    with pytest.raises(RequestError, match="place"):
        foretell(rows(place=place, solar={"roof": part}))


def test_the_electricity_for_heating_follows_the_cold() -> None:
    day = np.arange(KNOWN + STEPS) // 24
    outdoor = np.where(day % 2 == 0, 2.0, 12.0)
    electric = 300 + 40 * (18 - outdoor)
    part = {"electric_w": electric[:KNOWN].tolist(), "outdoor_c": outdoor.tolist()}
    answer = foretell(rows(heating={"pump": part}))
    assert answer["heating"]["pump"]["mean_w"] == pytest.approx(
        electric[KNOWN:], rel=0.05
    )
    short = {"electric_w": [500.0] * 48, "outdoor_c": [5.0] * (48 + STEPS)}
    few = foretell(rows(known=48, heating={"pump": short}))
    assert few["heating"]["pump"] is None


MODEL = {
    "resistance_k_per_w": 0.005,
    "capacitance_wh_per_k": 8000,
    "solar_aperture_m2": 0,
    "internal_gains_w": 0,
    "heat_scale": 1,
    "cop_per_k_more": 0,
}
COP = {"cop_at_0_c": 3.0, "cop_per_k": 0.0, "cop_per_flow_k": 0.05}


def test_walls_stay_behind_when_the_air_jumps() -> None:
    # 3000 W of heat keep a house of 200 W/K at 15 degrees above outdoors.
    part: dict[str, Any] = {
        "model": MODEL,
        "cop": COP,
        "indoor_c": [20.0] * KNOWN,
        "outdoor_c": [5.0] * KNOWN,
        "electric_w": [1000.0] * KNOWN,
        "heat_w": [None] * KNOWN,
        "solar_w_per_m2": [0.0] * KNOWN,
    }

    def apart(**changes: Any) -> Any:
        return foretell(rows(buildings={"pump": part | changes}))["buildings"]["pump"]

    assert apart() == pytest.approx(0, abs=1e-6)
    assert apart(indoor_c=[20.0] * (KNOWN - 1) + [21.0]) == pytest.approx(
        -0.85, abs=0.05
    )
    assert apart(indoor_c=[20.0] * (KNOWN - 9) + [None] * 9) is None


def test_the_record_of_a_forecast_that_is_never_wrong_is_clean() -> None:
    load = {"history_w": [500.0] * KNOWN, "annual_wh": 500 * 8760}
    solar = {"history_w": SUN_W[:KNOWN].tolist(), "issued_w": SUN_W.tolist()}
    answer = forecast_errors(rows(load=load, solar={"roof": solar}))
    assert answer["load"]["error_share"] < 0.1
    assert answer["solar"]["roof"]["error_share"] < 0.1
    assert set(answer["load"]["by_lead"]) == {"1", "6", "24"}
    assert len(answer["load"]["missed_w"]["24"]) == 3
    few = {"history_w": [500.0] * 24, "annual_wh": 1}
    assert forecast_errors(rows(known=24, steps=0, load=few))["load"] is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"start": "2026-03-01T00:00:00"}, "offset"),
        ({"start": "yesterday"}, "rows cannot be read"),
        ({"time_zone": "Mars/Olympus"}, "rows cannot be read"),
        ({"step_minutes": 7}, "divide"),
        ({"known": -1}, "rows"),
        ({"known": 10**6}, "rows"),
        ({"load": {"history_w": [1.0], "annual_wh": 1}}, "history_w: 1 rows"),
        ({"load": {"history_w": ["x"] * KNOWN, "annual_wh": 1}}, "numbers and nulls"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(RequestError, match=said):
        foretell(rows(**changes))
    with pytest.raises(RequestError, match="steps"):
        foretell({k: v for k, v in rows().items() if k != "steps"})


def test_the_local_clock_is_put_forward_in_march() -> None:
    begin = datetime(2026, 3, 29, tzinfo=UTC)
    clock = LocalClock.of(begin, 4, timedelta(hours=1), ZoneInfo("Europe/Brussels"))
    assert clock.hour.tolist() == [1, 3, 4, 5]
    assert clock.number is not None
    assert clock.number.tolist() == [0, 2, 3, 4]
