from copy import deepcopy
from dataclasses import replace
import json
from typing import TYPE_CHECKING, Any

import pytest

from cem_core.insight.learned import (
    BatteryModel,
    CarHabits,
    CopModel,
    Dwelling,
    DwellingKind,
    HotWaterDraw,
    Learned,
    LearnedError,
    ThermalModel,
    learned_from_json,
    learned_to_json,
)
from cem_core.insight.learned.learned import judged

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

HOUSE = Dwelling(kind=DwellingKind.TERRACED, floor_area_m2=110, building_year=1990)
MODELS = (
    BatteryModel.typical(9000),
    CarHabits.typical(),
    CopModel.typical(HOUSE),
    HotWaterDraw.typical(HOUSE),
    ThermalModel.typical(HOUSE),
)
COP: Learned[Any] = Learned(
    parameters=CopModel.typical(HOUSE),
    error={"heat_relative": 0.08},
    prior_error={"heat_relative": 0.2},
    samples=900,
    left_out=12,
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_what_is_stored_comes_back(model: DataclassInstance) -> None:
    learned = replace(COP, parameters=model, kept_prior="so few days")
    document = json.loads(json.dumps(learned_to_json(learned), allow_nan=False))
    assert learned_from_json(type(model), document) == learned


def test_a_person_may_edit_it() -> None:
    document = learned_to_json(COP)
    document["parameters"]["cop_at_0_c"] = 4
    assert learned_from_json(CopModel, document).parameters.cop_at_0_c == 4.0


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("parameters", "cop_at_0_c"), 12, "12 is not a number from 1.2 to 6"),
        (("parameters", "cop_at_0_c"), "3", "'3' is not a number from 1.2 to 6"),
        (("parameters", "cop_at_0_c"), True, "True is not a number"),
        (("parameters", "cop_at_0_c"), float("nan"), "nan is not a number"),
        (("parameters", "cop"), 3, "unknown; known are ['cop_at_0_c'"),
        (("parameters",), [], "has to be an object"),
        (("error",), None, "has to be an object"),
        (("error", "heat_relative"), -1, "-1 is not a number above 0"),
        (("samples",), -3, "-3 is not a count"),
        (("left_out",), 1.5, "1.5 is not a count"),
        (("kept_prior",), 3, "has to be a text or null"),
    ],
)
def test_a_bad_edit_is_one_clear_line(
    place: tuple[str, ...], value: object, message: str
) -> None:
    document: Any = learned_to_json(COP)
    inner = document
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    with pytest.raises(LearnedError) as raised:
        learned_from_json(CopModel, document)
    text = str(raised.value)
    assert text.startswith(".".join(place))
    assert message in text
    assert "\n" not in text


def test_a_missing_parameter_and_a_short_list_are_named() -> None:
    document = learned_to_json(COP)
    del document["parameters"]["cop_per_k"]
    with pytest.raises(LearnedError, match=r"parameters\.cop_per_k: missing"):
        learned_from_json(CopModel, document)
    document = deepcopy(
        learned_to_json(replace(COP, parameters=HotWaterDraw.typical(HOUSE)))
    )
    document["parameters"]["draw_wh"][3].pop()
    with pytest.raises(LearnedError, match=r"draw_wh\[3\]: has to be a list of 24"):
        learned_from_json(HotWaterDraw, document)
    with pytest.raises(LearnedError, match="the document: has to be an object"):
        learned_from_json(CopModel, [])


def test_it_is_believed_only_where_it_predicts_better() -> None:
    prior, fitted = COP.parameters, replace(COP.parameters, cop_at_0_c=2.0)

    def of(error: float) -> Learned[CopModel]:
        return judged(
            prior,
            fitted,
            error={"heat_relative": error},
            prior_error={"heat_relative": 0.2},
            samples=100,
            left_out=0,
        )

    assert of(0.19).parameters == fitted
    assert of(0.19).kept_prior is None
    assert of(0.2).parameters == prior
    assert of(0.2).kept_prior == "the start values predict no worse"
    assert of(0.5).error == {"heat_relative": 0.2}
