from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cem_core.model import Action, Balance, PlanStatus
from cem_core.model.plan import PlannedSection
from cem_core.model.plan_json import PlanError, plan_from_json

CREATED = datetime(2026, 1, 15, 11, 58, tzinfo=UTC)
NOON = datetime(2026, 1, 15, 11, tzinfo=UTC)
DOCUMENT: dict[str, Any] = {
    "status": "optimal",
    "minutes": [7.5, 15],
    "currency": "EUR",
    "cost": {"energy": 1.5, "capacity": 0.0},
    "times": ["2026-01-15T12:00:00+01:00", "2026-01-15T12:07:30+01:00"],
    "grid": {"import_kw": [1.2, 0.0], "export_kw": [0.0, 0.3]},
    "devices": {
        "battery": {
            "charge_kw": [0.0, 2.5],
            "discharge_kw": [1.25, 0.0],
            "energy_kwh": [4.0, 4.6],
            "action": ["balance", "charge"],
            "balance": ["cover", None],
            "marginal_value_per_kwh": [0.21, 0.2],
        },
        "car": {"power_kw": [0.0, 11.04], "action": ["off", "charge"]},
        "heat_pump": {
            "power_kw": [1.0, 1.0],
            "indoor_temperature_c": [20.5, 20.4],
            "action": ["run", "run"],
        },
        "dishwasher": {
            "power_kw": [2.0, 0.0],
            "action": ["run", "off"],
            "start": "2026-01-15T12:00:00+01:00",
            "order_kw": [None, 0.0],
            "sections": [
                {"id": "wash", "option": "hot", "start": "2026-01-15T12:00:00+01:00"}
            ],
        },
    },
    "reasons": [
        {
            "device": "car",
            "start": "2026-01-15T12:15:00+01:00",
            "end": "2026-01-15T12:30:00+01:00",
            "text": "12 kWh are due by 07:00.",
            "key": "car_is_due",
            "values": {"due_kwh": 12, "depart_time": "2026-01-16T07:00:00+01:00"},
            "saving": 0.42,
            "limited_by": "dso",
        }
    ],
    "relaxed": [
        {
            "constraint": "car energy",
            "by": 3.2,
            "unit": "kWh",
            "text": "car leaves 3.20 kWh short of 12 kWh",
            "key": "car_leaves_short",
            "values": {"device": "car", "by_kwh": 3.2, "due_kwh": 12},
        }
    ],
}


def changed(path: str, value: object) -> dict[str, Any]:
    document = deepcopy(DOCUMENT)
    *parents, last = path.split("/")
    place = document
    for key in parents:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return document


def test_kw_become_w_and_a_discharge_negative() -> None:
    plan = plan_from_json(DOCUMENT, created_at=CREATED)
    steps = plan.devices["battery"].steps
    assert [step.power_w for step in steps] == [-1250, 2500]
    assert [step.energy_wh for step in steps] == [4000, 4600]
    assert (steps[0].action, steps[0].balance) == (Action.BALANCE, Balance.COVER)
    assert (steps[1].action, steps[1].balance) == (Action.CHARGE, None)
    assert steps[0].marginal_value_per_kwh == 0.21
    assert plan.devices["heat_pump"].steps[1].indoor_temperature_c == 20.4
    assert plan.import_w == (1200, 0)
    assert plan.export_w == (0, 300)


def test_what_is_ordered_and_which_section_is_run_are_read() -> None:
    planned = plan_from_json(DOCUMENT, created_at=CREATED).devices
    assert [step.order_w for step in planned["dishwasher"].steps] == [None, 0]
    assert planned["dishwasher"].sections == (
        PlannedSection(section="wash", option="hot", start=NOON),
    )
    assert planned["heat_pump"].steps[0].order_w is None


def test_what_belongs_to_the_whole_plan_is_read() -> None:
    plan = plan_from_json(DOCUMENT, created_at=CREATED)
    assert plan.status is PlanStatus.OPTIMAL
    assert plan.edges == tuple(NOON + n * timedelta(minutes=7.5) for n in (0, 1, 3))
    assert plan.created_at == CREATED
    assert plan.devices["dishwasher"].run_start == NOON
    assert plan.devices["car"].run_start is None
    assert (plan.reasons[0].device_id, plan.reasons[0].saving) == ("car", 0.42)
    assert plan.reasons[0].limited_by == "dso"
    assert plan.reasons[0].message.values["depart_time"] == NOON + timedelta(hours=19)
    assert (plan.relaxed[0].by, plan.relaxed[0].unit) == (3.2, "kWh")
    assert plan.relaxed[0].message.key == "car_leaves_short"


def test_each_moment_falls_in_its_step() -> None:
    plan = plan_from_json(DOCUMENT, created_at=CREATED)
    last_moment = plan.end - timedelta(microseconds=1)
    assert plan.index(NOON) == 0
    assert plan.index(NOON + timedelta(minutes=7.4)) == 0
    assert plan.index(last_moment) == 1
    assert plan.index(plan.end) is None
    assert plan.index(NOON - timedelta(seconds=1)) is None
    step = plan.step_for("car", last_moment)
    assert step is not None
    assert step.power_w == 11_040
    assert plan.step_for("unknown", NOON) is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("status", None),
        ("status", "splendid"),
        ("times", []),
        ("times", ["noon"]),
        ("times", ["2026-01-15T12:00:00", "2026-01-15T12:15:00"]),
        ("minutes", "15"),
        ("minutes", [7.5]),
        ("minutes", [15, 15]),
        ("minutes", [7.5, 0]),
        ("minutes", [7.5, -15]),
        ("minutes", [7.5, float("inf")]),
        ("devices", []),
        ("devices/car/power_kw", [0.0, float("inf")]),
        ("devices/dishwasher/start", "2026-01-15T12:00:00"),
        ("grid/import_kw", None),
        ("devices/car/power_kw", [1.0]),
        ("devices/car/action", ["off", "dance"]),
        ("devices/battery/charge_kw", None),
        ("reasons", [{}]),
        ("reasons", [DOCUMENT["reasons"][0] | {"key": "cheap"}]),
        ("reasons", [DOCUMENT["reasons"][0] | {"values": {"due_kwh": 12}}]),
        ("relaxed", [{}]),
        ("relaxed", [DOCUMENT["relaxed"][0] | {"values": []}]),
    ],
)
def test_what_is_no_plan_is_refused(path: str, value: object) -> None:
    with pytest.raises(PlanError, match="not a plan"):
        plan_from_json(changed(path, value), created_at=CREATED)


def test_what_a_plan_lacks_is_named() -> None:
    with pytest.raises(PlanError, match=r"^not a plan: times is missing$"):
        plan_from_json({}, created_at=CREATED)
