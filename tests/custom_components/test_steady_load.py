"""The house load is not moved by devices whose own meters are late."""

from hypothesis import given, strategies as st
import pytest

from custom_components.cem.steady_load import WINDOW_S, SteadyLoad


def shown(loads_w: list[int], every_s: float = 1.0) -> list[int | None]:
    it = SteadyLoad()
    return [it.update(w, n * every_s) for n, w in enumerate(loads_w)]


@pytest.mark.parametrize("late_s", [1, 5, 10, 15])
def test_a_car_that_ramps_before_its_charger_says_so_is_no_load(late_s: int) -> None:
    # 7 kW more at the connection, told of ``late_s`` later; then 7 kW less, likewise.
    loads_w = [500] * 40 + [7500] * late_s + [500] * 40 + [-6500] * late_s + [500] * 40
    assert set(shown(loads_w)) == {500}


def test_a_kettle_is_load_once_half_of_the_window_is_over() -> None:
    found = shown([500] * 60 + [2500] * 60)
    first = found.index(2500)
    assert first - 60 == pytest.approx(WINDOW_S / 2, abs=1)
    assert set(found[first:]) == {2500}


def test_what_is_looked_at_often_does_not_count_more() -> None:
    it = SteadyLoad()
    for second in range(20):
        it.update(500, float(second))
    # A hundred reports of devices in one second, and one telegram.
    looked = {it.update(4000, 20.0 + look / 100) for look in range(100)}
    assert looked == {500}


def test_a_silence_is_forgotten() -> None:
    it = SteadyLoad()
    it.update(500, 0.0)
    assert it.update(None, 1.0) is None
    assert it.update(3000, 2.0) == 3000


def test_it_is_never_below_nothing() -> None:
    assert shown([-40] * 3) == [0, 0, 0]


@given(
    st.lists(st.integers(-9000, 9000), min_size=1, max_size=80),
    st.floats(0.01, 30),
)
def test_it_is_one_of_what_was_seen_in_the_window(
    loads_w: list[int], every_s: float
) -> None:
    for place, found in enumerate(shown(loads_w, every_s)):
        recent = loads_w[max(0, place - int(WINDOW_S / every_s) - 2) : place + 1]
        assert found in {max(0, w) for w in recent}
