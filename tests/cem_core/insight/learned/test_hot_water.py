from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from cem_core.insight.learned import (
    Dwelling,
    DwellingKind,
    HotWaterDraw,
    HotWaterSample,
    learn_hot_water,
)
from cem_core.insight.learned.hot_water import drawn_wh

BRUSSELS = ZoneInfo("Europe/Brussels")
FLAT = Dwelling(kind=DwellingKind.APARTMENT, floor_area_m2=80, building_year=2005)
PRIOR = HotWaterDraw.typical(FLAT)
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def family(days: int, *, seed: int = 1) -> list[HotWaterSample]:
    """Return showers at 6 on workdays, a bath on Saturday at 20, local time."""
    rng = np.random.default_rng(seed)
    samples = []
    for hour in range(24 * days):
        time = MONDAY + timedelta(hours=hour)
        local = time.astimezone(BRUSSELS)
        draw = rng.gamma(1, 60)
        if local.weekday() < 5 and local.hour == 6:
            draw += rng.gamma(9, 300)
        if local.weekday() == 5 and local.hour == 20:
            draw += rng.gamma(9, 600)
        samples.append(HotWaterSample(time=time, draw_wh=float(draw)))
    return samples


def test_a_day_starts_as_the_load_profile_of_the_regulation() -> None:
    # DIN V 18599-10: (16.5 - 0.05 x 80) kWh/(m2 a) x 80 m2 = 1000 kWh a year.
    assert PRIOR.on(0) == pytest.approx(1_000_000 / 365)
    assert PRIOR.draw_wh[0][7] / PRIOR.on(0) == pytest.approx(1610 / 5845)
    assert PRIOR.draw_wh[0] == PRIOR.draw_wh[6]


def test_showers_and_the_bath_are_found() -> None:
    learned = learn_hot_water(family(56), PRIOR, BRUSSELS)
    draw = learned.parameters.draw_wh
    assert learned.kept_prior is None
    assert draw[1][6] == pytest.approx(2760, rel=0.15)
    assert draw[5][20] > 3000
    assert draw[5][6] < 500
    assert draw[1][13] == pytest.approx(60, abs=25)
    assert learned.error["hour_rms_wh"] < learned.prior_error["hour_rms_wh"]


def test_it_follows_a_family_that_changes() -> None:
    late = [
        replace(s, time=s.time + timedelta(days=56, hours=2))
        for s in family(56, seed=2)
    ]
    draw = learn_hot_water(family(56) + late, PRIOR, BRUSSELS).parameters.draw_wh
    assert draw[1][8] > 2 * draw[1][6]


def test_days_away_are_left_out() -> None:
    samples = family(28)
    away = [replace(s, away=True, draw_wh=0.0) for s in samples[14 * 24 : 21 * 24]]
    marked = samples[: 14 * 24] + away + samples[21 * 24 :]
    missing = samples[: 14 * 24] + samples[21 * 24 :]
    learned = learn_hot_water(marked, PRIOR, BRUSSELS)
    assert learned.parameters == (learn_hot_water(missing, PRIOR, BRUSSELS).parameters)
    assert learned.left_out == 7 * 24


def test_it_says_why_the_start_values_stay() -> None:
    few = learn_hot_water(family(5), PRIOR, BRUSSELS)
    assert few.parameters == PRIOR
    assert few.kept_prior == "fewer than 7 days of hours at home"
    dead = learn_hot_water(
        [replace(s, draw_wh=0.0) for s in family(20)], PRIOR, BRUSSELS
    )
    assert dead.kept_prior == "the draw does not change"
    assert dead.parameters == PRIOR


def test_a_tank_tells_what_was_drawn() -> None:
    # 200 l fall from 55 to 45 degrees: 2326 Wh, and 500 Wh went in meanwhile.
    drawn = drawn_wh(litres=200, before_c=55, after_c=45, heat_wh=500, loss_wh=80)
    assert drawn == pytest.approx(2326 + 500 - 80)
    assert drawn_wh(litres=200, before_c=50, after_c=51, heat_wh=0, loss_wh=60) == 0
