"""§14a EnWG: worked examples of BNetzA BK6-22-300, annex 1, 4.5.2."""

from datetime import date

import pytest

from optimizer.de_14a import guaranteed_kw, steerable
from optimizer.home import Battery, Consumer, EvCharger, Group, HeatPump
from optimizer.ordered import ordered_limits
from optimizer.read_home import home_from_json
from tests.optimizer.homes import BATTERY, CAR, HEAT_PUMP, Json, at, home, plan, series
from tests.optimizer.judge import judge


def car(power_kw: float = 11, **fields: object) -> Consumer:
    return EvCharger(id="car", max_power_kw=power_kw, **fields)  # type: ignore[arg-type]


def consumer(group: Group, power_kw: float) -> Consumer:
    return car(rated_power_kw=power_kw, group=group)


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, 0), (1, 4.2), (2, 7.56), (3, 10.5), (4, 13.02), (5, 15.12), (9, 19.32)],
)
def test_the_more_devices_the_less_each_is_left(count: int, expected: float) -> None:
    assert guaranteed_kw([car()] * count) == pytest.approx(expected)


def test_a_large_group_is_left_two_fifths() -> None:
    large = [consumer(Group.HEAT_PUMP, 8), consumer(Group.HEAT_PUMP, 12)]
    assert guaranteed_kw(large) == pytest.approx(8)
    assert guaranteed_kw([*large, car()]) == pytest.approx(8 + 0.8 * 4.2)
    # The larger of the two sums, not both.
    both = [*large, consumer(Group.COOLING, 15)]
    assert guaranteed_kw(both) == pytest.approx(8 + 0.8 * 4.2)


def test_two_small_heat_pumps_are_one_steerable_device() -> None:
    small = [consumer(Group.HEAT_PUMP, 3), consumer(Group.HEAT_PUMP, 3)]
    assert len(steerable(small)) == 1
    assert guaranteed_kw(small) == pytest.approx(4.2)
    assert steerable(small[:1]) == []


def test_what_was_there_before_2024_or_is_small_is_left_alone() -> None:
    assert steerable([car(4.2)]) == []
    assert steerable([car(commissioning_date=date(2023, 12, 31))]) == []
    assert len(steerable([car(commissioning_date=date(2024, 1, 1))])) == 1


def test_the_preset_counts_and_limits_by_itself() -> None:
    pump = {**HEAT_PUMP, "rated_power_kw": 6}
    small = {**BATTERY, "charge_limit_kw": 3}
    found = home_from_json(
        home(
            {**CAR, "sessions": []},
            pump,
            small,
            limits=[{"id": "a", "preset": "de_14a"}],
        )
    )
    kinds = [type(device) for device in found.devices]
    assert kinds == [EvCharger, HeatPump, Battery]
    (limit,) = ordered_limits(found)
    assert limit.counted == {"car", "heat_pump"}
    assert limit.limit_kw == pytest.approx(7.56)
    assert limit.basis == "grid_draw"


def test_an_ordered_power_holds_also_below_what_is_guaranteed() -> None:
    found = home_from_json(
        home(
            {**CAR, "sessions": []},
            limits=[{"id": "a", "preset": "de_14a", "limit_kw": 2}],
        )
    )
    assert ordered_limits(found)[0].limit_kw == 2


def test_a_device_marked_as_not_controllable_does_not_count() -> None:
    marked = {**CAR, "sessions": [], "controllable": False}
    found = home_from_json(
        home(marked, BATTERY, limits=[{"id": "a", "preset": "de_14a"}])
    )
    assert ordered_limits(found)[0].counted == {"battery"}


def test_production_lets_a_car_draw_more() -> None:
    session = {"arrive": at(0), "depart": at(3), "energy_kwh": 20}
    given: Json = home(
        {**CAR, "sessions": [session]},
        {"id": "roof", "kind": "solar", "series": "pv_kw"},
        limits=[{"id": "dso", "preset": "de_14a", "end": at(2)}],
    )
    rows = series([0.1, 0.2, 0.3], load_kw=1, pv_kw=[6.0, 3.0, 0.0])
    result = plan(given, rows)
    # 4.2 kW and what the load leaves: 5 kW, then 2 kW.
    assert result["devices"]["car"]["power_kw"] == pytest.approx([9.2, 6.2, 4.6])
    full = {**given["limits"][0], "limit_kw": 4.2, "basis": "grid_draw"}
    judge({**given, "limits": [full]}, rows, result)
