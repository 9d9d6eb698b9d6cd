"""What later days will need is a question of ranks alone."""

import numpy as np
import pytest

from optimizer.backtest.unavoidable import Unavoidable

SEEN = Unavoidable(by_day_kw=np.array([3.0, 1.0, 4.0, 2.0]), top=1)


def test_the_highest_of_four_stays_the_highest_of_four_more_half_the_time() -> None:
    imports_kw, shares = SEEN.avoidable(4)
    assert imports_kw.tolist() == [0.0, 2.0, 3.0, 4.0]
    assert shares[-1] == pytest.approx(4 / 8)
    assert shares[-2] == pytest.approx(4 / 8 * 3 / 7)
    assert shares[0] == 0.0


def test_on_the_last_day_all_is_to_be_paid() -> None:
    assert SEEN.avoidable(0)[1].tolist() == [1.0]


def test_the_third_highest_is_exceeded_less_easily_than_the_highest() -> None:
    of_three = Unavoidable(by_day_kw=SEEN.by_day_kw, top=3)
    assert of_three.avoidable(4)[1][-1] > SEEN.avoidable(4)[1][-1]


def test_days_drawn_by_lot_exceed_as_often() -> None:
    rng = np.random.default_rng(7)
    days = rng.permuted(np.tile(np.arange(10.0), (20_000, 1)), axis=1)
    third = np.sort(days[:, :6], axis=1)[:, 2]
    none_above = np.mean(days[:, 6:].max(axis=1) < third)
    six = Unavoidable(by_day_kw=np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), top=1)
    shares = dict(zip(*six.avoidable(4), strict=True))
    assert shares[3.0] == pytest.approx(none_above, abs=0.01)


def test_even_odds_lie_where_the_share_passes_a_half() -> None:
    assert SEEN.even_odds_kw(4) == 4.0
    assert SEEN.even_odds_kw(1) == 3.0
    assert SEEN.even_odds_kw(0) == 0.0
