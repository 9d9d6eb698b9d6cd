"""What something else would cost is what a home that has to do it costs more."""

from typing import Any

import pytest

from cem_core.model.message_json import message_from_json
from cem_core.model.render import Renderer
from cem_core.model.what_if import What
from optimizer.align import align, horizon_of
from optimizer.alternative import alternative
from optimizer.document import InputError
from optimizer.optimize import Options, optimize, solved
from optimizer.read_home import home_from_json, record_from_json
from optimizer.series import table
from optimizer.structures import Structures
from optimizer.what_if import WhatIf, wish_from_text
from tests.optimizer.homes import (
    BATTERY,
    CAR,
    HEAT_PUMP,
    NOON,
    ROOF,
    Json,
    at,
    home,
    plan,
    series,
)

EXACT = Options(gap=1e-9)
SESSION = {"arrive": at(0), "depart": at(6), "energy_kwh": 11}
CAR_THERE = {**CAR, "sessions": [SESSION]}
DISHWASHER: Json = {
    "id": "dishwasher",
    "kind": "appliance",
    "profile_kw": [2.0, 0.5],
    "profile_step_minutes": 60,
    "earliest_start": at(0),
    "latest_end": at(6),
}
ROWS = series(
    [0.40, 0.35, 0.30, 0.10, 0.25, 0.45],
    pv_kw=[3, 2, 0, 0, 0, 0],
    cop=3.0,
    t_min_c=19.0,
    t_max_c=23.0,
    outdoor_temperature_c=5.0,
)


def ask(given: Json, rows: Json = ROWS, **wish: Any) -> Json:
    """Return the answer to a wish."""
    return alternative(
        home_from_json(given),
        table(rows),
        record_from_json(WhatIf, wish, "what_if"),
        EXACT,
    )


def test_a_car_that_charges_now_costs_the_dearer_hour() -> None:
    answer = ask(home(CAR_THERE), device="car", what="start")
    # 11 kWh at 0.40 instead of at 0.10.
    assert answer["more_cost"] == pytest.approx(3.3)
    assert answer["at_least"] <= answer["more_cost"] <= answer["at_most"] + 1e-9
    assert answer["more"]["energy"] == pytest.approx(3.3)
    assert answer["status"] == "optimal"
    assert answer["text"] == "car from 12:00 on: €3.30 more than the plan."
    assert Renderer().text(message_from_json(answer)) == answer["text"]
    more, less = answer["moved"]
    assert (more["start"], more["energy_kwh"]) == (at(0), pytest.approx(11))
    assert (less["start"], less["energy_kwh"]) == (at(3), pytest.approx(-11))


def test_a_car_that_shares_a_limit_gets_the_time_it_needs() -> None:
    given = home(
        {**CAR_THERE, "min_power_kw": 0}, DISHWASHER, grid={"import_limit_kw": 6}
    )
    answer = ask(given, device="car", what="start")
    assert answer["status"] == "optimal"
    assert answer["relaxed"] == []
    assert answer["more_cost"] > 0


def test_an_appliance_is_started_when_asked() -> None:
    answer = ask(home(DISHWASHER), device="dishwasher", what="start", start=at(1))
    planned = 2 * 0.10 + 0.5 * 0.25
    assert answer["more_cost"] == pytest.approx(2 * 0.35 + 0.5 * 0.30 - planned)
    (move,) = answer["moved"]
    assert move["text"] == "dishwasher starts at 13:00 instead of 15:00."


def test_an_alternative_costs_what_the_home_planned_so_costs() -> None:
    given = home(
        ROOF,
        BATTERY,
        CAR_THERE,
        DISHWASHER,
        grid={"import_limit_kw": 12},
        tariff={"capacity": {"price_per_kw": 4, "peak_so_far_kw": 3}},
    )
    before = plan(given, ROWS, gap=1e-9)["objective"]
    held = {**DISHWASHER, "earliest_start": at(4), "latest_end": at(6)}
    changed = {**given, "devices": [ROOF, BATTERY, CAR_THERE, held]}
    after = plan(changed, ROWS, gap=1e-9)["objective"]
    answer = ask(given, device="dishwasher", what="start", start=at(4))
    assert answer["more_cost"] == pytest.approx(after - before, abs=1e-6)
    assert answer["more_cost"] == pytest.approx(sum(answer["more"].values()), abs=1e-6)


def test_a_battery_is_kept_from_giving() -> None:
    full = {**BATTERY, "initial_energy_kwh": 2}
    rows = series([0.50, 0.20, 0.40])
    answer = ask(home(full), rows, device="battery", what="forbid_discharge", end=at(1))
    # Its 2 kWh spare 0.40 + 0.20 instead of 0.50 + 0.40, the 0.20 bought again.
    assert answer["more_cost"] == pytest.approx(0.3)
    assert "not discharging from 12:00 to 13:00" in answer["text"]
    off = ask(home(full), rows, device="battery", what="forbid")
    assert off["more_cost"] == pytest.approx(0.9)
    idle = ask(
        home(BATTERY),
        series([0.1, 0.4]),
        device="battery",
        what="forbid_charge",
        end=at(1),
    )
    assert idle["more_cost"] == pytest.approx(0.3)


def test_a_power_is_forced() -> None:
    answer = ask(
        home(BATTERY),
        series([0.3, 0.3]),
        device="battery",
        what="force",
        power_kw=2,
        end=at(1),
    )
    # Of 2 kWh bought one spares buying and one is sold at 0.05.
    assert answer["more_cost"] == pytest.approx(0.25)
    warm = ask(home(HEAT_PUMP), device="heat_pump", what="force", power_kw=3, end=at(1))
    assert warm["more_cost"] > 0


def test_what_is_given_up_is_said() -> None:
    answer = ask(home(CAR_THERE), device="car", what="forbid")
    assert answer["status"] == "relaxed"
    assert answer["more_cost"] == pytest.approx(-1.1)
    assert answer["text"] == (
        "car off until the plan's end: €1.10 less than the plan."
        " But then car leaves 11.00 kWh short of 11 kWh."
    )


def test_what_the_plan_does_costs_nothing_more() -> None:
    answer = ask(home(DISHWASHER), device="dishwasher", what="start", start=at(3))
    assert answer["more_cost"] == pytest.approx(0)
    assert answer["moved"] == []
    assert answer["text"].endswith("costs the same as the plan.")


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"device": "boat", "what": "forbid"}, "no device boat; there are: roof, "),
        ({"device": "car", "what": "race"}, "allowed are force, forbid"),
        ({"device": "car", "what": "force"}, "force needs a power"),
        ({"device": "car", "what": "force", "power_kw": 22}, "0 to 11 kW, not 22 kW"),
        ({"device": "car", "what": "force", "power_kw": 9}, "leave car 7.00 kW at 1"),
        (
            {"device": "car", "what": "force", "power_kw": 3, "start": at(5)},
            "no car at car at 17:00",
        ),
        ({"device": "car", "what": "start", "start": at(5)}, "or later"),
        ({"device": "roof", "what": "forbid"}, "cannot be curtailed"),
        ({"device": "roof", "what": "force", "power_kw": 1}, "no power to choose"),
        ({"device": "heat_pump", "what": "start"}, "ask for force or forbid"),
        ({"device": "heat_pump", "what": "forbid_charge"}, "stores nothing"),
        (
            {"device": "dishwasher", "what": "start", "start": at(5)},
            "only from 12:00 to 16:00",
        ),
        ({"device": "car", "what": "forbid", "start": at(9)}, "no step of the plan"),
    ],
)
def test_what_cannot_be_is_said_at_once(wish: Json, said: str) -> None:
    gone = {**CAR_THERE, "sessions": [{**SESSION, "depart": at(5)}]}
    given = home(ROOF, gone, HEAT_PUMP, DISHWASHER, grid={"import_limit_kw": 8})
    rows = ROWS | {"pv_kw": [0] * 6}
    with pytest.raises(InputError, match=said) as refused:
        ask(given, rows, **wish)
    assert all(p.where.startswith("what_if") for p in refused.value.problems)


def test_wishes_can_be_written_short() -> None:
    given = home_from_json(home(BATTERY, CAR_THERE, HEAT_PUMP, DISHWASHER))
    horizon = horizon_of(given, table(ROWS))

    def wish(text: str) -> tuple[str, str | None, str | None]:
        found = wish_from_text(text, given, horizon)
        start, end = (
            None if time is None else time.isoformat()
            for time in (found.start, found.end)
        )
        return str(found.what), start, end

    assert wish("car=now") == ("start", None, None)
    assert wish("car=never") == ("forbid", None, None)
    assert wish("dishwasher=14:00") == ("start", at(2), None)
    assert wish("battery=14:00") == ("forbid_discharge", None, at(2))
    assert wish("heat_pump=14:00") == ("forbid", None, at(2))
    assert wish("heat_pump=11:00") == ("forbid", None, at(23))
    for bad in ("car=soon", "car", "battery=now", "boat=now"):
        with pytest.raises(InputError):
            wish_from_text(bad, given, horizon)


def test_every_wish_about_a_device_has_the_same_structure() -> None:
    structures = Structures()
    given, rows = home_from_json(home(BATTERY, CAR_THERE)), table(ROWS)
    for what, start in ((What.START, None), (What.FORBID, NOON)):
        wish = WhatIf(device="car", what=what, start=start)
        alternative(given, rows, wish, EXACT, structures)
    assert len(structures) == 2


def test_at_a_meter_of_its_own_it_costs_that_meter_s_price() -> None:
    part = {"id": "garage", "wiring": "own", "import_series": "garage_price"}
    rows = ROWS | {"garage_price": [0.30, 0.20, 0.20, 0.15, 0.20, 0.20]}
    given = home({**CAR_THERE, "connection": "garage"}) | {"sub_connections": [part]}
    answer = ask(given, rows, device="car", what="start")
    assert answer["more_cost"] == pytest.approx(11 * (0.30 - 0.15))


def test_a_car_that_is_to_leave_earlier_costs_what_is_dearer_until_then() -> None:
    answer = ask(home(CAR_THERE), device="car", what="depart", start=at(3))
    # All prices until then are above the 0.10 at which it would charge.
    assert answer["more_cost"] > 0
    assert "ready by" in answer["text"]
    with pytest.raises(InputError, match="no charger"):
        ask(home(DISHWASHER), device="dishwasher", what="depart", start=at(3))


def test_a_car_that_may_leave_later_saves_what_no_plan_could() -> None:
    rows = ROWS | {"import_price": [0.30, 0.20, 0.20, 0.15, 0.20, 0.05]}
    early = {**CAR_THERE, "sessions": [CAR_THERE["sessions"][0] | {"depart": at(4)}]}
    answer = ask(home(early), rows, device="car", what="depart", start=at(6))
    assert answer["more_cost"] < 0
    assert answer["text"].endswith(" less than the plan.")


def test_the_plan_that_was_made_last_is_not_solved_again() -> None:
    given, structures = home_from_json(home(CAR_THERE)), Structures()
    rows, wish = table(ROWS), WhatIf(device="car", what=What.FORBID)
    optimize(given, rows, EXACT, structures)
    horizon = horizon_of(given, rows)
    columns = align(given, rows, horizon)
    plan = structures.recall(given, horizon, columns)
    assert plan is not None
    first = alternative(given, rows, wish, EXACT, structures)
    assert structures.recall(given, horizon, columns) is plan
    alone = alternative(given, rows, wish, EXACT)
    assert first["more_cost"] == pytest.approx(alone["more_cost"])
    assert first["moved"] == alone["moved"]


def test_a_plan_whose_matrices_were_used_again_gets_its_numbers_back() -> None:
    given, structures = home_from_json(home(CAR_THERE, BATTERY)), Structures()
    rows, wish = table(ROWS), WhatIf(device="car", what=What.FORBID)
    optimize(given, rows, EXACT, structures)
    horizon = horizon_of(given, rows)
    columns = align(given, rows, horizon)
    plan = structures.recall(given, horizon, columns)
    assert plan is not None
    cost = plan.compiled.entries.cost.copy()
    dearer = dict(columns) | {"import_price": columns["import_price"] + 1}
    solved(given, horizon, dearer, EXACT, structures)
    assert structures.recall(given, horizon, dearer) is None
    assert (plan.compiled.entries.cost != cost).any()
    assert structures.recall(given, horizon, columns) is plan
    assert (plan.compiled.entries.cost == cost).all()
    after = alternative(given, rows, wish, EXACT, structures)
    alone = alternative(given, rows, wish, EXACT)
    assert after["more_cost"] == pytest.approx(alone["more_cost"])
    assert after["more"] == pytest.approx(alone["more"])
    assert after["moved"] == alone["moved"]


def test_a_plan_that_came_too_late_does_not_make_one_forget_the_one_in_force() -> None:
    given, structures = home_from_json(home(CAR_THERE, BATTERY)), Structures()
    rows, wish = table(ROWS), WhatIf(device="car", what=What.FORBID)
    optimize(given, rows, EXACT, structures)
    horizon = horizon_of(given, rows)
    columns = align(given, rows, horizon)
    plan = structures.recall(given, horizon, columns)
    alone = alternative(given, rows, wish, EXACT)
    for more in (0.1, 0.2, 0.3, 0.4):
        dear = ROWS | {"import_price": [p + more for p in ROWS["import_price"]]}
        optimize(given, table(dear), EXACT, structures)
        assert structures.recall(given, horizon, columns) is plan
        after = alternative(given, rows, wish, EXACT, structures)
        assert after["more"] == pytest.approx(alone["more"])
        assert after["moved"] == alone["moved"]
        other = alternative(given, table(dear), wish, EXACT, structures)
        assert other["more"] == pytest.approx(
            alternative(given, table(dear), wish, EXACT)["more"]
        )
    # What nobody asks for any more is forgotten.
    unasked = ROWS | {"import_price": [p + 0.1 for p in ROWS["import_price"]]}
    dear_columns = align(given, table(unasked), horizon)
    assert structures.recall(given, horizon, dear_columns) is None


def test_the_time_limit_is_that_of_the_whole_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits_s: list[float] = []

    def noted(*given: Any, **change: Any) -> Any:
        limits_s.append(given[3].time_limit_s)
        return solved(*given, **change)

    monkeypatch.setattr("optimizer.optimize.solved", noted)
    monkeypatch.setattr("optimizer.alternative.solved", noted)
    # A car that shares a limit with another is given longer, again and again.
    other = {**CAR_THERE, "id": "other"}
    given = home(CAR_THERE, other, grid={"import_limit_kw": 4, "export_limit_kw": 4})
    wish = record_from_json(WhatIf, {"device": "car", "what": "start"}, "what_if")
    alternative(home_from_json(given), table(ROWS), wish, Options(time_limit_s=8.0))
    assert len(limits_s) >= 2
    assert limits_s[0] <= 4.0
    assert all(later <= 8.0 for later in limits_s)
