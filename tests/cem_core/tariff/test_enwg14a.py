"""§14a EnWG: worked examples of BNetzA BK6-22-300, annex 1, and laws."""

from datetime import date
from random import Random
from typing import Any

from hypothesis import given, strategies as st
import pytest

from cem_core.tariff.enwg14a import (
    CURRENT,
    Group,
    RatedDevice,
    guaranteed_kw,
    shares_kw,
    steerable,
)


def rated(
    group: Group, rated_kw: float, device_id: str = "x", **fields: Any
) -> RatedDevice:
    return RatedDevice(device_id=device_id, group=group, rated_kw=rated_kw, **fields)


def cars(count: int) -> list[RatedDevice]:
    return [rated(Group.CHARGE_POINT, 11, f"car {i}") for i in range(count)]


@st.composite
def homes(draw: st.DrawFn) -> list[RatedDevice]:
    powers = st.floats(0.1, 40)
    dates = st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1))
    return [
        rated(
            draw(st.sampled_from(Group)),
            draw(powers),
            f"device {i}",
            commissioned=draw(dates),
            registered=draw(st.booleans()),
            voluntary=draw(st.booleans()),
        )
        for i in range(draw(st.integers(0, 12)))
    ]


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, 0), (1, 4.2), (2, 7.56), (3, 10.5), (4, 13.02), (5, 15.12), (9, 19.32)],
)
def test_the_more_devices_the_less_each_is_left(count: int, expected: float) -> None:
    assert guaranteed_kw(cars(count)) == pytest.approx(expected)


def test_a_heat_pump_of_2_5_kw_is_not_one() -> None:
    pump = rated(Group.HEAT_PUMP, 2.5)
    assert steerable([pump]) == []
    assert guaranteed_kw([pump, *cars(1)]) == pytest.approx(4.2)


@pytest.mark.parametrize("group", [Group.HEAT_PUMP, Group.COOLING])
def test_two_of_3_kw_are_one_of_6_kw(group: Group) -> None:
    two = [rated(group, 3, "a"), rated(group, 3, "b")]
    assert len(steerable(two)) == 1
    assert guaranteed_kw(two) == pytest.approx(4.2)
    assert shares_kw(two) == pytest.approx({"a": 2.1, "b": 2.1})


@pytest.mark.parametrize("group", [Group.CHARGE_POINT, Group.STORAGE])
def test_charge_points_and_storage_count_one_by_one(group: Group) -> None:
    assert steerable([rated(group, 3, "a"), rated(group, 3, "b")]) == []
    assert guaranteed_kw([rated(group, 5, "a"), rated(group, 5, "b")]) == pytest.approx(
        7.56
    )


def test_exactly_4_2_kw_is_an_ordinary_load() -> None:
    assert steerable([rated(Group.CHARGE_POINT, 4.2)]) == []
    assert steerable([rated(Group.CHARGE_POINT, 4.21)])


def test_a_group_above_11_kw_is_left_two_fifths_the_larger_of_the_two() -> None:
    pumps = [rated(Group.HEAT_PUMP, 8, "a"), rated(Group.HEAT_PUMP, 12, "b")]
    assert guaranteed_kw(pumps) == pytest.approx(0.4 * 20)
    assert guaranteed_kw([*pumps, *cars(1)]) == pytest.approx(8 + 0.8 * 4.2)
    cooling = rated(Group.COOLING, 15, "c")
    assert guaranteed_kw([*pumps, cooling]) == pytest.approx(8 + 0.8 * 4.2)
    # At 11 kW it is not large yet, above that 0.4 may also be less than 4.2 kW ...
    assert guaranteed_kw([rated(Group.HEAT_PUMP, 11)]) == pytest.approx(4.2)
    # ... which never happens: 0.4 x 11 kW = 4.4 kW.
    assert guaranteed_kw([rated(Group.HEAT_PUMP, 11.01)]) == pytest.approx(4.404)
    assert shares_kw([*pumps, *cars(1)]) == pytest.approx(
        {"a": 3.2, "b": 4.8, "car 0": 3.36}
    )


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({}, True),
        ({"commissioned": date(2024, 1, 1)}, True),
        ({"commissioned": date(2023, 12, 31)}, False),
        ({"commissioned": date(2023, 12, 31), "voluntary": True}, True),
        ({"registered": False}, False),
        ({"registered": False, "voluntary": True}, False),
    ],
)
def test_only_what_is_new_or_volunteered_and_registered_counts(
    fields: dict[str, Any], *, counts: bool
) -> None:
    assert bool(steerable([rated(Group.CHARGE_POINT, 11, **fields)])) is counts


@given(homes())
def test_shares_are_of_those_that_count_and_add_up_to_what_is_guaranteed(
    devices: list[RatedDevice],
) -> None:
    shares = shares_kw(devices)
    counted = {d.device_id for part in steerable(devices) for d in part}
    assert set(shares) == counted
    assert sum(shares.values()) == pytest.approx(guaranteed_kw(devices))
    assert all(share > 0 for share in shares.values())


@given(homes())
def test_a_device_more_never_leaves_less(devices: list[RatedDevice]) -> None:
    more = [*devices, rated(Group.CHARGE_POINT, 11, "one more")]
    assert guaranteed_kw(more) >= guaranteed_kw(devices) - 1e-9


@given(homes())
def test_what_is_guaranteed_is_at_least_one_device_and_at_most_all(
    devices: list[RatedDevice],
) -> None:
    parts, owed_kw = steerable(devices), guaranteed_kw(devices)
    if not parts:
        assert owed_kw == 0
        return
    assert owed_kw >= CURRENT.per_device_kw - 1e-9
    assert owed_kw <= sum(d.rated_kw for part in parts for d in part) + 1e-9


@given(homes(), st.randoms())
def test_the_order_of_the_devices_does_not_matter(
    devices: list[RatedDevice], random: Random
) -> None:
    shuffled = list(devices)
    random.shuffle(shuffled)
    assert guaranteed_kw(shuffled) == pytest.approx(guaranteed_kw(devices))
