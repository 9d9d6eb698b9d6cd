"""The battery's real capacity and efficiency from its meter and its display.

    dSoC = a E_charged - b E_discharged - s h,   a = eta_c / C,  b = 1 / (eta_d C)

The state of charge is a share of an unknown capacity, so a and b tell C only
once it is said how the loss is shared between the two ways: as in the start
values. The round trip, a / b, needs no such word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated, Final

import numpy as np

from cem_core.insight.learned.bounds import Between, Floats, bounded, bounds
from cem_core.insight.learned.hours import plausible
from cem_core.insight.learned.learned import Learned, judged, unlearned
from cem_core.insight.learned.least_squares import Belief, nonlinear

_TYPICAL_EFFICIENCY: Final = 0.95  # each way, inverter included
_TYPICAL_LOSS_W: Final = 10.0
# A stretch ends once so much of the capacity went in and out, or after a day: long
# enough that a state of charge in whole per cent tells something.
_STRETCH: Final = 0.25
_LONGEST_STRETCH_H: Final = 24.0
_LONGEST_GAP_H: Final = 1.0
_HIGHEST_W: Final = 100_000
_HISTORY: Final = timedelta(days=120)
_LEAST_STRETCHES: Final = 8
_HELD_OUT: Final = 0.25
# How far off the start values may be: standard deviations.
_LOG_CAPACITY: Final = 0.2
_ROUND_TRIP: Final = 0.05
_LOSS_W: Final = 20.0
_LEAST_DEVIATION: Final = 0.004  # a state of charge in whole per cent
_LEAST_CHANGE: Final = 0.02  # standard deviation of the state of charge


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryModel:
    """What can be stored, what is lost on the way in and out, and by waiting."""

    capacity_wh: Annotated[float, Between(200, 200_000)]
    charge_efficiency: Annotated[float, Between(0.7, 1.0)]
    discharge_efficiency: Annotated[float, Between(0.7, 1.0)]
    idle_loss_w: Annotated[float, Between(0, 200)]

    @classmethod
    def typical(cls, capacity_wh: float) -> BatteryModel:
        """Return the start values for a capacity as printed on the type plate."""
        return bounded(
            cls,
            {
                "capacity_wh": capacity_wh,
                "charge_efficiency": _TYPICAL_EFFICIENCY,
                "discharge_efficiency": _TYPICAL_EFFICIENCY,
                "idle_loss_w": _TYPICAL_LOSS_W,
            },
        )

    @property
    def round_trip_efficiency(self) -> float:
        """What comes out again of what went in."""
        return self.charge_efficiency * self.discharge_efficiency


@dataclass(frozen=True, slots=True, kw_only=True)
class BatterySample:
    """Mean power from ``time`` to the next sample, charging positive.

    ``state_of_charge`` (0 to 1) is that at ``time``.
    """

    time: datetime
    power_w: float | None
    state_of_charge: float | None


def learn_battery(
    samples: Sequence[BatterySample], prior: BatteryModel
) -> Learned[BatteryModel]:
    """Return the battery that ``samples`` tell of.

    The error `stretch_wh` is the mean absolute error of what a stretch of a
    quarter of the capacity or a day puts into the store, on the newest quarter
    of the stretches, which were fitted without.
    """
    known = _known(samples)
    left_out = len(samples) - len(known)
    design, change = _stretches(known, prior.capacity_wh)
    if len(change) < _LEAST_STRETCHES:
        why = f"fewer than {_LEAST_STRETCHES} stretches of use without a gap"
        return unlearned(prior, why, samples=len(known), left_out=left_out)
    if np.std([sample.state_of_charge for sample in known]) < _LEAST_CHANGE:
        why = "the state of charge does not change"
        return unlearned(prior, why, samples=len(known), left_out=left_out)
    judge = round((1 - _HELD_OUT) * len(change))

    def error(model: BatteryModel) -> dict[str, float]:
        missed = change[judge:] - design[judge:] @ _coefficients(model)
        return {"stretch_wh": model.capacity_wh * float(np.mean(np.abs(missed)))}

    return judged(
        prior,
        _fitted(design, change, prior),
        error=error(_fitted(design[:judge], change[:judge], prior)),
        prior_error=error(prior),
        samples=len(known),
        left_out=left_out,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    time: datetime
    power_w: float
    state_of_charge: float


def _known(samples: Sequence[BatterySample]) -> list[_Known]:
    """Return the plausible samples of the last 120 days in order of time."""
    power_w = plausible([s.power_w for s in samples], -_HIGHEST_W, _HIGHEST_W)
    charge = plausible([s.state_of_charge for s in samples], 0, 1)
    known = [
        _Known(sample.time, float(power), float(state))
        for sample, power, state in zip(samples, power_w, charge, strict=True)
        if np.isfinite(power) and np.isfinite(state)
    ]
    if not known:
        return []
    oldest = max(sample.time for sample in known) - _HISTORY
    return sorted((s for s in known if s.time >= oldest), key=lambda s: s.time)


def _stretches(known: Sequence[_Known], capacity_wh: float) -> tuple[Floats, Floats]:
    """Return Wh charged, Wh discharged and hours of each stretch, and its change."""
    rows: list[tuple[float, float, float, float]] = []
    charged = discharged = hours = 0.0
    first = known[0] if known else None
    for sample, after in pairwise(known):
        step_h = (after.time - sample.time) / timedelta(hours=1)
        if first is None or step_h > _LONGEST_GAP_H:
            charged = discharged = hours = 0.0
            first = after
            continue
        charged += max(0.0, sample.power_w) * step_h
        discharged += max(0.0, -sample.power_w) * step_h
        hours += step_h
        enough = charged + discharged >= _STRETCH * capacity_wh
        if enough or hours >= _LONGEST_STRETCH_H:
            change = after.state_of_charge - first.state_of_charge
            rows.append((charged, discharged, hours, change))
            charged = discharged = hours = 0.0
            first = after
    table = np.array(rows, np.float64).reshape(-1, 4)
    return table[:, :3], table[:, 3]


def _coefficients(model: BatteryModel) -> Floats:
    """Return a, -b and -s: what a Wh and an hour do to the state of charge."""
    capacity_wh = model.capacity_wh
    return np.array(
        [
            model.charge_efficiency / capacity_wh,
            -1 / (model.discharge_efficiency * capacity_wh),
            -model.idle_loss_w / capacity_wh,
        ]
    )


def _fitted(design: Floats, change: Floats, prior: BatteryModel) -> BatteryModel:
    limits = bounds(BatteryModel)
    capacity, loss = limits["capacity_wh"], limits["idle_loss_w"]
    one_way = limits["charge_efficiency"]
    shared = prior.charge_efficiency / prior.discharge_efficiency

    def model(coordinates: Floats) -> BatteryModel:
        log_capacity, round_trip, idle_loss_w = coordinates
        return bounded(
            BatteryModel,
            {
                "capacity_wh": np.exp(log_capacity),
                "charge_efficiency": np.sqrt(round_trip * shared),
                "discharge_efficiency": np.sqrt(round_trip / shared),
                "idle_loss_w": idle_loss_w,
            },
        )

    belief = Belief(
        mean=np.array(
            [np.log(prior.capacity_wh), prior.round_trip_efficiency, prior.idle_loss_w]
        ),
        deviation=np.array([_LOG_CAPACITY, _ROUND_TRIP, _LOSS_W]),
        low=np.array([np.log(capacity.low), one_way.low**2, loss.low]),
        high=np.array([np.log(capacity.high), one_way.high**2, loss.high]),
    )
    return model(
        nonlinear(
            lambda coordinates: change - design @ _coefficients(model(coordinates)),
            belief,
            least_deviation=_LEAST_DEVIATION,
        )
    )
