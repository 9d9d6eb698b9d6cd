"""Each input that changes is the cause of what it changes, and the parts add up."""

from copy import deepcopy
from typing import Any

import pytest

from cem_core.model.message_json import message_from_json
from cem_core.model.render import Renderer
from optimizer.difference import Cause, Given, difference
from optimizer.document import InputError
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table
from tests.optimizer.homes import BATTERY, CAR, HEAT_PUMP, ROOF, Json, at, home, series

EXACT = Options(gap=1e-9)
DISHWASHER: Json = {
    "id": "dishwasher",
    "kind": "appliance",
    "profile_kw": [2.0],
    "profile_step_minutes": 60,
    "earliest_start": at(0),
    "latest_end": at(8),
}
SESSION = {"arrive": at(0), "depart": at(7), "energy_kwh": 11}
HOME = home(
    {**BATTERY, "initial_energy_kwh": 4},
    ROOF,
    {**CAR, "sessions": [SESSION]},
    HEAT_PUMP,
    DISHWASHER,
)
ROWS = series(
    [0.40, 0.35, 0.30, 0.10, 0.25, 0.45, 0.28, 0.31],
    pv_kw=[3.0, 2, 0, 0, 0, 0, 0, 0],
    cop=3.0,
    t_min_c=19.0,
    t_max_c=23.0,
    outdoor_temperature_c=5.0,
)


def given(document: Json, rows: Json) -> Given:
    read, series_ = home_from_json(document), table(rows)
    return Given(home=read, table=series_, plan=optimize(read, series_, EXACT))


def device(document: Json, name: str) -> Json:
    found: Json = next(each for each in document["devices"] if each["id"] == name)
    return found


def changes() -> dict[Cause, tuple[Json, Json]]:
    """Return for each cause a home and series in which only that is other."""
    found = {cause: (deepcopy(HOME), deepcopy(ROWS)) for cause in Cause}
    found[Cause.PRICES][1]["import_price"][1] = 0.05
    found[Cause.LOAD][1]["load_kw"][0] = 3.0
    found[Cause.SOLAR][1]["pv_kw"][1] = 0.0
    found[Cause.WEATHER][1]["outdoor_temperature_c"] = [-5.0] * 8
    device(found[Cause.STATE][0], "battery")["initial_energy_kwh"] = 1
    found[Cause.LIMITS][0]["grid"] = {"import_limit_kw": 6}
    device(found[Cause.WISHES][0], "car")["sessions"] = [
        {**SESSION, "energy_kwh": 22, "depart": at(3)}
    ]
    found[Cause.OTHER][0]["devices"].pop()
    return found


@pytest.mark.parametrize("cause", Cause)
def test_what_alone_changes_is_the_one_cause(cause: Cause) -> None:
    document, rows = changes()[cause]
    old, new = given(HOME, ROWS), given(document, rows)
    found = difference(old, new, EXACT)
    (only,) = found["causes"]
    assert only["cause"] == cause
    more = new.plan["objective"] - old.plan["objective"]
    assert abs(more) > 0.01
    assert only["more_cost"] == pytest.approx(more, abs=1e-6)
    assert Renderer().text(message_from_json(only)) == only["text"]


def test_the_parts_add_up_in_their_order() -> None:
    document, rows = deepcopy(HOME), deepcopy(ROWS)
    for cause, (other, columns) in changes().items():
        if cause is Cause.LIMITS:
            document["grid"] = other["grid"]
        for name, values in columns.items():
            if values != ROWS[name]:
                rows[name] = values
    device(document, "battery")["initial_energy_kwh"] = 1
    old, new = given(HOME, ROWS), given(document, rows)
    found = difference(old, new, EXACT)
    causes = [each["cause"] for each in found["causes"]]
    assert causes == ["prices", "load", "solar", "weather", "state", "limits"]
    assert found["before"] == pytest.approx(old.plan["objective"], abs=1e-6)
    assert found["after"] == pytest.approx(new.plan["objective"], abs=1e-6)
    total = sum(each["more_cost"] for each in found["causes"])
    assert total == pytest.approx(found["after"] - found["before"], abs=1e-5)


def test_nothing_is_the_cause_when_all_goes_as_foreseen() -> None:
    """An hour later, everything is where the plan said: no cause, no surprise."""
    old = given(HOME, ROWS)
    planned = old.plan["devices"]
    document = deepcopy(HOME)
    device(document, "battery")["initial_energy_kwh"] = planned["battery"][
        "energy_kwh"
    ][0]
    device(document, "heat_pump")["thermal"]["initial_c"] = planned["heat_pump"][
        "indoor_temperature_c"
    ][0]
    device(document, "car")["sessions"] = [
        {**SESSION, "energy_kwh": 11 - planned["car"]["energy_kwh"][0]}
    ]
    later = {name: values[1:] for name, values in ROWS.items()}
    document |= {"start": at(1), "steps": 7, "name": "an hour later"}
    found = difference(old, given(document, later), EXACT)
    assert found["start"] == at(1)
    assert found["causes"] == []
    assert found["before"] == found["after"]


def test_plans_without_time_in_common_are_refused() -> None:
    rows: dict[str, Any] = deepcopy(ROWS)
    rows["time"] = [at(8 + t) for t in range(8)]
    with pytest.raises(InputError, match="nothing in common"):
        difference(given(HOME, ROWS), given(HOME, rows), EXACT)


def test_the_price_of_a_part_of_the_home_and_what_is_sold_are_prices() -> None:
    """A new meter and a deviation that is paid are taken over with the prices."""
    sold = {
        "id": "evening",
        "direction": "reduce",
        "start": at(1),
        "end": at(3),
        "baseline_series": "baseline_kw",
        "power_kw": 2,
        "price_per_kwh": 0.5,
    }
    part: Json = {"id": "heating", "wiring": "cascade", "import_series": "heat_price"}
    old = deepcopy(HOME) | {"sub_connections": [part]}
    device(old, "heat_pump")["connection"] = "heating"
    rows = ROWS | {"heat_price": [0.2] * 8}
    new = deepcopy(old) | {"flexibility": {"activations": [sold]}}
    dearer = ROWS | {"heat_price": [0.3] * 8, "baseline_kw": [2.0] * 8}
    before, after = given(old, rows), given(new, dearer)
    (only,) = difference(before, after, EXACT)["causes"]
    assert only["cause"] == Cause.PRICES
    more = after.plan["objective"] - before.plan["objective"]
    assert only["more_cost"] == pytest.approx(more, abs=1e-6)
