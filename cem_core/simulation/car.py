"""A car with a life of its own: it comes, needs energy, and leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
import random
from typing import Final
from zoneinfo import ZoneInfo

LOWEST_STATE_OF_CHARGE: Final = 0.08
# Who is called home does not leave again at once.
SHORTEST_STAY: Final = timedelta(hours=4)
# How far an arrival or departure strays from its usual time, and a trip from
# its usual energy (standard deviations).
TIME_SPREAD: Final = timedelta(minutes=20)
ENERGY_SPREAD: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """On these weekdays (0 Monday) the car is plugged in from arrive to depart.

    A ``depart`` not later than ``arrive`` is on the following day.
    ``energy_wh`` is what the trip before took.
    """

    weekdays: frozenset[int]
    arrive: time
    depart: time
    energy_wh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One time between an arrival and a departure."""

    arrive: datetime
    depart: datetime
    energy_wh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When the car stays; the same seed gives the same life."""

    habits: Sequence[Habit]
    time_zone: ZoneInfo
    seed: int

    def stay_of(self, day: date) -> Stay | None:
        """Return the stay that begins on ``day``, if one does."""
        for habit in self.habits:
            if day.weekday() in habit.weekdays:
                return self._drawn(habit, day)
        return None

    def stay_at(self, now: datetime) -> Stay | None:
        """Return the stay that ``now`` falls in."""
        today = now.astimezone(self.time_zone).date()
        for day in (today, today - timedelta(days=1)):
            stay = self.stay_of(day)
            if stay and stay.arrive <= now < stay.depart:
                return stay
        return None

    def next_departure(self, now: datetime) -> datetime:
        """Return when a car that is here at ``now`` leaves."""
        today = now.astimezone(self.time_zone).date()
        for days in range(-1, 9):
            stay = self.stay_of(today + timedelta(days=days))
            if stay and stay.depart > now:
                return stay.depart
        return now + timedelta(days=9)

    def _drawn(self, habit: Habit, day: date) -> Stay:
        draw = random.Random(f"{self.seed}:{day.isoformat()}")  # noqa: S311 (no secret)
        departs_on = day if habit.depart > habit.arrive else day + timedelta(days=1)
        arrive = datetime.combine(day, habit.arrive, self.time_zone)
        depart = datetime.combine(departs_on, habit.depart, self.time_zone)
        return Stay(
            arrive=arrive + draw.gauss(0, 1) * TIME_SPREAD,
            depart=depart + draw.gauss(0, 0.5) * TIME_SPREAD,
            energy_wh=habit.energy_wh * max(0.1, draw.gauss(1, ENERGY_SPREAD)),
        )


@dataclass(slots=True, kw_only=True)
class Car:
    """The car as it is now; ``departs_at`` is None while it is away."""

    capacity_wh: float
    energy_wh: float
    calendar: Calendar
    departs_at: datetime | None = None
    held_away_until: datetime | None = None

    @property
    def plugged(self) -> bool:
        """Whether its cable is in the charger."""
        return self.departs_at is not None

    @property
    def state_of_charge(self) -> float:
        """Share of the capacity that is stored, 0 to 1."""
        return self.energy_wh / self.capacity_wh

    @property
    def full(self) -> bool:
        """Whether it takes no more."""
        return self.energy_wh >= self.capacity_wh

    def plug_in(self, now: datetime) -> None:
        """Come home now, whatever the calendar says."""
        self.held_away_until = None
        if self.departs_at is None:
            self.departs_at = self.calendar.next_departure(now + SHORTEST_STAY)

    def unplug(self, now: datetime) -> None:
        """Leave now; the stay that the calendar has for this hour is over."""
        stay = self.calendar.stay_at(now)
        self.held_away_until = stay.depart if stay else None
        self.departs_at = None

    def live(self, now: datetime) -> None:
        """Leave or arrive when it is time to."""
        if self.departs_at is not None:
            if now >= self.departs_at:
                self.departs_at = None
            return
        if self.held_away_until is not None and now < self.held_away_until:
            return
        stay = self.calendar.stay_at(now)
        if stay is not None:
            self.departs_at = stay.depart
            self.energy_wh = max(
                LOWEST_STATE_OF_CHARGE * self.capacity_wh,
                self.energy_wh - stay.energy_wh,
            )

    def store(self, energy_wh: float) -> None:
        """Take ``energy_wh`` into the traction battery."""
        self.energy_wh = min(self.capacity_wh, self.energy_wh + energy_wh)
