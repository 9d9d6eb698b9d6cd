"""UC16: consumption moves to where there is plenty of own production."""

from tests.optimizer.homes import BATTERY, CAR, HEAT_PUMP, ROOF, at, home, plan, series

SUN_KW = [6.0] * 4 + [0.0] * 20
DISHWASHER = {
    "id": "dishwasher",
    "kind": "appliance",
    "profile_kw": [2.0, 0.5],
    "profile_step_minutes": 60,
    "earliest_start": at(0),
    "latest_end": at(20),
}
CAR_AT_HOME = CAR | {"sessions": [{"arrive": at(0), "depart": at(20), "energy_kwh": 8}]}


def exported_kwh(*devices: dict[str, object]) -> float:
    rows = series(
        [0.30] * 24,
        export_price=0.02,
        load_kw=0.5,
        pv_kw=SUN_KW,
        cop=3.0,
        t_min_c=20.0,
        t_max_c=23.0,
        outdoor_temperature_c=5.0,
    )
    return float(sum(plan(home(ROOF, *devices), rows)["grid"]["export_kw"]))


def test_each_flexible_device_takes_up_surplus() -> None:
    surplus_kwh = exported_kwh()
    for device in (BATTERY, CAR_AT_HOME, HEAT_PUMP, DISHWASHER):
        assert exported_kwh(device) < surplus_kwh - 1, device["id"]


def test_together_they_leave_nothing_to_export() -> None:
    assert exported_kwh(BATTERY, CAR_AT_HOME, HEAT_PUMP, DISHWASHER) < 0.1
