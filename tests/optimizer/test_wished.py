"""What people wish of devices is kept where limits leave room, and priced."""

from typing import Any

import pytest

from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json, record_from_json
from optimizer.series import table
from optimizer.what_if import WhatIf
from optimizer.wished import with_wishes
from tests.optimizer.homes import BATTERY, Json, at, home
from tests.optimizer.test_alternative import CAR_THERE, DISHWASHER, ROWS, SESSION

EXACT = Options(gap=1e-9)


def planned(given: Json, *wishes: Json) -> Json:
    return with_wishes(
        home_from_json(given),
        table(ROWS),
        [record_from_json(WhatIf, wish, "wish") for wish in wishes],
        EXACT,
    )


def power(plan: Json, device: str) -> list[float]:
    found: list[float] = plan["devices"][device]["power_kw"]
    return found


def limit(limit_kw: float) -> Json:
    return {
        "id": "dso",
        "direction": "import",
        "scope": "connection",
        "limit_kw": limit_kw,
        "start": at(0),
        "end": at(6),
    }


def test_without_wishes_the_plan_is_the_plan() -> None:
    given = home(CAR_THERE, DISHWASHER)
    plain = optimize(home_from_json(given), table(ROWS), EXACT)
    assert planned(given)["objective"] == pytest.approx(plain["objective"])
    assert planned(given)["wishes"] == []


def test_an_appliance_runs_when_it_is_wished_and_the_price_is_told() -> None:
    plan = planned(home(DISHWASHER), {"device": "dishwasher", "what": "start"})
    assert power(plan, "dishwasher") == pytest.approx([2.0, 0.5, 0, 0, 0, 0])
    # 2 kWh at 0.40 and 0.5 at 0.35, not 2 at 0.10 and 0.5 at 0.25.
    assert plan["wishes_cost"] == pytest.approx(0.975 - 0.325)
    assert [wish["kept"] for wish in plan["wishes"]] == [True]


def test_wishes_for_several_devices_are_kept_together() -> None:
    plan = planned(
        home(CAR_THERE, DISHWASHER, BATTERY),
        {"device": "dishwasher", "what": "start", "start": at(1)},
        {"device": CAR_THERE["id"], "what": "forbid", "start": at(3), "end": at(4)},
    )
    assert power(plan, "dishwasher")[1] == pytest.approx(2.0)
    assert power(plan, CAR_THERE["id"])[3] == pytest.approx(0)
    assert all(wish["kept"] for wish in plan["wishes"])


def test_an_ordered_limit_comes_before_a_wish() -> None:
    given = home(DISHWASHER) | {"limits": [limit(1.0) | {"end": at(1)}]}
    plan = planned(given, {"device": "dishwasher", "what": "start"})
    assert max(plan["grid"]["import_kw"][:1]) <= 1.0
    [said] = plan["wishes"]
    assert not said["kept"]
    assert "no room" in said["text"]


def test_the_older_of_two_that_exclude_each_other_is_kept() -> None:
    car: Any = CAR_THERE["id"]
    span = {"device": car, "start": at(0), "end": at(1)}
    plan = planned(
        home(CAR_THERE),
        span | {"what": "force", "power_kw": 3.0},
        span | {"what": "forbid"},
    )
    assert power(plan, car)[0] == pytest.approx(3.0)
    assert [wish["kept"] for wish in plan["wishes"]] == [True, False]


def test_a_car_that_leaves_earlier_gets_what_it_can() -> None:
    car: Any = CAR_THERE["id"]
    hungry = {**CAR_THERE, "sessions": [{**SESSION, "energy_kwh": 30}]}
    plan = planned(home(hungry), {"device": car, "what": "depart", "start": at(1)})
    assert sum(power(plan, car)[1:]) == pytest.approx(0)
    assert plan["wishes"][0]["kept"]
    assert plan["relaxed"]


def test_what_is_unknown_or_impossible_is_said_and_the_rest_is_kept() -> None:
    plan = planned(
        home(DISHWASHER),
        {"device": "nobody", "what": "forbid"},
        {"device": "dishwasher", "what": "depart", "start": at(2)},
        {"device": "dishwasher", "what": "start", "start": at(2)},
    )
    assert [wish["kept"] for wish in plan["wishes"]] == [False, False, True]
    assert "nobody" in plan["wishes"][0]["text"]
    assert power(plan, "dishwasher")[2] == pytest.approx(2.0)
