"""A household's hot water is found in its tank's temperature."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from cem_core.insight.learned import HotWaterDraw, learn_hot_water
from cem_core.insight.learned.tank_draw import DrawnTank, TankRow, draws

BRUSSELS = ZoneInfo("Europe/Brussels")
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
STEP = timedelta(minutes=5)
STEP_H = STEP / timedelta(hours=1)
DAYS = 10  # so long Home Assistant keeps means of five minutes
PRIOR = HotWaterDraw.profile(5845)
TANK = DrawnTank(litres=200, loss_w_per_k=2.0, around_c=20)


@dataclass(kw_only=True)
class Household:
    """Showers and dishes at hours of its own, from a tank with a thermostat."""

    showers: dict[int, float]
    tank: DrawnTank = TANK
    power_w: float = 2000
    rooms_w: Callable[[int], float] = lambda _: 0.0
    noise_k: float = 0.05
    seed: int = 1

    def rows(self) -> tuple[list[TankRow], float]:
        """Return ten days of means, and the Wh that were drawn a day."""
        rng = np.random.default_rng(self.seed)
        water_c, heating, drawn_wh = 52.0, False, 0.0
        shown: list[tuple[datetime, float, float]] = []
        for step in range(DAYS * 288 + 1):
            time = MONDAY + step * STEP
            hour = time.astimezone(BRUSSELS).hour
            draw_w = 0.0
            if hour in self.showers and step % 12 in (3, 4):
                draw_w = self.showers[hour] / (2 * STEP_H) * rng.uniform(0.8, 1.2)
            heating = water_c < 48 or (heating and water_c < 52)
            rooms_w = 0.0 if heating else self.rooms_w(hour)
            electric_w = self.power_w if heating else rooms_w
            heat_w = self.tank.cop * self.power_w if heating else 0.0
            shown.append((time, water_c, electric_w))
            lost_w = self.tank.loss_w_per_k * (water_c - self.tank.around_c)
            kelvin = (heat_w - lost_w - draw_w) * STEP_H / self.tank.wh_per_k
            water_c += kelvin
            drawn_wh += draw_w * STEP_H
        rows = [
            TankRow(
                time=time,
                water_c=round(water_c + rng.normal(0, self.noise_k), 1),
                electric_w=electric_w,
            )
            for time, water_c, electric_w in shown
        ]
        return rows, drawn_wh / DAYS


def learned(household: Household) -> tuple[Sequence[float], float]:
    """Return the learned Wh of each hour of a weekday's mean, and what was drawn a day."""
    rows, drawn_wh = household.rows()
    found = learn_hot_water(draws(rows, household.tank), PRIOR, BRUSSELS)
    assert found.kept_prior is None
    return np.mean(found.parameters.draw_wh, axis=0), drawn_wh


@given(
    showers=st.dictionaries(
        st.integers(5, 22), st.floats(600, 2400), min_size=2, max_size=4
    ),
    litres=st.floats(120, 400),
    seed=st.integers(0, 100),
)
@settings(max_examples=12, deadline=None)
def test_a_households_draw_off_is_recovered(
    showers: dict[int, float], litres: float, seed: int
) -> None:
    """Ten days leave about a quarter of the start values, of which they are far."""
    tank = DrawnTank(litres=litres, loss_w_per_k=2.0, around_c=20)
    by_hour, drawn_wh = learned(Household(showers=showers, tank=tank, seed=seed))
    apart_wh = abs(PRIOR.on(0) - drawn_wh)
    assert abs(sum(by_hour) - drawn_wh) < 0.4 * apart_wh + 0.15 * drawn_wh
    true = np.array([showers.get(hour, 0.0) for hour in range(24)])
    before = np.abs(np.array(PRIOR.draw_wh[0]) - true).mean()
    assert np.abs(by_hour - true).mean() < 0.5 * before


def test_a_heat_pump_that_also_heats_rooms_tells_less_but_the_hours() -> None:
    """While it runs nothing is known of the water unless it falls."""
    tank = DrawnTank(litres=200, loss_w_per_k=2.0, around_c=20, cop=3, shared=True)
    household = Household(
        showers={6: 1800, 20: 1200},
        tank=tank,
        rooms_w=lambda hour: 1500 if hour % 3 == 0 else 0.0,
    )
    by_hour, drawn_wh = learned(household)
    assert sum(by_hour) == pytest.approx(drawn_wh, rel=0.3)
    assert sorted(np.argsort(by_hour)[-2:]) == [6, 20]


def test_heat_that_a_thermometer_shows_late_was_not_drawn() -> None:
    """A sensor high up in a layered tank rises an hour after the element heats."""
    tank = DrawnTank(litres=200, loss_w_per_k=0.0, around_c=20)
    rows = [
        TankRow(
            time=MONDAY + k * STEP,
            water_c=45.0 if k < 36 else 45.0 + min(k - 36, 12) / 12 * 2000 / 232.6,
            electric_w=2000 if 12 <= k < 24 else 0,
        )
        for k in range(72)
    ]
    assert sum(s.draw_wh or 0 for s in draws(rows, tank)) == pytest.approx(0, abs=10)


def test_what_was_not_measured_is_not_known() -> None:
    rows = [
        TankRow(time=MONDAY + k * STEP, water_c=None if k < 6 else 50, electric_w=0)
        for k in range(25)
    ]
    first, second = draws(rows, TANK)
    assert first.draw_wh is None
    assert second.draw_wh is not None
    assert draws([], TANK) == []


def test_a_tank_that_only_cools_is_not_drawn_from() -> None:
    """It loses what was said: nothing is left for anybody to have drawn."""
    water_c = 50.0
    rows = []
    for k in range(48 * 12):
        rows.append(TankRow(time=MONDAY + k * STEP, water_c=water_c, electric_w=0))
        water_c -= 2.0 * (water_c - 20) * STEP_H / TANK.wh_per_k
    drawn = [sample.draw_wh for sample in draws(rows, TANK)]
    assert drawn == pytest.approx([0.0] * 48, abs=1)
