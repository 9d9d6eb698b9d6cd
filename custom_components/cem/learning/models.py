"""What plans take of the learned models, in the core's units.

A device whose form says so is planned with its start values: those that its
owner stated, or typical ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.util import dt as dt_util

if TYPE_CHECKING:
    from custom_components.cem.controlled import ControlledDevice
    from custom_components.cem.learning.store import LearningStore

type Week = Sequence[Sequence[float]]

_LOWEST_COP: Final = 1.0
_HIGHEST_COP: Final = 8.0
MILD_C: Final = 7.0
_PARTS_H: Final = 6
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """The house a heat pump heats, and its COP."""

    resistance_k_per_w: float
    capacitance_wh_per_k: float
    solar_aperture_m2: float
    internal_gains_w: float
    cop_at_0_c: float
    cop_per_k: float
    heat_scale: float
    cop_per_k_more: float

    def cop(self, outdoor_c: float) -> float:
        """Return heat over electricity, as the rooms feel it."""
        cop = self.cop_at_0_c + (self.cop_per_k + self.cop_per_k_more) * outdoor_c
        return self.heat_scale * min(max(cop, _LOWEST_COP), _HIGHEST_COP)

    def gains_w(self, solar_w_per_m2: float) -> float:
        """Return the heat that nobody pays for."""
        return self.internal_gains_w + self.solar_aperture_m2 * solar_w_per_m2


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """What a battery really holds and loses."""

    capacity_wh: float
    charge_efficiency: float
    discharge_efficiency: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """When a car leaves and what it needs: early or low, usual, late or high."""

    depart_h: tuple[tuple[tuple[float, ...], ...], ...]
    need_wh: tuple[tuple[tuple[float, ...], ...], ...]

    def departs(self, arrived: datetime, *, after: datetime) -> datetime | None:
        """Return the earliest usual departure after ``after``, None beyond the last."""
        local = dt_util.as_local(arrived)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        for hours in self._cell(self.depart_h, local):
            # By the clock on the wall, on the day it changes too.
            wall = midnight + hours * _HOUR
            depart = dt_util.as_utc(wall.replace(tzinfo=local.tzinfo))
            if depart > after:
                return depart
        return None

    def most_wh(self, arrived: datetime) -> float:
        """Return what four of five such stays needed at most."""
        return self._cell(self.need_wh, dt_util.as_local(arrived))[-1]

    @staticmethod
    def _cell(
        table: tuple[tuple[tuple[float, ...], ...], ...], local: datetime
    ) -> tuple[float, ...]:
        return table[local.weekday()][local.hour // _PARTS_H]


def model_of(
    learned: LearningStore, device: ControlledDevice, name: str
) -> Mapping[str, Any] | None:
    """Return the document of a model: parameters, error, why it is as it was."""
    part = learned.parts.get(device.subentry_id)
    found: Mapping[str, Any] | None = part["models"].get(name) if part else None
    return found


def is_learned(learned: LearningStore, device: ControlledDevice, name: str) -> bool:
    """Tell whether the home's history says more than the start values."""
    found = model_of(learned, device, name)
    return bool(device.data.get("learn", True) and found and not found["kept_prior"])


def building_of(learned: LearningStore, device: ControlledDevice) -> Building | None:
    """Return the house of a heat pump; None before the worker said anything."""
    building = _parameters(learned, device, "building")
    cop = _parameters(learned, device, "cop")
    if building is None or cop is None:
        return None
    return Building(
        **building, cop_at_0_c=cop["cop_at_0_c"], cop_per_k=cop["cop_per_k"]
    )


def store_of(learned: LearningStore, device: ControlledDevice) -> Store | None:
    """Return what is known of a battery beyond its type plate."""
    if not is_learned(learned, device, "battery"):
        return None
    found = _parameters(learned, device, "battery") or {}
    return Store(
        capacity_wh=found["capacity_wh"],
        charge_efficiency=found["charge_efficiency"],
        discharge_efficiency=found["discharge_efficiency"],
    )


def habits_of(learned: LearningStore, device: ControlledDevice) -> Habits | None:
    """Return what is known of a car beyond the form."""
    if not is_learned(learned, device, "car"):
        return None
    found = _parameters(learned, device, "car") or {}
    return Habits(depart_h=found["depart_h"], need_wh=found["need_wh"])


def hot_water_of(learned: LearningStore, device: ControlledDevice) -> Week | None:
    """Return the Wh drawn by weekday (0 Monday) and hour; None: nobody has seen it."""
    if not is_learned(learned, device, "hot_water"):
        return None
    found: Week = (_parameters(learned, device, "hot_water") or {})["draw_wh"]
    return found


def _parameters(
    learned: LearningStore, device: ControlledDevice, name: str
) -> Mapping[str, Any] | None:
    part = learned.parts.get(device.subentry_id)
    if part is None or name not in part["models"]:
        return None
    found: Mapping[str, Any] = (
        part["models"][name]["parameters"]
        if device.data.get("learn", True)
        else part["start"][name]
    )
    return found
