from hypothesis import given, strategies as st

from cem_core.model.units import all_w, kw, w


@given(st.integers(-(10**9), 10**9))
def test_whole_watts_survive_the_way_through_kw(power_w: int) -> None:
    assert w(kw(power_w)) == power_w


def test_a_list_is_converted_item_by_item() -> None:
    assert all_w([4.2, -0.0005, 0]) == (4200, 0, 0)
