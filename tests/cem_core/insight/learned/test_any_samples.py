"""Whatever a home sends, parameters stay inside their bounds and nothing breaks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite, nan
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from cem_core.insight.learned import (
    BatteryModel,
    BatterySample,
    CarHabits,
    CopModel,
    CopSample,
    HotWaterDraw,
    HotWaterSample,
    Learned,
    Session,
    ThermalModel,
    ThermalSample,
    learn_battery,
    learn_building,
    learn_car,
    learn_cop,
    learn_hot_water,
    learned_from_json,
    learned_to_json,
)
from tests.cem_core.insight.learned.simulated_home import (
    DWELLING,
    SAMPLES_A_DAY,
    any_home,
    live,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

START = datetime(2026, 1, 5, tzinfo=UTC)
BRUSSELS = ZoneInfo("Europe/Brussels")
HOURS = 24 * 20
BUILDING = ThermalModel.typical(DWELLING)
COP = CopModel.typical(DWELLING)
HOT_WATER = HotWaterDraw.typical(DWELLING)
CAR = CarHabits.typical()
BATTERY = BatteryModel.typical(10_000)

type Value = float | None
type Row = tuple[datetime, Value, Value, Value, Value]
type Rows = Sequence[Row]


def building(rows: Rows) -> Learned[ThermalModel]:
    samples = [
        ThermalSample(
            time=time, indoor_c=a, outdoor_c=b, electric_w=c, solar_w_per_m2=d
        )
        for time, a, b, c, d in rows
    ]
    return learn_building(samples, BUILDING, COP)


def cop(rows: Rows) -> Learned[CopModel]:
    samples = [
        CopSample(time=time, electric_w=c, heat_w=d, outdoor_c=b, flow_c=a)
        for time, a, b, c, d in rows
    ]
    return learn_cop(samples, COP)


def hot_water(rows: Rows) -> Learned[HotWaterDraw]:
    samples = [HotWaterSample(time=time, draw_wh=c) for time, _, _, c, _ in rows]
    return learn_hot_water(samples, HOT_WATER, BRUSSELS)


def car(rows: Rows) -> Learned[CarHabits]:
    sessions = [
        Session(
            arrive=time,
            depart=time
            + timedelta(
                hours=min(1e4, max(-1e4, a)) if a is not None and isfinite(a) else -1
            ),
            energy_wh=nan if c is None else c,
        )
        for time, a, _, c, _ in rows
    ]
    return learn_car(sessions, CAR, BRUSSELS)


def battery(rows: Rows) -> Learned[BatteryModel]:
    samples = [
        BatterySample(
            time=time, power_w=c, state_of_charge=None if a is None else a / 25
        )
        for time, a, _, c, _ in rows
    ]
    return learn_battery(samples, BATTERY)


KINDS: list[tuple[Callable[[Rows], Learned[Any]], DataclassInstance]] = [
    (building, BUILDING),
    (cop, COP),
    (hot_water, HOT_WATER),
    (car, CAR),
    (battery, BATTERY),
]
USUAL = (20, 5, 900, 300)
SHAPES = ("constant", "zero", "noise", "walk", "jumps", "spikes", "nan", "absent")


def column(shape: str, usual: float, rng: np.random.Generator) -> list[Value]:
    """Return one value an hour, around ``usual`` where the shape has a middle."""
    noise = rng.normal(0, 1, HOURS)
    values = {
        "constant": np.full(HOURS, usual),
        "zero": np.zeros(HOURS),
        "noise": usual * (1 + noise / 3),
        "walk": usual + usual / 20 * np.cumsum(noise),
        "jumps": usual * (1 + (noise > 1)),
        "spikes": np.where(noise > 2, 1e9 * noise, usual + noise),
        "nan": np.where(noise > 0, usual + noise, np.nan),
        "absent": np.full(HOURS, np.nan),
    }[shape]
    if shape == "absent":
        return [None] * HOURS
    return [float(value) for value in values]


@dataclass(frozen=True)
class Garbage:
    """Hours of four columns, a share of them lost, some doubled and out of order."""

    seed: int
    shapes: tuple[str, str, str, str]
    lost: float
    shuffled: bool

    def rows(self) -> Rows:
        rng = np.random.default_rng(self.seed)
        columns = [
            column(shape, usual, rng)
            for shape, usual in zip(self.shapes, USUAL, strict=True)
        ]
        times = [START + timedelta(hours=hour) for hour in range(HOURS)]
        rows = [*zip(times, *columns, strict=True)]
        places = np.flatnonzero(rng.random(HOURS) >= self.lost).tolist()
        if self.shuffled:
            places = [*places, *places[:7]]
            rng.shuffle(places)
        return [rows[place] for place in places]


GARBAGE = st.builds(
    Garbage,
    seed=st.integers(0, 2**32),
    shapes=st.tuples(*[st.sampled_from(SHAPES)] * 4),
    lost=st.sampled_from((0.0, 0.05, 0.5, 0.98)),
    shuffled=st.booleans(),
)


@pytest.mark.parametrize(
    ("learn", "prior"), KINDS, ids=lambda k: getattr(k, "__name__", "")
)
@given(garbage=GARBAGE)
@settings(max_examples=60, deadline=None)
def test_garbage_breaks_nothing(
    learn: Callable[[Rows], Learned[Any]], prior: DataclassInstance, garbage: Garbage
) -> None:
    learned = learn(garbage.rows())
    # Bounds are checked by what reads it, and numbers are numbers.
    again = learned_from_json(type(prior), learned_to_json(learned))
    assert again == learned
    assert (learned.parameters == prior) or learned.kept_prior is None
    assert learned.samples >= 0
    if learned.kept_prior is None:
        ratios = [
            learned.error[name] / learned.prior_error[name] for name in learned.error
        ]
        assert np.mean(ratios) < 1


@pytest.mark.parametrize(
    ("learn", "prior"), KINDS, ids=lambda k: getattr(k, "__name__", "")
)
@pytest.mark.parametrize("shape", ["constant", "zero", "absent"])
def test_what_never_changes_teaches_nothing_and_says_so(
    learn: Callable[[Rows], Learned[Any]], prior: DataclassInstance, shape: str
) -> None:
    rng = np.random.default_rng(1)
    columns = [column(shape, usual, rng) for usual in USUAL]
    times = [START + timedelta(hours=hour) for hour in range(HOURS)]
    learned = learn([*zip(times, *columns, strict=True)])
    if learn is car and shape == "constant":
        # Stays that are all alike are a habit.
        assert learned.kept_prior is None
        return
    assert learned.parameters == prior
    assert learned.kept_prior


@given(seed=st.integers(0, 10_000), days=st.lists(st.integers(1, 40), max_size=3))
@settings(max_examples=12, deadline=None)
def test_more_days_of_a_home_stay_inside_the_bounds(seed: int, days: list[int]) -> None:
    samples = live(
        any_home(seed, least_to_mass=0.0), seed=seed, days=max(days, default=1)
    )
    for count in sorted(days):
        learned = learn_building(samples[: count * SAMPLES_A_DAY], BUILDING, COP)
        assert learned_from_json(ThermalModel, learned_to_json(learned)) == learned
        if learned.error:
            assert learned.error["indoor_24h_k"] <= learned.prior_error["indoor_24h_k"]
