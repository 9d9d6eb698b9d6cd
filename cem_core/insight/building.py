r"""A home's resistance, capacitance and gains, learned from its own days.

    C dT/dt = (T_out - T)/R + P_heat + a s + g

s is the sun (W/m2 or a roof's production), a the window that it comes through, g
the heat of people and things. With dt = one step and

    T[t+1] = T[t] + theta . (T_out - T, P_heat, s, 1)

the model is linear in theta = dt (1/RC, 1/C, a/C, g/C). One-step errors would fit
the thermometer's noise, so theta is found on runs of a day: the temperature is
simulated from the first value on, its derivatives to theta beside it, and
Gauss-Newton steps with damping (Levenberg 1944, Marquardt 1963) make the sum of
squared errors of the whole runs least. Bounds keep R and C physical.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from cem_core.insight.distribution import Numbers
from cem_core.insight.typical import Dwelling

_ROUNDS: Final = 40
_RUN_HOURS: Final = 24
_LEAST_DAYS: Final = 2
_LEAST_GAIN: Final = 1e-9
_PRIOR_K: Final = 0.3  # what start values may cost: errors of days weigh more


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """R in K/kW, C in kWh/K, window in kW per unit of sun, gains in kW.

    ``error_k`` is the mean absolute error after 24 h over the days it was
    learned from, None for a start value.
    """

    resistance_k_per_kw: float
    capacitance_kwh_per_k: float
    window_kw_per_sun: float = 0.0
    gains_kw: float = 0.3
    error_k: float | None = None

    def simulate(
        self,
        start_c: float,
        outdoor_c: Numbers,
        heat_kw: Numbers,
        sun: Numbers,
        hours: float,
    ) -> Numbers:
        """Return the temperature at the end of each step of ``hours``."""
        return _simulate(self._theta(hours), start_c, outdoor_c, heat_kw, sun)[0]

    def _theta(self, hours: float) -> Numbers:
        per_c = hours / self.capacitance_kwh_per_k
        return np.array(
            [
                per_c / self.resistance_k_per_kw,
                per_c,
                per_c * self.window_kw_per_sun,
                per_c * self.gains_kw,
            ]
        )


START: Final = {
    Dwelling.FLAT: Building(resistance_k_per_kw=10.0, capacitance_kwh_per_k=6.0),
    Dwelling.TERRACED: Building(resistance_k_per_kw=7.0, capacitance_kwh_per_k=8.0),
    Dwelling.DETACHED: Building(resistance_k_per_kw=5.0, capacitance_kwh_per_k=12.0),
}
"""Start values: from a heat loss of 2 kW at 20 K (flat) to 4 kW (detached)."""

_LOWEST: Final = (1.0, 1.0, 0.0, 0.0)  # K/kW, kWh/K, kW per sun, kW
_HIGHEST: Final = (60.0, 80.0, 20.0, 3.0)


def fit_building(
    indoor_c: Numbers,
    outdoor_c: Numbers,
    heat_kw: Numbers,
    sun: Numbers,
    *,
    hours: float,
    dwelling: Dwelling = Dwelling.TERRACED,
) -> Building:
    """Return the building that a history shows; the start value of under two days.

    ``indoor_c[t]`` is measured at the start of step t, the other three are means
    over it. ``heat_kw`` is thermal: electricity times COP.
    """
    start = START[dwelling]
    per_run = round(_RUN_HOURS / hours)
    runs = [
        slice(begin, begin + per_run)
        for begin in range(0, len(indoor_c) - per_run, per_run)
    ]
    if len(runs) < _LEAST_DAYS:
        return start
    history = (indoor_c, outdoor_c, heat_kw, sun)
    theta = _least_squares(history, runs, start, hours)
    building = _bounded(theta, hours)
    error_k = float(
        np.mean([abs(_last_error(building, history, r, hours)) for r in runs])
    )
    return Building(
        resistance_k_per_kw=building.resistance_k_per_kw,
        capacitance_kwh_per_k=building.capacitance_kwh_per_k,
        window_kw_per_sun=building.window_kw_per_sun,
        gains_kw=building.gains_kw,
        error_k=error_k,
    )


type _History = tuple[Numbers, Numbers, Numbers, Numbers]


def _simulate(
    theta: Numbers, start_c: float, outdoor_c: Numbers, heat_kw: Numbers, sun: Numbers
) -> tuple[Numbers, Numbers]:
    """Return temperatures, shape (steps,), and derivatives, shape (steps, 4)."""
    steps = len(outdoor_c)
    indoor, slopes = np.empty(steps), np.empty((steps, 4))
    now, slope = start_c, np.zeros(4)
    for t in range(steps):
        inputs = np.array([outdoor_c[t] - now, heat_kw[t], sun[t], 1.0])
        slope = slope * (1.0 - theta[0]) + inputs
        now = now + float(theta @ inputs)
        indoor[t], slopes[t] = now, slope
    return indoor, slopes


def _least_squares(
    history: _History, runs: list[slice], start: Building, hours: float
) -> Numbers:
    indoor_c, outdoor_c, heat_kw, sun = history
    prior = start._theta(hours)  # noqa: SLF001 - of this module
    scale = np.array(
        [prior[0], prior[1], prior[1] / max(float(sun.max()), 1.0), prior[1]]
    )

    def errors(theta: Numbers) -> tuple[Numbers, Numbers]:
        residuals, slopes = (
            [(theta - prior) / scale * _PRIOR_K],
            [np.diag(_PRIOR_K / scale)],
        )
        for run in runs:
            simulated, derivative = _simulate(
                theta,
                float(indoor_c[run.start]),
                outdoor_c[run],
                heat_kw[run],
                sun[run],
            )
            residuals.append(simulated - indoor_c[run.start + 1 : run.stop + 1])
            slopes.append(derivative)
        return np.concatenate(residuals), np.vstack(slopes)

    theta, damping = prior, 1e-2
    residual, slope = errors(theta)
    for _ in range(_ROUNDS):
        normal = slope.T @ slope
        step = np.linalg.solve(
            normal + damping * np.diag(np.diag(normal)), -slope.T @ residual
        )
        trial = _bounded(theta + step, hours)._theta(hours)  # noqa: SLF001
        trial_residual, trial_slope = errors(trial)
        better = trial_residual @ trial_residual < residual @ residual
        if better:
            done = np.abs(trial - theta).max() < _LEAST_GAIN
            theta, residual, slope = trial, trial_residual, trial_slope
            damping /= 3.0
            if done:
                break
        else:
            damping *= 4.0
    return theta


def _bounded(theta: Numbers, hours: float) -> Building:
    per_c = max(float(theta[1]), _LEAST_GAIN)
    capacitance = hours / per_c
    resistance = per_c / max(float(theta[0]), _LEAST_GAIN)
    found = (resistance, capacitance, float(theta[2]) / per_c, float(theta[3]) / per_c)
    r, c, window, gains = np.clip(found, _LOWEST, _HIGHEST)
    return Building(
        resistance_k_per_kw=float(r),
        capacitance_kwh_per_k=float(c),
        window_kw_per_sun=float(window),
        gains_kw=float(gains),
    )


def _last_error(
    building: Building, history: _History, run: slice, hours: float
) -> float:
    indoor_c, outdoor_c, heat_kw, sun = history
    simulated = building.simulate(
        float(indoor_c[run.start]), outdoor_c[run], heat_kw[run], sun[run], hours
    )
    return float(simulated[-1] - indoor_c[run.stop])
