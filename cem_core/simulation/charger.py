"""A three-phase EV charger and how a car follows its pilot signal.

IEC 61851: the current limit is 0 or at least 6 A a phase, and a car has 5 s
to come down to a lower one. Starting takes a car some seconds, and it ramps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cem_core.simulation.car import Car

SECONDS_PER_HOUR: Final = 3600.0
RAMP_UP_A_PER_S: Final = 2.0
RAMP_DOWN_A_PER_S: Final = 5.0
START_DELAY_S: Final = 3.0
# Close to full a car asks for less.
TAPER_FROM: Final = 0.98
TAPER_CURRENT_A: Final = 8.0


class ChargerStatus(StrEnum):
    """What the charger's lamp shows."""

    DISCONNECTED = "disconnected"
    WAITING = "waiting"
    CHARGING = "charging"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerParameters:
    """What is printed on the type plate."""

    min_current_a: int = 6
    max_current_a: int = 16
    efficiency: float = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Whims:
    """What a car makes of an offer: its own limit, its own timer, deep sleep.

    A car that `sleeps` after a pause ignores the pilot signal until it is plugged in
    anew or its supply was off.
    """

    limit_a: float | None = None
    waits: bool = False
    sleeps: bool = False


OBLIGING: Final = Whims()


@dataclass(slots=True, kw_only=True)
class Charger:
    """The EV charger and the car in front of it."""

    parameters: ChargerParameters
    car: Car
    enabled: bool = True
    supplied: bool = True  # its contactor is closed
    current_limit_a: float = 16
    current_a: float = 0.0
    power_w: float = 0.0
    waited_s: float = 0.0
    whims: Whims = OBLIGING
    asleep: bool = False

    @property
    def status(self) -> ChargerStatus:
        """What the lamp shows now."""
        if not self.car.plugged:
            return ChargerStatus.DISCONNECTED
        if self.car.full:
            return ChargerStatus.FULL
        return ChargerStatus.CHARGING if self.current_a > 0 else ChargerStatus.WAITING

    def cut(self) -> None:
        """Lose the mains; the cable stays in."""
        self.current_a = self.power_w = self.waited_s = 0.0
        self.asleep = False

    def step(
        self, seconds: float, *, now: datetime, voltages_v: Sequence[float], stuck: bool
    ) -> None:
        """Let ``seconds`` pass; ``voltages_v`` are those of the three phases."""
        self.car.live(now)
        if not (self.car.plugged and self.supplied) or self.car.full:
            self.current_a = 0.0
            self.waited_s = 0.0
            self.asleep = False
        elif not stuck:
            self._follow(seconds)
        self.power_w = self.current_a * sum(voltages_v)
        hours = seconds / SECONDS_PER_HOUR
        self.car.store(self.power_w * self.parameters.efficiency * hours)

    def _follow(self, seconds: float) -> None:
        wanted_a = float(self.current_limit_a) if self.enabled else 0.0
        if self.car.state_of_charge >= TAPER_FROM:
            wanted_a = min(wanted_a, TAPER_CURRENT_A)
        wanted_a = self._accepted_a(wanted_a)
        lowest_a = float(self.parameters.min_current_a)
        if wanted_a < lowest_a:
            down_a = self.current_a - RAMP_DOWN_A_PER_S * seconds
            self.current_a = down_a if down_a >= lowest_a else 0.0
            self.waited_s = 0.0
        elif self.current_a < lowest_a:
            self.waited_s += seconds
            self.current_a = lowest_a if self.waited_s >= START_DELAY_S else 0.0
        else:
            change_a = wanted_a - self.current_a
            self.current_a += min(
                RAMP_UP_A_PER_S * seconds, max(-RAMP_DOWN_A_PER_S * seconds, change_a)
            )

    def _accepted_a(self, offered_a: float) -> float:
        """Return what the car makes of ``offered_a``."""
        whims = self.whims
        paused = offered_a < self.parameters.min_current_a
        self.asleep = whims.sleeps and (self.asleep or paused)
        if whims.waits or self.asleep:
            return 0.0
        return offered_a if whims.limit_a is None else min(offered_a, whims.limit_a)
