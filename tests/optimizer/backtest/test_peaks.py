"""What is watched while playing must be what is billed at the end."""

import math

import numpy as np
import pytest

from optimizer.backtest.carry_out import Player
from optimizer.backtest.knowledge import Knowledge
from optimizer.backtest.levels import Levels
from optimizer.backtest.peaks import PeakWatch, bill
from optimizer.backtest.planning import Planner
from optimizer.backtest.rare_loads import Rare
from optimizer.backtest.settings import Foresight, Settings
from optimizer.backtest.state import StateOfHome
from tests.optimizer.backtest import years
from tests.optimizer.homes import Json

MONTHLY: Json = {"integration_minutes": 30, "price_per_kw": 4.0}


def watched(tariff: Json, import_kw: np.ndarray, days: int) -> PeakWatch:
    home = years.home(tariff={"capacity": tariff})
    record = years.record(home, days=days, played=days)
    peaks = PeakWatch(record)
    for t, kw in enumerate(import_kw):
        peaks.see(t, float(kw))
    return peaks


def test_without_a_charge_nothing_is_too_much() -> None:
    home = years.home(years.BATTERY)
    peaks = PeakWatch(years.record(home))
    assert peaks.target_kw(200) == math.inf
    assert peaks.prices(200, 4) is None
    assert peaks.home_now(home, 200) == home


def test_the_target_is_the_highest_so_far() -> None:
    peaks = watched(MONTHLY, np.array([1.0, 3.0, 2.0]), 2)
    assert peaks.target_kw(3) == pytest.approx(3.0)
    prices = peaks.prices(3, 2)
    assert prices is not None
    assert prices.above_kw.tolist() == [[3.0], [3.0]]
    assert prices.per_kwh.tolist() == [[8.0], [8.0]]


def test_a_new_month_begins_without_a_peak() -> None:
    rows = 30 * years.PER_DAY  # from 2 to 31 March
    peaks = watched(MONTHLY, np.full(rows, 3.0), 32)
    assert peaks.target_kw(rows) == 0.0
    assert peaks.target_kw(rows - 1) == 0.0


def test_the_mean_of_three_days_is_watched_and_billed() -> None:
    tariff = {**MONTHLY, "top": 3, "distinct_days": True}
    import_kw = np.ones(4 * years.PER_DAY)
    import_kw[10], import_kw[60], import_kw[110] = 5.0, 4.0, 3.0
    peaks = watched(tariff, import_kw[: 3 * years.PER_DAY], 4)
    assert peaks.target_kw(3 * years.PER_DAY) == pytest.approx(3.0)
    home = years.home(tariff={"capacity": tariff})
    record = years.record(home, days=4, played=4)
    (window,) = bill(home, record.span(), import_kw)
    assert window.peaks_kw == pytest.approx([5.0, 4.0, 3.0])
    assert window.capacity == pytest.approx(16.0)


def test_a_night_that_does_not_count_is_free() -> None:
    masked = {**MONTHLY, "masks": [{"hours": ["6-22"], "weight": 1}]}
    peaks = watched(masked, np.full(20, 2.0), 2)
    assert peaks.target_kw(4) == math.inf
    assert peaks.target_kw(30) == pytest.approx(2.0)


def planned(forecast: Foresight, rare: Rare | None) -> list[Levels]:
    """Return the battery's levels of the next steps."""
    home = years.home(
        years.ROOF, years.BATTERY, tariff={"capacity": {**MONTHLY, "price_per_kw": 40}}
    )
    record = years.record(home)
    peaks = PeakWatch(record)
    peaks.rare = rare
    planner = Planner(record, Player(record, StateOfHome.initial(home)), peaks)
    view = Knowledge(record, Settings(forecast=forecast)).view(record.first, 40)
    plan = planner.plan(view, 20)
    assert plan is not None
    return [orders.levels["battery"] for orders in plan.orders]


def test_a_rare_load_is_kept_for_only_where_the_load_is_uncertain() -> None:
    rare = Rare(by_clock_kw=np.full(years.PER_DAY, 9.0), share=0.3)
    certain, uncertain = Foresight.PERFECT, Foresight.LEARNED
    assert planned(certain, rare) == planned(certain, None)
    assert planned(uncertain, rare) != planned(uncertain, None)
