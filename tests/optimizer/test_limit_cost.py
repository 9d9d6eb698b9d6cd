"""What ordered limits cost is what the plan under them costs more than one without."""

from typing import Any

import pytest

from cem_core.model.message_json import message_from_json
from cem_core.model.render import Renderer
from optimizer.document import InputError
from optimizer.limit_cost import limit_cost
from optimizer.optimize import Options
from optimizer.read_home import home_from_json
from optimizer.series import table
from optimizer.structures import Structures
from tests.optimizer.homes import CAR, HEAT_PUMP, Json, at, home, plan, series

EXACT = Options(gap=1e-9)
STAY: Json = {"arrive": at(0), "depart": at(6), "energy_kwh": 11}
CAR_THERE: Json = {**CAR, "sessions": [STAY]}
ROWS = series([0.40, 0.35, 0.30, 0.10, 0.25, 0.45])
LIMIT: Json = {
    "id": "dso",
    "direction": "import",
    "scope": "controllable",
    "limit_kw": 0,
    "start": at(3),
    "end": at(4),
}


def cost_of(given: Json, rows: Json = ROWS, **options: Any) -> Json:
    """Return what the limits of ``given`` cost."""
    planned = plan(given, rows, gap=1e-9)
    return limit_cost(home_from_json(given), table(rows), planned, EXACT, **options)


def test_a_limit_in_the_cheapest_hour_costs_the_next_one() -> None:
    answer = cost_of(home(CAR_THERE, limits=[LIMIT]))
    # 11 kWh at 0.25 instead of at 0.10.
    assert answer["more_cost"] == pytest.approx(11 * 0.15)
    assert answer["at_least"] <= answer["more_cost"] <= answer["at_most"] + 1e-6
    assert answer["more"]["energy"] == pytest.approx(11 * 0.15)
    assert answer["cost_with"] - answer["cost_without"] == pytest.approx(11 * 0.15)
    assert answer["limits"] == ["dso"]
    assert answer["missed"] == []
    assert answer["text"] == "What is ordered costs €1.65."
    assert Renderer().text(message_from_json(answer)) == answer["text"]
    assert [(move["start"], move["energy_kwh"]) for move in answer["moved"]] == [
        (at(3), pytest.approx(-11)),
        (at(4), pytest.approx(11)),
    ]


def test_a_limit_that_binds_nothing_costs_nothing() -> None:
    answer = cost_of(home(CAR_THERE, limits=[{**LIMIT, "limit_kw": 11}]))
    assert answer["more_cost"] == 0
    assert answer["text"] == "What is ordered costs nothing."


def test_a_car_that_cannot_be_charged_is_said_with_its_energy() -> None:
    whole_stay = {**LIMIT, "limit_kw": 1.5, "start": None, "end": None}
    answer = cost_of(home(CAR_THERE, limits=[whole_stay]))
    (missed,) = answer["missed"]
    assert missed["constraint"] == "car energy by 18:00"
    assert (missed["by"], missed["unit"]) == (pytest.approx(2), "kWh")
    assert answer["text"].endswith("Because of it car leaves 2.00 kWh short of 11 kWh.")


def test_energy_that_is_missed_anyway_is_not_the_limits_fault() -> None:
    too_much = {**CAR, "sessions": [{**STAY, "energy_kwh": 70}]}
    answer = cost_of(home(too_much, limits=[{**LIMIT, "limit_kw": 11}]))
    assert answer["missed"] == []
    answer = cost_of(home(too_much, limits=[LIMIT]))
    (missed,) = answer["missed"]
    assert missed["by"] == pytest.approx(11)
    assert answer["text"].startswith("With what is ordered €1.10 less is spent")


def test_a_house_that_gets_colder_is_said_with_its_degrees() -> None:
    rows = series(
        [0.3] * 6, cop=3.0, t_min_c=20.0, t_max_c=24.0, outdoor_temperature_c=-10.0
    )
    cold = home(HEAT_PUMP, limits=[{**LIMIT, "start": at(0), "end": at(6)}])
    answer = cost_of(cold, rows)
    (missed,) = answer["missed"]
    assert missed["unit"] == "K"
    # 20 °C to -10 °C outside: the house loses 30 K / (5 K/kW) = 6 kW from 8 kWh/K.
    assert missed["by"] == pytest.approx(4.2, abs=0.4)
    assert "further below what is wished" in answer["text"]
    assert answer["more"]["comfort"] > 1


def test_both_plans_are_kept_as_structures() -> None:
    structures = Structures()
    given = home(CAR_THERE, limits=[LIMIT])
    cost_of(given, structures=structures)
    known = len(structures)
    cost_of(given, structures=structures)
    assert len(structures) == known


def test_what_is_no_plan_is_refused() -> None:
    given = home_from_json(home(CAR_THERE, limits=[LIMIT]))
    with pytest.raises(InputError, match="plan: missing: objective"):
        limit_cost(given, table(ROWS), {})
