"""How far the walls are behind the thermometer: from where a plan has to start."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cem_core.insight.distribution import Numbers
from cem_core.insight.learned.bounds import bounded
from cem_core.insight.learned.building import WATCHED_H, ThermalModel
from cem_core.insight.learned.cop import CopModel
from cem_core.insight.learned.hours import bridged
from cem_core.insight.requests import Json, RequestError, Rows

_LONGEST_GAP_H = 2


def walls_apart_k(rows: Rows, part: Json) -> float | None:
    """Return the building's temperature less the thermometer's, an hour ago at most.

    ``part``: `model` and `cop` (parameters), and hourly columns `indoor_c`,
    `outdoor_c`, `electric_w`, `heat_w` (a meter's, may be null) and
    `solar_w_per_m2`. None where the last day has gaps.
    """
    model = bounded(ThermalModel, _parameters(part, "model"))
    cop = bounded(CopModel, _parameters(part, "cop"))
    column = {
        name: _last_day(rows.past(part, name))
        for name in ("indoor_c", "outdoor_c", "electric_w", "heat_w", "solar_w_per_m2")
    }
    metered = np.isfinite(column["heat_w"]).all()
    told_w = model.heat_w(cop, column["electric_w"], column["outdoor_c"])
    heat_w = column["heat_w"] if metered else told_w
    # Hours as means stand for their middle: a step is driven by half of each.
    driven = [
        (values[:-1] + values[1:]) / 2
        for values in (heat_w, column["outdoor_c"], column["solar_w_per_m2"])
    ]
    indoor_c = column["indoor_c"]
    if len(indoor_c) <= WATCHED_H or not np.isfinite([*driven, indoor_c[1:]]).all():
        return None
    walls_c = model.observed_c(
        indoor_c, heat_w=driven[0], outdoor_c=driven[1], solar_w_per_m2=driven[2]
    )
    apart_k = float(walls_c - indoor_c[-1])
    return apart_k if np.isfinite(apart_k) else None


def _last_day(values: Numbers) -> Numbers:
    return bridged(values[-WATCHED_H - 1 :], _LONGEST_GAP_H)


def _parameters(part: Json, name: str) -> Mapping[str, Any]:
    found = part.get(name)
    if not isinstance(found, Mapping):
        raise RequestError(f"{name}: has to be an object of parameters")
    return found
