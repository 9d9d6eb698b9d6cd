"""The standby is what the quietest hours draw."""

from hypothesis import given, strategies as st
import pytest

from cem_core.insight.standby import LEAST_HOURS, standby_w

HOURS = st.lists(
    st.floats(0, 20_000, allow_nan=False), min_size=LEAST_HOURS, max_size=200
)


def test_the_quietest_tenth_counts() -> None:
    assert standby_w([100.0] * 10 + [900.0] * 90) == pytest.approx(100)
    assert standby_w([None] * 40 + [80.0] * 72) == pytest.approx(80)


def test_too_short_a_past_says_nothing() -> None:
    assert standby_w([100.0] * (LEAST_HOURS - 1)) is None
    assert standby_w([None] * 500) is None


@given(HOURS)
def test_it_lies_between_the_least_and_the_mean(hours: list[float]) -> None:
    found = standby_w(hours)
    assert found is not None
    assert min(hours) - 1e-6 <= found <= sum(hours) / len(hours) + 1e-6
