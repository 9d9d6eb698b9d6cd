from hypothesis import given, strategies as st

from cem_core.dispatch.shed import Claim, share


@st.composite
def claims(draw: st.DrawFn) -> list[Claim]:
    return [
        Claim(
            place,
            demand_w=draw(st.integers(0, 11_000)),
            floor_w=draw(st.integers(0, 2000)),
            min_w=draw(st.sampled_from([0, 0, 1400, 4140])),
            step_w=draw(st.sampled_from([1, 10, 230])),
        )
        for place in range(draw(st.integers(1, 6)))
    ]


def smooth(*demands_w: int) -> list[Claim]:
    return [Claim(place, demand_w=w) for place, w in enumerate(demands_w)]


def granted(asked: list[Claim]) -> list[int]:
    return [claim.granted_w for claim in asked]


def test_the_first_claims_keep_what_they_ask_for() -> None:
    asked = smooth(2000, 3000, 4000)
    assert share(6000, asked) == 0
    assert granted(asked) == [2000, 3000, 1000]


def test_below_its_least_power_a_device_is_off() -> None:
    asked = [Claim(0, demand_w=11_040, min_w=4140, step_w=690)]
    share(4139, asked)
    assert granted(asked) == [0]
    share(4140, asked)
    assert granted(asked) == [4140]


def test_a_floor_is_kept_where_nothing_is_left() -> None:
    asked = [Claim(0, demand_w=2500, floor_w=800), Claim(1, demand_w=500)]
    assert share(-1000, asked) == 1800
    assert granted(asked) == [800, 0]


def test_help_serves_those_that_are_kept_longer_alone() -> None:
    battery = Claim(1)
    battery.help_w = 3000
    asked = [Claim(0, demand_w=4000), battery, Claim(2, demand_w=5000)]
    assert share(1000, asked) == 0
    assert granted(asked) == [4000, 0, 0]
    assert battery.helped_w == 3000


@given(st.integers(-5000, 30_000), claims())
def test_no_more_than_the_budget_is_granted_unless_all_are_at_their_floors(
    budget_w: int, asked: list[Claim]
) -> None:
    over_w = share(budget_w, asked)
    assert sum(granted(asked)) <= budget_w + over_w
    assert not over_w or all(c.granted_w == c.floor_w for c in asked)


@given(st.integers(0, 30_000), st.integers(0, 5000), st.lists(st.integers(0, 9000)))
def test_more_budget_never_gives_anyone_less(
    budget_w: int, more_w: int, demands_w: list[int]
) -> None:
    before, after = smooth(*demands_w), smooth(*demands_w)
    share(budget_w, before)
    share(budget_w + more_w, after)
    for less, more in zip(before, after, strict=True):
        assert less.granted_w <= more.granted_w


@given(st.integers(0, 30_000), st.lists(st.integers(0, 9000)))
def test_nobody_is_cut_while_one_that_gives_way_first_has_anything(
    budget_w: int, demands_w: list[int]
) -> None:
    asked = smooth(*demands_w)
    share(budget_w, asked)
    cut = [claim.granted_w < claim.demand_w for claim in asked]
    for place, is_cut in enumerate(cut):
        if is_cut:
            assert not any(granted(asked)[place + 1 :])
