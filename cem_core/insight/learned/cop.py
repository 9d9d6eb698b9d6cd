"""The heat pump's COP as a plane over outdoor and flow temperature.

    COP = c0 + c1 T_out - c2 (T_flow - 35)

A plane is what measured heat pumps follow within a few per cent in the range
that a home uses (hplib, the parameters of its group of air to water pumps); two
numbers of the home's own meters beat the catalogue's 15 to 20 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

import numpy as np

from cem_core.insight.learned.bounds import Between, Floats, bounded, bounds
from cem_core.insight.learned.dwelling import Dwelling
from cem_core.insight.learned.hours import hourly_means, hours_before, plausible
from cem_core.insight.learned.learned import Learned, judged, unlearned
from cem_core.insight.learned.least_squares import Belief, linear

REFERENCE_FLOW_C: Final = 35.0
LOWEST_COP: Final = 1.0
HIGHEST_COP: Final = 8.0
_HISTORY: Final = timedelta(days=365)
_LEAST_ELECTRIC_W: Final = 150.0  # mean of an hour; below it mostly stands
_LEAST_HOURS: Final = 48
_HELD_OUT: Final = 0.25
_FLOW_KNOWN: Final = 0.8  # of the hours
_DEVIATION: Final = (0.6, 0.03, 0.03)
_LEAST_DEVIATION: Final = 0.05
_WEIGHT: Final = 0.2  # an hour resembles its neighbours
# Radiators were laid out for hotter water in older houses.
_FLOOR_HEATING_SINCE: Final = 2002
_COP_AT_0_C_RADIATORS: Final = 2.6
_COP_AT_0_C_FLOOR: Final = 3.2


@dataclass(frozen=True, slots=True, kw_only=True)
class CopModel:
    """COP at 0 degrees Celsius outdoors and 35 in the flow, and its slopes."""

    cop_at_0_c: Annotated[float, Between(1.2, 6.0)]
    cop_per_k: Annotated[float, Between(0.0, 0.2)]
    cop_per_flow_k: Annotated[float, Between(0.0, 0.15)]

    @classmethod
    def typical(cls, dwelling: Dwelling) -> CopModel:
        """Return the start values of an air to water pump in ``dwelling``."""
        floor = dwelling.building_year >= _FLOOR_HEATING_SINCE
        return cls(
            cop_at_0_c=_COP_AT_0_C_FLOOR if floor else _COP_AT_0_C_RADIATORS,
            cop_per_k=0.07,
            cop_per_flow_k=0.05,
        )

    def at(
        self, outdoor_c: Floats, flow_c: Floats | float = REFERENCE_FLOW_C
    ) -> Floats:
        """Return the COP, 1 to 8."""
        lift = self.cop_per_flow_k * (flow_c - REFERENCE_FLOW_C)
        cop = self.cop_at_0_c + self.cop_per_k * outdoor_c - lift
        return np.clip(cop, LOWEST_COP, HIGHEST_COP)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopSample:
    """Mean powers from ``time`` to the next sample, temperatures meanwhile."""

    time: datetime
    electric_w: float | None
    heat_w: float | None
    outdoor_c: float | None
    flow_c: float | None = None


def learn_cop(samples: Sequence[CopSample], prior: CopModel) -> Learned[CopModel]:
    """Return the COP that the hours of the last year tell of.

    The error `heat_relative` is the sum of absolute errors of an hour's heat
    over the heat, on the newest quarter of the hours, fitted without them.
    Without flow temperatures the COP at 0 degrees holds at the flow as it is.
    """
    if not samples:
        return unlearned(prior, "no samples", samples=0, left_out=0)
    count = _HISTORY // timedelta(hours=1)
    hours = hours_before([sample.time for sample in samples], _HISTORY)

    def hourly(values: Sequence[float | None], low: float, high: float) -> Floats:
        return hourly_means(hours, plausible(values, low, high), count)

    electric_w = hourly([s.electric_w for s in samples], 0, 50_000)
    heat_w = hourly([s.heat_w for s in samples], 0, 100_000)
    outdoor_c = hourly([s.outdoor_c for s in samples], -50, 55)
    flow_c = hourly([s.flow_c for s in samples], 15, 80)
    with np.errstate(invalid="ignore", divide="ignore"):
        measured = heat_w / electric_w
        used = (electric_w >= _LEAST_ELECTRIC_W) & np.isfinite(outdoor_c)
        used &= (measured > LOWEST_COP / 2) & (measured < HIGHEST_COP)
    if np.isfinite(flow_c[used]).sum() >= _FLOW_KNOWN * used.sum():
        used &= np.isfinite(flow_c)
    else:
        flow_c[:] = REFERENCE_FLOW_C
    seen = int((np.isfinite(electric_w) & np.isfinite(heat_w)).sum())
    left_out = seen - int(used.sum())
    if used.sum() < _LEAST_HOURS:
        why = f"fewer than {_LEAST_HOURS} hours of running with heat measured"
        return unlearned(prior, why, samples=int(used.sum()), left_out=left_out)
    design = np.stack((np.ones(count), outdoor_c, REFERENCE_FLOW_C - flow_c), axis=1)[
        used
    ]
    cop, electric = measured[used], electric_w[used]
    flow, outdoor = flow_c[used], outdoor_c[used]
    judge = round((1 - _HELD_OUT) * len(cop))

    def error(model: CopModel) -> dict[str, float]:
        heat = electric[judge:] * cop[judge:]
        told = electric[judge:] * model.at(outdoor[judge:], flow[judge:])
        return {"heat_relative": float(np.abs(heat - told).sum() / heat.sum())}

    belief = _belief(prior)
    return judged(
        prior,
        _fitted(design, cop, belief),
        error=error(_fitted(design[:judge], cop[:judge], belief)),
        prior_error=error(prior),
        samples=len(cop),
        left_out=left_out,
    )


def cop_from_building(prior: CopModel, heat_scale: float) -> CopModel:
    """Return ``prior`` scaled by what the building's fit says, inside its bounds.

    For homes without a heat meter: `ThermalModel.heat_scale` was fitted with
    ``prior``, together with resistance and capacitance, so it is a compromise
    between their start values and the COP's, never further than 0.7 to 1.4.
    """
    return bounded(
        CopModel, {name: heat_scale * getattr(prior, name) for name in bounds(CopModel)}
    )


def _belief(prior: CopModel) -> Belief:
    limits = bounds(CopModel)
    return Belief(
        mean=np.array([getattr(prior, name) for name in limits]),
        deviation=np.array(_DEVIATION),
        low=np.array([between.low for between in limits.values()]),
        high=np.array([between.high for between in limits.values()]),
    )


def _fitted(design: Floats, cop: Floats, belief: Belief) -> CopModel:
    values = linear(
        design, cop, belief, least_deviation=_LEAST_DEVIATION, weight=_WEIGHT
    )
    return bounded(CopModel, dict(zip(bounds(CopModel), values, strict=True)))
