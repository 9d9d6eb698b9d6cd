"""How much heat a heat pump makes of a kWh, by the lift it works against.

    COP = share of Carnot = eta (T_supply + 273.15) / (T_supply - T_out + offset)

A catalogue curve is good to 15-20 %; eta fitted to the home's own meters does
better. ``offset`` is what heat exchangers add to the lift.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from cem_core.insight.distribution import Numbers

_KELVIN: Final = 273.15
_OFFSET_K: Final = 10.0
_ETA: Final = 0.45  # of a common air-to-water heat pump
_BOUNDS: Final = (0.25, 0.7)
_PRIOR_KWH: Final = 20.0
_LEAST_KW: Final = 0.1
_HIGHEST_COP: Final = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CopCurve:
    """``error_share`` is the mean absolute error of the heat, None for a guess."""

    eta: float = _ETA
    error_share: float | None = None

    def cop(self, outdoor_c: Numbers, supply_c: Numbers | float = 35.0) -> Numbers:
        """Return the COP at outdoor and supply temperatures, within 1..7."""
        return np.clip(self.eta * _carnot(outdoor_c, supply_c), 1.0, _HIGHEST_COP)


def fit_cop(
    electric_kw: Numbers,
    heat_kw: Numbers,
    outdoor_c: Numbers,
    supply_c: Numbers | float = 35.0,
    *,
    hours: float,
) -> CopCurve:
    """Return the curve of the home's own meters, drawn to the guess at first."""
    running = electric_kw > _LEAST_KW
    if not running.any():
        return CopCurve()
    ideal_kw = electric_kw * _carnot(outdoor_c, supply_c)
    promised = float(ideal_kw[running].sum()) * hours
    given = float(heat_kw[running].sum()) * hours
    prior = _PRIOR_KWH * float(np.mean(_carnot(outdoor_c, supply_c)))
    eta = (given + _ETA * prior) / (promised + prior)
    eta = float(np.clip(eta, *_BOUNDS))
    error = np.abs(eta * ideal_kw - heat_kw)[running].sum() * hours
    return CopCurve(eta=eta, error_share=float(error) / max(given, 1e-9))


def _carnot(outdoor_c: Numbers, supply_c: Numbers | float) -> Numbers:
    lift = np.maximum(np.asarray(supply_c) - outdoor_c + _OFFSET_K, _OFFSET_K)
    return np.asarray((np.asarray(supply_c) + _KELVIN) / lift)
