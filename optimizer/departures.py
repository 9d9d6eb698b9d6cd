"""What each stay of a car asks for: energy by departure, or sooner, or for a trip.

    stored >= owed - missing,  stored by ready_by >= owed - late

A stay without a price for what is missing gives way to limits alone; one with it
pays. ``stored`` counts from the car's arrival.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
import math

import numpy as np

from cem_core.model import Message
from optimizer import home, words as pyo
from optimizer.component import Block, Data, Expression, Rank, Soft, slack
from optimizer.horizon import Horizon
from optimizer.series import Numbers

_WHOLE = 1e-9
_LEAST_REST = 1e-3  # of a step: below that the cut would be badly scaled

type Stored = Callable[[int, int], Expression]  # stay, its first steps -> kWh
type Stays = Sequence[tuple[home.Session, range]]


def stays_of(device: home.EvCharger, horizon: Horizon) -> Stays:
    """Return the sessions that the horizon touches and their usable steps."""
    return _touched(device.sessions, horizon)


@lru_cache(maxsize=16)  # asked for again and again
def _touched(sessions: tuple[home.Session, ...], horizon: Horizon) -> Stays:
    return tuple(
        (session, horizon.inside(session.arrive, session.depart))
        for session in sessions
        if session.depart > horizon.start and session.arrive < horizon.end
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Departures:
    """The wishes of the stays of ``device``."""

    device: home.EvCharger

    def _later_kwh(self, session: home.Session, horizon: Horizon) -> float:
        """Return the most that can still be stored after the horizon."""
        later = max(0.0, (session.depart - horizon.end).total_seconds() / 3600)
        own_kw, most_kw = session.max_power_kw, self.device.max_power_kw
        power_kw = most_kw if own_kw is None else min(own_kw, most_kw)
        return self.device.efficiency * power_kw * later

    def owed_kwh(self, session: home.Session, horizon: Horizon) -> float:
        """Return what has to be stored within the horizon, lent energy given back."""
        later_kwh = self._later_kwh(session, horizon)
        return max(session.min_energy_kwh, session.energy_kwh - later_kwh)

    def wanted(self, horizon: Horizon) -> tuple[int, ...]:
        """Return the stays that ask for energy by departure."""
        return tuple(
            place
            for place, (session, _) in enumerate(stays_of(self.device, horizon))
            if self.owed_kwh(session, horizon) > session.min_energy_kwh
        )

    def _priced(self, horizon: Horizon) -> tuple[int, ...]:
        stays = stays_of(self.device, horizon)
        return tuple(
            place
            for place in self.wanted(horizon)
            if stays[place][0].missing_price_per_kwh is not None
        )

    def _sooner(self, horizon: Horizon) -> Mapping[int, range]:
        """Return the steps before a wish's time where missing it has a price."""
        return {
            place: horizon.inside(session.arrive, wished)
            for place, (session, steps) in enumerate(stays_of(self.device, horizon))
            if session.late_price_per_kwh
            and horizon.start < (wished := _wished(session)) <= horizon.end
            and steps
        }

    def _trips(self, horizon: Horizon) -> tuple[int, ...]:
        """Return the stays that a trip follows: with a vehicle every one."""
        if self.device.vehicle is None:
            return ()
        return tuple(range(len(stays_of(self.device, horizon))))

    def structure(self, horizon: Horizon) -> Hashable:
        """Return which stays ask for what."""
        sooner = tuple(self._sooner(horizon).items())
        asked = self.wanted(horizon), self._priced(horizon)
        return asked, sooner, self._trips(horizon)

    def data(self, horizon: Horizon, most_kw: Numbers) -> Data:
        """Return what each stay wants; ``most_kw`` is the most power by step."""
        stays = stays_of(self.device, horizon)
        count, per_missing_kwh = self._whole_steps(horizon, most_kw)
        sessions = [session for session, _ in stays]
        prices = [session.missing_price_per_kwh for session in sessions]
        return {
            "owed_kwh": [self.owed_kwh(session, horizon) for session in sessions],
            "wished_kwh": [_wished_kwh(session) for session in sessions],
            "trip_kwh": [session.trip_kwh for session in sessions],
            "left_kwh": [self._left_kwh(session, horizon) for session in sessions],
            "missing_price": [0.0 if price is None else price for price in prices],
            "late_price": [session.late_price_per_kwh for session in sessions],
            "count": count,
            "steps_per_missing_kwh": per_missing_kwh,
            **self._least_steps(horizon),
        }

    def _left_kwh(self, session: home.Session, horizon: Horizon) -> float:
        """Return what has to be in the vehicle at the end of a stay, for its trip."""
        vehicle = self.device.vehicle
        if vehicle is None:
            return 0.0
        needed_kwh = vehicle.min_energy_kwh + session.trip_kwh
        return max(0.0, needed_kwh - self._later_kwh(session, horizon))

    def _whole_steps(
        self, horizon: Horizon, most_kw: Numbers
    ) -> tuple[Numbers, Numbers]:
        """Return how many steps each stay needs, and how many a kWh less saves."""
        stays = stays_of(self.device, horizon)
        count, per_missing_kwh = np.zeros(len(stays)), np.zeros(len(stays))
        for place, (session, steps) in enumerate(stays):
            owed_kwh = self.owed_kwh(session, horizon)
            most_kwh = horizon.hours * most_kw
            best_kwh = max((most_kwh[t] for t in steps), default=0.0)
            in_step = self.device.efficiency * best_kwh
            whole = math.ceil(owed_kwh / in_step - _WHOLE) if in_step else 0
            rest = owed_kwh - (whole - 1) * in_step
            if whole > 0 and rest >= _LEAST_REST * in_step:
                count[place], per_missing_kwh[place] = whole, 1 / rest
        return count, per_missing_kwh

    def _least_steps(self, horizon: Horizon) -> Data:
        """Return how many steps at the least power each stay needs, rounded up.

        Less of them by one is made up for by so much energy above that power. Where
        the steps of a stay differ in length there is no such number.
        """
        stays = stays_of(self.device, horizon)
        count, per_kwh, in_steps = (np.zeros(len(stays)) for _ in range(3))
        for place, (session, steps) in enumerate(stays):
            hours = horizon.hours[steps.start : steps.stop]
            if not len(hours) or np.ptp(hours) > _WHOLE:
                continue
            in_step = self.device.efficiency * hours[0] * self.device.ranges[0][0]
            owed_kwh = self.owed_kwh(session, horizon)
            whole = math.ceil(owed_kwh / in_step - _WHOLE) if in_step else 0
            rest = owed_kwh - (whole - 1) * in_step
            if whole > 0 and rest >= _LEAST_REST * in_step:
                count[place], per_kwh[place] = whole, 1 / rest
                in_steps[place] = in_step
        least_kw = self.device.ranges[0][0]
        return {
            "least_count": count,
            "steps_per_kwh": per_kwh,
            "steps_per_kw": in_steps * per_kwh / least_kw if least_kw else per_kwh,
            "steps_per_on": np.where(count > 0, 1 - in_steps * per_kwh, 0.0),
        }

    def declare(self, block: Block, horizon: Horizon) -> None:
        """Put what may be missing on ``block``, before its store asks for it."""
        priced = self._priced(horizon)
        slack(block, [place for place in self.wanted(horizon) if place not in priced])
        block.short = pyo.Var(priced, domain=pyo.NonNegativeReals)
        block.trips = pyo.Block()
        slack(block.trips, self._trips(horizon))

    def missing(self, block: Block, place: int) -> Expression:
        """Return what is missing at a departure."""
        return block.short[place] if place in block.short else block.slack[place]

    def build(
        self,
        block: Block,
        horizon: Horizon,
        stored: Stored,
        on: Mapping[int, Expression],
    ) -> None:
        """Put the wishes on ``block``, and what unkept ones cost."""
        given, stays = block.given, stays_of(self.device, horizon)
        wanted, sooner = self.wanted(horizon), self._sooner(horizon)

        @block.Constraint(wanted)
        def departure(b: Block, place: int) -> Expression:
            # stored at the end ≥ energy - missing
            end_kwh = stored(place, len(stays[place][1]))
            return end_kwh + self.missing(b, place) >= given.owed_kwh[place]

        @block.Constraint(wanted)
        def enough_steps(b: Block, place: int) -> Expression:
            # Whole steps: sum z[t] + missing / rest ≥ ceil(energy / most a step)
            steps = [t for t in stays[place][1] if t in on]
            if not steps:
                return pyo.Constraint.Skip
            short = given.steps_per_missing_kwh[place] * self.missing(b, place)
            return pyo.quicksum(on[t] for t in steps) + short >= given.count[place]

        # A dual of theirs would be a part of the departure's: for the tightened model.
        block.whole_steps = [
            self._enough_at_least(block, place, {t: on[t] for t in steps})
            for place, steps in (
                (place, [t for t in stays[place][1] if t in on]) for place in wanted
            )
            if steps
        ]
        block.late = pyo.Var(list(sooner), domain=pyo.NonNegativeReals)

        @block.Constraint(list(sooner))
        def ready(b: Block, place: int) -> Expression:
            # stored by ready_by ≥ energy - late
            soon_kwh = stored(place, len(sooner[place]))
            return soon_kwh + b.late[place] >= given.wished_kwh[place]

        paid = [given.missing_price[n] * short for n, short in block.short.items()]
        paid += [given.late_price[n] * late for n, late in block.late.items()]
        if paid:
            block.cost["departure"] = pyo.quicksum(paid)

    def _enough_at_least(
        self, block: Block, place: int, on: Mapping[int, Expression]
    ) -> Expression:
        given = block.given
        drawn_kw = pyo.quicksum(block.charge[t] for t in on)
        short = given.steps_per_kwh[place] * self.missing(block, place)
        above = given.steps_per_kw[place] * drawn_kw
        counted = given.steps_per_on[place] * pyo.quicksum(on.values())
        # sum z[t] + (stored above P_min + missing) / rest ≥ ceil(energy / P_min)
        return counted + above + short >= given.least_count[place]

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the departures without a price, and the trips."""
        stays, found = stays_of(self.device, horizon), []
        wishes = [(False, *each) for each in block.slack.items()]
        wishes += [(True, *each) for each in block.trips.slack.items()]
        for trip, place, missing in wishes:
            session, _ = stays[place]
            by = f"{horizon.local(min(session.depart, horizon.end)):%H:%M}"
            owed_kwh = self.owed_kwh(session, horizon)
            say = _trip_short if trip else _leaves_short
            due_kwh = session.trip_kwh if trip else owed_kwh
            found.append(
                Soft(
                    rank=Rank.DEPARTURE,
                    constraint=f"{self.device.id} {'trip after' if trip else 'energy by'}"
                    f" {by}",
                    unit="kWh",
                    message=partial(say, self.device.id, due_kwh),
                    slack=[missing],
                )
            )
        return found


def _wished(session: home.Session) -> datetime:
    """Return when its energy is wished."""
    return session.depart if session.ready_by is None else session.ready_by


def _wished_kwh(session: home.Session) -> float:
    wished_kwh = session.preferred_energy_kwh
    return session.energy_kwh if wished_kwh is None else wished_kwh


def _leaves_short(device: str, due_kwh: float, by: float) -> Message:
    return Message.of("car_leaves_short", device=device, by_kwh=by, due_kwh=due_kwh)


def _trip_short(device: str, due_kwh: float, by: float) -> Message:
    return Message.of("car_trip_short", device=device, by_kwh=by, due_kwh=due_kwh)
