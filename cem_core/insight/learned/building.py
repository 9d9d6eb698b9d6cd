r"""The building as one resistance and one capacitance, fitted a day ahead.

    C (T[t+1] - T[t]) = dt (k Q[t] + A S[t] + G - (T[t] - T_out[t]) / R)

Q heat of the heat pump, S irradiance, A solar aperture, G internal gains. Where
no heat meter measures Q it is COP x electric power, and the scale k says how far
that COP is off, and d how much steeper it is: k (COP + d T_out) P. It is the equation of `optimizer.components.heat_pump`.

Fitted is the error of whole days simulated from their first hour, not of single
steps: one-step errors drown in the sensor's resolution and teach the fast air,
not the slow walls (Madsen and Holst, Energy and Buildings 22, 1995; Bacher and
Madsen, Energy and Buildings 43, 2011).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

import numpy as np

from cem_core.insight.learned.bounds import Between, Floats, bounded, bounds
from cem_core.insight.learned.cop import CopModel
from cem_core.insight.learned.dwelling import Dwelling
from cem_core.insight.learned.hours import (
    bridged,
    hourly_means,
    hours_before,
    plausible,
)
from cem_core.insight.learned.learned import Learned, judged, unlearned
from cem_core.insight.learned.least_squares import Belief, nonlinear

HORIZON_H: Final = 24
WATCHED_H: Final = 24
SETTLING_H: Final = 6.0
_WINDOW_H: Final = WATCHED_H + HORIZON_H
_HISTORY: Final = timedelta(days=60)
_EVERY_H: Final = 3  # a simulated day begins
_LONGEST_GAP_H: Final = 2
_LARGEST_JUMP_K: Final = 4.0  # an hour; more is a moved sensor
_LEAST_DAYS: Final = 3
_HELD_OUT: Final = 0.25  # of the days, the newest
_LEAST_CHANGE_K: Final = 0.05  # standard deviation; less is a dead sensor
_LEAST_DEVIATION_K: Final = 0.1
# Of the hours of a simulated day about six tell something of their own.
_WEIGHT: Final = 6 * _EVERY_H / HORIZON_H / HORIZON_H

# How far off the start values may be: standard deviations, of logarithms for
# resistance, capacitance and scale (hplib: catalogue COP is good to 15 to 20 %).
_LOG_RESISTANCE: Final = 0.5
_LOG_CAPACITANCE: Final = 0.7
_APERTURE: Final = 0.8  # of the start value
_GAINS: Final = 0.6  # of the start value
_LOG_SCALE: Final = 0.15
_LOG_SCALE_METERED: Final = 0.02
_COP_PER_K: Final = 0.02
_COP_PER_K_METERED: Final = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalModel:
    """A building from afar.

    ``heat_scale`` is heat over what the COP promised, ``cop_per_k_more`` how much
    the COP rises with each degree outdoors beyond what it promised.
    """

    resistance_k_per_w: Annotated[float, Between(0.0005, 0.1)]
    capacitance_wh_per_k: Annotated[float, Between(500, 200_000)]
    solar_aperture_m2: Annotated[float, Between(0, 60)]
    internal_gains_w: Annotated[float, Between(0, 3000)]
    heat_scale: Annotated[float, Between(0.7, 1.4)]
    cop_per_k_more: Annotated[float, Between(-0.06, 0.06)]

    @classmethod
    def typical(cls, dwelling: Dwelling) -> ThermalModel:
        """Return the start values of ``dwelling``."""
        return bounded(
            cls,
            {
                "resistance_k_per_w": 1 / dwelling.loss_w_per_k,
                "capacitance_wh_per_k": dwelling.capacitance_wh_per_k,
                "solar_aperture_m2": dwelling.solar_aperture_m2,
                "internal_gains_w": dwelling.internal_gains_w,
                "heat_scale": 1.0,
                "cop_per_k_more": 0.0,
            },
        )

    def gains_w(self, solar_w_per_m2: Floats) -> Floats:
        """Return the heat that nobody pays for."""
        return self.solar_aperture_m2 * solar_w_per_m2 + self.internal_gains_w

    def heat_w(self, cop: CopModel, electric_w: Floats, outdoor_c: Floats) -> Floats:
        """Return the heat of a pump without a meter, before ``heat_scale``."""
        return (cop.at(outdoor_c) + self.cop_per_k_more * outdoor_c) * electric_w

    def observed_c(
        self,
        indoor_c: Floats,
        *,
        heat_w: Floats,
        outdoor_c: Floats,
        solar_w_per_m2: Floats,
        hours: float = 1.0,
    ) -> Floats:
        """Return the temperature to start a plan from, after a day was watched.

        ``indoor_c`` (..., steps + 1) was measured at the edges of the steps that
        the rest (..., steps) describes. A thermometer shows the air, which runs
        ahead of the walls: what it differs from the model is taken over by a
        share an hour (an observer after Luenberger).
        """
        driven, kept = self._steps(heat_w, outdoor_c, solar_w_per_m2, hours)
        share = -np.expm1(-hours / SETTLING_H)
        now = indoor_c[..., 0]
        for step in range(driven.shape[-1]):
            now = kept * now + driven[..., step]
            now = now + share * (indoor_c[..., step + 1] - now)
        return now

    def indoor_c(
        self,
        initial_c: Floats,
        *,
        heat_w: Floats,
        outdoor_c: Floats,
        solar_w_per_m2: Floats,
        hours: float = 1.0,
    ) -> Floats:
        """Return the temperature at the end of each step of ``hours``.

        ``initial_c`` has a shape (...), the rest and the result (..., steps).
        """
        driven, kept = self._steps(heat_w, outdoor_c, solar_w_per_m2, hours)
        indoor = np.empty_like(driven)
        now = initial_c
        for step in range(driven.shape[-1]):
            now = kept * now + driven[..., step]
            indoor[..., step] = now
        return indoor

    def _steps(
        self, heat_w: Floats, outdoor_c: Floats, solar_w_per_m2: Floats, hours: float
    ) -> tuple[Floats, float]:
        """Return what is added in each step, and the share that is kept."""
        gained_w = self.heat_scale * heat_w + self.gains_w(solar_w_per_m2)
        per_k = hours / self.capacitance_wh_per_k
        kept = 1 - per_k / self.resistance_k_per_w
        return per_k * (gained_w + outdoor_c / self.resistance_k_per_w), kept


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalSample:
    """Temperatures at ``time``, powers as means from then to the next sample.

    ``electric_w`` is what the heat pump draws for the rooms (not for hot water),
    ``heat_w`` what a heat meter says, ``solar_w_per_m2`` global horizontal
    irradiance (or solar power over the roof's kWp). ``away``: nobody lives there.
    """

    time: datetime
    indoor_c: float | None
    outdoor_c: float | None
    electric_w: float | None
    solar_w_per_m2: float | None
    heat_w: float | None = None
    away: bool = False


@dataclass(frozen=True, slots=True)
class _Days:
    """Days that are watched and then simulated for another: (days, hours).

    ``indoor_c`` has one hour more: that at which the first begins. ``warm_w`` is
    electric power times outdoor temperature, 0 where a meter says the heat.
    """

    heat_w: Floats
    warm_w: Floats
    outdoor_c: Floats
    solar_w_per_m2: Floats
    indoor_c: Floats

    def __getitem__(self, part: slice) -> _Days:
        return _Days(
            self.heat_w[part],
            self.warm_w[part],
            self.outdoor_c[part],
            self.solar_w_per_m2[part],
            self.indoor_c[part],
        )

    def __len__(self) -> int:
        return len(self.indoor_c)

    def missed_k(self, model: ThermalModel) -> Floats:
        """Return measured less simulated, (days, hours of the second day)."""
        heat_w = self.heat_w + model.cop_per_k_more * self.warm_w
        now_c = model.observed_c(
            self.indoor_c[:, : WATCHED_H + 1],
            heat_w=heat_w[:, :WATCHED_H],
            outdoor_c=self.outdoor_c[:, :WATCHED_H],
            solar_w_per_m2=self.solar_w_per_m2[:, :WATCHED_H],
        )
        return self.indoor_c[:, WATCHED_H + 1 :] - model.indoor_c(
            now_c,
            heat_w=heat_w[:, WATCHED_H:],
            outdoor_c=self.outdoor_c[:, WATCHED_H:],
            solar_w_per_m2=self.solar_w_per_m2[:, WATCHED_H:],
        )


def learn_building(
    samples: Sequence[ThermalSample], prior: ThermalModel, cop: CopModel
) -> Learned[ThermalModel]:
    """Return the building that ``samples`` of the last 60 days tell of.

    The error `indoor_24h_k` is the mean absolute error over the 24 hours after
    a day that was watched, with weather and heat known, on the newest quarter
    of the days, which were fitted without.
    """
    present = [sample for sample in samples if not sample.away]
    if not present:
        return unlearned(
            prior, "no samples of days at home", samples=0, left_out=len(samples)
        )
    days, metered, used = _days(present, cop)
    left_out = len(samples) - used
    if len(days) * _EVERY_H < _LEAST_DAYS * HORIZON_H:
        why = f"fewer than {_LEAST_DAYS} pairs of days without gaps or jumps"
        return unlearned(prior, why, samples=used, left_out=left_out)
    if np.std(days.indoor_c) < _LEAST_CHANGE_K:
        why = "the indoor temperature does not change"
        return unlearned(prior, why, samples=used, left_out=left_out)
    belief = _belief(prior, metered=metered)
    # The days before the judged ones may not reach into them.
    judge = round((1 - _HELD_OUT) * len(days))
    before = days[: max(1, judge - _WINDOW_H // _EVERY_H)]
    judged_days = days[judge:]
    return judged(
        prior,
        _fitted(days, belief),
        error=_error(judged_days, _fitted(before, belief)),
        prior_error=_error(judged_days, prior),
        samples=used,
        left_out=left_out,
    )


def _days(samples: Sequence[ThermalSample], cop: CopModel) -> tuple[_Days, bool, int]:
    """Return each day without a gap or jump, begun every few hours.

    Also whether a meter says the heat, and how many of ``samples`` are in a day.
    """
    count = _HISTORY // timedelta(hours=1)
    hours = hours_before([sample.time for sample in samples], _HISTORY)

    def hourly(values: Sequence[float | None], low: float, high: float) -> Floats:
        means = hourly_means(hours, plausible(values, low, high), count)
        return bridged(means, _LONGEST_GAP_H)

    indoor_c = hourly([s.indoor_c for s in samples], -5, 45)
    outdoor_c = hourly([s.outdoor_c for s in samples], -50, 55)
    solar = hourly([s.solar_w_per_m2 for s in samples], 0, 1500)
    electric_w = hourly([s.electric_w for s in samples], 0, 50_000)
    heat_w = hourly([s.heat_w for s in samples], 0, 100_000)
    metered = bool(np.isfinite(heat_w).sum() > np.isfinite(electric_w).sum() / 2)
    warm_w = np.zeros(count) if metered else outdoor_c * electric_w
    if not metered:
        heat_w = cop.at(outdoor_c) * electric_w
    jumps = np.abs(np.diff(indoor_c, prepend=indoor_c[0])) > _LARGEST_JUMP_K
    whole = np.stack((heat_w, warm_w, outdoor_c, solar, indoor_c))
    whole[:, jumps] = np.nan
    # Hours as means stand for their middle: a step goes from one to the next,
    # driven by half of each.
    driven = (whole[:4, :-1] + whole[:4, 1:]) / 2
    starts = np.arange(0, count - _WINDOW_H, _EVERY_H)
    steps = driven[:, starts[:, None] + np.arange(_WINDOW_H)]
    edges = whole[4, starts[:, None] + np.arange(_WINDOW_H + 1)]
    known = np.isfinite(steps).all(axis=(0, 2)) & np.isfinite(edges).all(axis=1)
    heat, warm, outdoor, sun = steps[:, known]
    days = _Days(heat, warm, outdoor, sun, edges[known])
    covered = np.zeros(count, np.bool_)
    covered[starts[known][:, None] + np.arange(_WINDOW_H + 1)] = True
    used = sum(bool(covered[hour]) for hour in hours if 0 <= hour < count)
    return days, metered, used


def _belief(prior: ThermalModel, *, metered: bool) -> Belief:
    limits = bounds(ThermalModel)
    low = np.array([between.low for between in limits.values()])
    high = np.array([between.high for between in limits.values()])
    return Belief(
        mean=_coordinates(_values(prior)),
        deviation=np.array(
            [
                _LOG_RESISTANCE,
                _LOG_CAPACITANCE,
                max(1.0, _APERTURE * prior.solar_aperture_m2),
                max(50.0, _GAINS * prior.internal_gains_w),
                _LOG_SCALE_METERED if metered else _LOG_SCALE,
                _COP_PER_K_METERED if metered else _COP_PER_K,
            ]
        ),
        low=_coordinates(low),
        high=_coordinates(high),
    )


_LOGARITHMIC: Final = np.array([True, True, False, False, True, False])


def _values(model: ThermalModel) -> Floats:
    return np.array([getattr(model, name) for name in bounds(ThermalModel)])


def _coordinates(values: Floats) -> Floats:
    """Return what is fitted: resistance, capacitance and scale as logarithms."""
    safe = np.where(_LOGARITHMIC, values, 1.0)
    return np.where(_LOGARITHMIC, np.log(safe), values)


def _model(coordinates: Floats) -> ThermalModel:
    grown = np.exp(np.where(_LOGARITHMIC, coordinates, 0.0))
    values = np.where(_LOGARITHMIC, grown, coordinates)
    return bounded(ThermalModel, dict(zip(bounds(ThermalModel), values, strict=True)))


def _fitted(days: _Days, belief: Belief) -> ThermalModel:
    return _model(
        nonlinear(
            lambda coordinates: days.missed_k(_model(coordinates)).ravel(),
            belief,
            least_deviation=_LEAST_DEVIATION_K,
            weight=_WEIGHT,
        )
    )


def _error(days: _Days, model: ThermalModel) -> dict[str, float]:
    return {"indoor_24h_k": float(np.mean(np.abs(days.missed_k(model))))}
