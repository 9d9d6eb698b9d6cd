"""A car's day as it can be played again: its stays, and what it took and gave in them.

What a car gave and took again later is no energy that it came for. With doing nothing
it charges what it took more than it gave, at full power from the moment it is plugged
in, and gives nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, chain
from typing import Any, Final, Self

from homeassistant.util import dt as dt_util

from cem_core.model.units import kw
from custom_components.cem.car_needs import charge_efficiency, give_efficiency
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.learning.statistics import HOUR
from custom_components.cem.planning.steps import STEP
from custom_components.cem.saving.observed import Observed

type Json = dict[str, Any]

_STEP_H: Final = STEP / HOUR
_LEAST_KWH: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedStay:
    """The part of a stay that lies in a day, ``steps``; energies in the car's battery.

    ``gained_kwh`` is what it held more at the end, below 0 where it left with less;
    ``lends_kwh`` how far it might have been emptied below what it came with.
    """

    start: datetime
    steps: range
    gained_kwh: float
    lends_kwh: float

    @classmethod
    def of(
        cls,
        device: ControlledDevice,
        stay: tuple[datetime, datetime],
        start: datetime,
        power_kw: Sequence[float],
        charge: Sequence[float | None] = (),
    ) -> Self | None:
        """Return the part of ``stay`` in a day, None where it neither took nor gave.

        ``power_kw`` into the car and ``charge`` (0 to 1, None: unknown) are by the
        quarter hour from ``start`` on.
        """
        first = max(0, (stay[0] - start) // STEP)
        last = min(len(power_kw), -((start - stay[1]) // STEP))
        if first >= last:
            return None
        steps = range(first, last)
        most_kw = kw(device.model.rated_power_w)
        held_kwh = list(
            accumulate(
                (_stored_kwh(device, p) for p in power_kw[first:last]), initial=0
            )
        )
        gained_kwh = min(held_kwh[-1], most_kw * len(steps) * _STEP_H)
        lends_kwh = _lends_kwh(device, held_kwh, charge[first:last])
        if abs(gained_kwh) < _LEAST_KWH and lends_kwh < _LEAST_KWH:
            return None
        return cls(start=start, steps=steps, gained_kwh=gained_kwh, lends_kwh=lends_kwh)

    @property
    def lacks_kwh(self) -> float:
        """What it was given less than nothing: what it left with less than it came."""
        return max(0.0, -self.gained_kwh)

    def to_json(self) -> Json:
        """Return the session of HOME."""
        session = {
            "arrive": (self.start + self.steps.start * STEP).isoformat(),
            "depart": (self.start + self.steps.stop * STEP).isoformat(),
            "energy_kwh": round(max(0.0, self.gained_kwh), 3),
        }
        if self.lends_kwh >= _LEAST_KWH:
            session["min_energy_kwh"] = -round(self.lends_kwh, 3)
        return session


def _stored_kwh(device: ControlledDevice, power_kw: float) -> float:
    if power_kw >= 0:
        return power_kw * _STEP_H * charge_efficiency(device)
    return power_kw * _STEP_H / give_efficiency(device)


def _lends_kwh(
    device: ControlledDevice,
    held_kwh: Sequence[float],
    charge: Sequence[float | None],
) -> float:
    """Return how far it might have been emptied: as it was, else down to what it keeps.

    Where nothing was recorded of its charge it is what was seen.
    """
    if not device.model.rated_discharge_w:
        return 0.0
    seen_kwh = max(0.0, -min(held_kwh))
    if device.guest:
        return seen_kwh
    capacity_kwh: float = device.data["car_capacity"]
    kept_kwh = device.model.least_state_of_charge * capacity_kwh
    came_with = (
        share * capacity_kwh - held
        for share, held in zip(charge, held_kwh, strict=False)
        if share is not None
    )
    return max(seen_kwh, next(came_with, 0.0) - kept_kwh)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarDay:
    """One charger's day; ``power_kw`` is what its stays account for."""

    device: ControlledDevice
    stays: Sequence[PlayedStay]
    power_kw: Sequence[float]

    @classmethod
    def of(cls, home: Home, device: ControlledDevice, seen: Observed) -> Self:
        """Return what a day was at a charger."""
        power_kw = seen.cars[device.device_id]
        charge = seen.cars_charge.get(device.device_id, ())
        found = (
            PlayedStay.of(device, stay, seen.start, power_kw, charge)
            for stay in stays_of(home, device)
        )
        stays = [stay for stay in found if stay is not None]
        inside = set(chain.from_iterable(stay.steps for stay in stays))
        return cls(
            device=device,
            stays=stays,
            power_kw=[p if t in inside else 0.0 for t, p in enumerate(power_kw)],
        )

    @property
    def left_kwh(self) -> float:
        """What cars held more than they came with, which they did not take: never above 0.

        As energy that the grid has to give.
        """
        lacked_kwh = sum(stay.lacks_kwh for stay in self.stays)
        return -lacked_kwh / charge_efficiency(self.device)

    def described(self) -> Json:
        """Return the device's fields in HOME."""
        device, model = self.device, self.device.model
        found: Json = {
            "min_power_kw": kw(model.min_power_w),
            "max_power_kw": kw(model.rated_power_w),
            "efficiency": charge_efficiency(device),
            "sessions": [stay.to_json() for stay in self.stays],
        }
        if not model.rated_discharge_w:
            return found
        return found | {
            "bidirectional": True,
            "discharge_limit_kw": kw(model.rated_discharge_w),
            "discharge_efficiency": give_efficiency(device),
            "wear_per_kwh": device.data.get("wear_per_kwh", 0.05),
        }


def stays_of(home: Home, device: ControlledDevice) -> list[tuple[datetime, datetime]]:
    """Return when a car was there, also one that still is."""
    kept = [
        (datetime.fromisoformat(s["arrive"]), datetime.fromisoformat(s["depart"]))
        for s in home.learned.sessions.get(device.subentry_id, ())
    ]
    if (arrived := device.session.arrived) is not None:
        kept.append((arrived, dt_util.utcnow()))
    return kept


def cars_of(home: Home, seen: Observed) -> Mapping[str, CarDay]:
    """Return the day of each charger that was measured."""
    return {name: CarDay.of(home, home.devices[name], seen) for name in seen.cars}
