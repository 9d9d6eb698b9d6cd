"""Electricity for heating by degree days, where a home has no thermal model yet."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from cem_core.insight.distribution import Numbers
from cem_core.insight.ridge import ridge

_BASES_C: Final = (12.0, 14.0, 16.0, 18.0)
_LEAST_DAYS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class DegreeDays:
    """kWh a day = ``base_kwh`` + ``kwh_per_degree_day`` x degrees below a base."""

    heating_below_c: float
    base_kwh: float
    kwh_per_degree_day: float
    mean_error_kwh: float

    def day_kwh(self, mean_outdoor_c: Numbers | float) -> Numbers:
        """Return the electricity of days with these mean temperatures."""
        degrees = np.maximum(self.heating_below_c - np.asarray(mean_outdoor_c), 0.0)
        return np.asarray(self.base_kwh + self.kwh_per_degree_day * degrees)


def fit_degree_days(
    daily_kwh: Numbers, mean_outdoor_c: Numbers, recency_days: float = 60.0
) -> DegreeDays | None:
    """Return the fit with the base that errs least; None of under a week.

    Heating cannot give electricity back: a slope below 0 is taken as none.
    """
    days = len(daily_kwh)
    if days < _LEAST_DAYS:
        return None
    weights = np.exp(-np.arange(days)[::-1] / recency_days)
    best: DegreeDays | None = None
    for base_c in _BASES_C:
        degrees = np.maximum(base_c - mean_outdoor_c, 0.0)
        features = np.column_stack([np.ones(days), degrees])
        constant, slope = ridge(features, daily_kwh, weights, strength=1e-3)
        fit = DegreeDays(
            heating_below_c=base_c,
            base_kwh=max(float(constant), 0.0),
            kwh_per_degree_day=max(float(slope), 0.0),
            mean_error_kwh=0.0,
        )
        error = np.abs(fit.day_kwh(mean_outdoor_c) - daily_kwh)
        mean_error = float((error * weights).sum() / weights.sum())
        if best is None or mean_error < best.mean_error_kwh:
            best = DegreeDays(
                heating_below_c=base_c,
                base_kwh=fit.base_kwh,
                kwh_per_degree_day=fit.kwh_per_degree_day,
                mean_error_kwh=mean_error,
            )
    return best
