from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from cem_core.tariff import Deviation, FlexibilityPrice, covered_hours, delivered_kw

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
EDGES = [NOON + n * timedelta(minutes=15) for n in range(9)]
kws = st.lists(st.floats(-9, 9), min_size=3, max_size=3)


def test_what_is_delivered_and_what_lacks() -> None:
    """3 kW were sold; 2 kW and nothing come, of half an hour each."""
    price = FlexibilityPrice(power_kw=3, price_per_kwh=0.4, penalty_per_kwh=0.1)
    given_kw = delivered_kw(Deviation.REDUCE, 3, [1.0, 4.0], [3.0, 3.0])
    assert given_kw == [2, 0]
    assert price.cost(given_kw, [0.5, 0.5]) == pytest.approx(
        -0.5 * 2 * 0.4 + 0.5 * (1 + 3) * 0.1
    )


def test_more_import_counts_the_other_way() -> None:
    assert delivered_kw(Deviation.INCREASE, 3, [9.0, 1.0], [3.0, 3.0]) == [3, 0]


@given(kws, kws, st.floats(0, 9))
def test_one_direction_at_a_time_is_delivered(
    net: list[float], baseline: list[float], power_kw: float
) -> None:
    less, more = (delivered_kw(d, power_kw, net, baseline) for d in Deviation)
    for one, other in zip(less, more, strict=True):
        assert min(one, other) == 0
        assert 0 <= max(one, other) <= power_kw


@given(st.integers(-30, 150), st.integers(1, 150))
def test_a_window_covers_its_length_within_the_plan(begin: int, length: int) -> None:
    start = NOON + timedelta(minutes=begin)
    end = start + timedelta(minutes=length)
    hours = covered_hours(EDGES, start, end)
    inside = min(end, EDGES[-1]) - max(start, EDGES[0])
    assert sum(hours) == pytest.approx(max(inside / timedelta(hours=1), 0))
    assert all(0 <= each <= 0.25 for each in hours)
