"""What a device is counted on for once it fell short of its orders."""

from hypothesis import given, strategies as st
import pytest

from cem_core.devices.ability import FOUND_AFTER_S, HOLDS_S, Ability, Promise

_TO_FIND = round(FOUND_AFTER_S) + 32


class Watched:
    """A device that is looked at each second."""

    def __init__(self) -> None:
        self.ability, self.now_s = Ability(), 0.0
        self.promise = Promise()

    def does(
        self, seconds: int, ordered_w: int | None, power_w: int | None, **known: bool
    ) -> Promise:
        for _ in range(seconds):
            self.now_s += 1
            self.promise = self.ability.update(self.now_s, ordered_w, power_w, **known)
        return self.promise


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_what_gives_three_of_five_is_counted_on_for_three(watched: Watched) -> None:
    assert watched.does(_TO_FIND - 5, -5000, -3000).whole
    assert watched.does(5, -5000, -3000) == Promise(gives_w=3000)


def test_what_stays_at_zero_is_counted_on_for_nothing(watched: Watched) -> None:
    assert watched.does(_TO_FIND, 11_040, 0) == Promise(takes_w=0)


def test_it_is_tried_anew_after_half_an_hour(watched: Watched) -> None:
    watched.does(_TO_FIND, 5000, 3000)
    assert watched.does(round(HOLDS_S) - 5, 3000, 3000) == Promise(takes_w=3000)
    assert watched.does(10, 3000, 3000).whole
    assert watched.does(_TO_FIND, 5000, 3000) == Promise(takes_w=3000)


def test_what_is_left_alone_is_believed_again_as_well(watched: Watched) -> None:
    watched.does(_TO_FIND, -5000, -3000)
    assert watched.does(round(HOLDS_S) - 5, None, 0) == Promise(gives_w=3000)
    assert watched.does(10, None, 0).whole


def test_it_is_believed_again_once_it_follows_an_order_to_more(
    watched: Watched,
) -> None:
    watched.does(_TO_FIND, 5000, 4200)
    assert watched.does(60, 4200, 4200) == Promise(takes_w=4200)
    assert watched.does(60, 5000, 4400) == Promise(takes_w=4200)
    assert watched.does(1, 5000, 4600).whole


def test_a_shortfall_that_shrinks_is_counted_on_for_what_it_does_now(
    watched: Watched,
) -> None:
    watched.does(_TO_FIND, 5000, 3000)
    assert watched.does(60, 5000, 3600) == Promise(takes_w=3600)


def test_orders_that_change_each_second_are_no_excuse(watched: Watched) -> None:
    for second in range(_TO_FIND):
        watched.does(1, 4000 + 500 * (second % 3), 3000)
    assert watched.promise == Promise(takes_w=3000)


def test_an_order_that_is_often_kept_is_no_shortfall(watched: Watched) -> None:
    for _ in range(20):
        watched.does(25, 5000, 3000)  # on its way
        watched.does(5, 3000, 3000)
    assert watched.promise.whole


@pytest.mark.parametrize(("ordered_w", "known"), [(5000, "full"), (-5000, "empty")])
def test_a_full_or_empty_battery_may_fall_short(
    watched: Watched, ordered_w: int, known: str
) -> None:
    watched.does(2 * _TO_FIND, ordered_w, ordered_w // 5, **{known: True})
    assert watched.promise.whole


@pytest.mark.parametrize(("ordered_w", "power_w"), [(None, 0), (5000, None)])
def test_nothing_ordered_or_measured_tells_nothing(
    watched: Watched, ordered_w: int | None, power_w: int | None
) -> None:
    assert watched.does(2 * _TO_FIND, ordered_w, power_w).whole


def test_time_in_which_nobody_looked_does_not_count(watched: Watched) -> None:
    watched.does(200, 5000, 3000)
    watched.now_s += 200
    assert watched.does(200, 5000, 3000).whole


def test_another_car_is_not_the_last_one(watched: Watched) -> None:
    watched.does(_TO_FIND, 11_040, 0)
    watched.ability.forget()
    assert watched.does(1, 11_040, 0).whole


@given(
    st.lists(
        st.tuples(st.integers(-6000, 6000), st.floats(0.92, 1.0)),
        min_size=1,
        max_size=5,
    )
)
def test_what_follows_is_never_counted_on_for_less(
    orders: list[tuple[int, float]],
) -> None:
    watched = Watched()
    for ordered_w, share in orders:
        assert watched.does(400, ordered_w, round(share * ordered_w)).whole


def test_an_order_that_stands_is_kept_once(watched: Watched) -> None:
    """It is looked at with each telegram and each report, for each device."""
    watched.does(500, 3000, 3000)
    watched.does(500, -2000, -2000)
    kept = watched.ability._takes._asked, watched.ability._gives._asked
    assert [len(asked) for asked in kept] == [1, 1]
