"""When charging a battery or heating water once by hand pays, and what it saves.

Beside what the device does by itself: the battery stores surplus and covers load, the
tank is heated again as hot water is drawn.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil
from statistics import fmean
from typing import Final

_STARTS_EVERY: Final = timedelta(hours=1)
_LONGEST: Final = timedelta(hours=6)
_HOUR: Final = timedelta(hours=1)
_SAME_KWH: Final = 1e-6
_IN_SUN: Final = 0.9  # of what is drawn, which the sun would give away else


@dataclass(frozen=True, kw_only=True)
class Course:
    """What is foretold, by steps of one length; the first begins at ``start``.

    ``net_kw`` is drawn at the connection point without the device, negative where fed
    in; prices are per kWh; no more than ``most_kw`` may be drawn.
    """

    start: datetime
    step: timedelta
    net_kw: Sequence[float]
    import_price: Sequence[float]
    export_price: Sequence[float]
    most_kw: float

    @cached_property
    def hours(self) -> float:
        """The length of a step."""
        return self.step / _HOUR

    def cost(self, place: int, grid_kw: float) -> float:
        """Return what drawing ``grid_kw`` in the step at ``place`` costs."""
        price = self.import_price[place] if grid_kw > 0 else self.export_price[place]
        return grid_kw * self.hours * price

    def at(self, place: int) -> datetime:
        """Return when the step at ``place`` begins."""
        return self.start + place * self.step

    def places(self, now: datetime, ahead: timedelta) -> Iterator[int]:
        """Yield where something may begin: now, then at each full hour."""
        for place in range(len(self.net_kw)):
            begins = self.at(place)
            if begins + self.step <= now or begins > now + ahead:
                continue
            whole = (begins - datetime.min.replace(tzinfo=begins.tzinfo)) % (
                _STARTS_EVERY
            )
            if begins <= now or not whole:
                yield place


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """A battery as it is when the course begins; efficiencies are one way each."""

    energy_kwh: float
    least_kwh: float
    capacity_kwh: float
    charge_kw: float
    discharge_kw: float
    charge_efficiency: float
    discharge_efficiency: float
    wear_per_kwh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tank:
    """A tank of hot water: what it still takes in, and what is drawn by each step.

    ``room_kwh``, ``draw_kw`` are heat; ``power_kw`` is drawn for ``cop`` times as much
    heat. ``lost_per_hour`` is the share of what is added that is lost in an hour.
    """

    room_kwh: float
    draw_kw: Sequence[float]
    power_kw: float
    cop: float
    lost_per_hour: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """Run it at ``power_kw`` from ``start`` to ``end``; ``in_sun``: on what is left over."""

    start: datetime
    end: datetime
    power_kw: float
    saving: float
    in_sun: bool = False


@dataclass(frozen=True, slots=True)
class _Block:
    """Charging at one power in the steps from ``first`` to before ``after``."""

    first: int
    after: int
    power_kw: float


def own_rule(course: Course, battery: Battery) -> tuple[list[float], list[float]]:
    """Return what is drawn at the connection, and what the battery holds before each step."""
    grid, held, energy = [], [battery.energy_kwh], battery.energy_kwh
    for net in course.net_kw:
        energy, power = _balances(course, battery, energy, net)
        grid.append(net + power)
        held.append(energy)
    return grid, held


def best_charge(
    course: Course, battery: Battery, now: datetime, ahead: timedelta
) -> ByHand | None:
    """Return when charging the battery at one power saves most, begun within ``ahead``.

    What it holds more at the end counts as the cheapest import. It is begun only where
    imports cost less than on average. None: it never saves.
    """
    grid, held = own_rule(course, battery)
    worth = max(
        0.0,
        min(course.import_price, default=0.0) * battery.discharge_efficiency
        - battery.wear_per_kwh,
    )
    most = round(_LONGEST / course.step)
    hour = max(1, round(_STARTS_EVERY / course.step))
    best: ByHand | None = None
    usual = fmean(course.import_price) if course.import_price else 0.0
    for first in course.places(now, ahead):
        if course.import_price[first] >= usual:
            continue
        room = battery.capacity_kwh - held[first]
        for length in range(hour, most + 1, hour):
            after = min(first + length, len(grid))
            power = _power(course, battery, first, after)
            if power <= 0 or room <= _SAME_KWH:
                break
            block = _Block(first, after, power)
            saving, filled = _saving(course, battery, (grid, held), block, worth)
            if best is None or saving > best.saving + _SAME_KWH:
                best = ByHand(
                    start=max(now, course.at(first)),
                    end=course.at(filled),
                    power_kw=power,
                    saving=saving,
                )
            if filled < after:
                break  # it is full: no longer block brings more
    return best if best is not None and best.saving > 0 else None


def best_heating(
    course: Course,
    grid_kw: Sequence[float],
    tank: Tank,
    now: datetime,
    ahead: timedelta,
) -> ByHand | None:
    """Return when heating the tank as hot as it may be saves most, begun within ``ahead``.

    ``grid_kw`` is drawn at the connection without. What is added saves heating what is
    drawn later, as far as it lasts. None: it never saves.
    """
    heat_kw = tank.power_kw * tank.cop
    length = ceil(tank.room_kwh / (heat_kw * course.hours) - _SAME_KWH)
    best: ByHand | None = None
    for first in course.places(now, ahead):
        after = first + length
        if length < 1 or after > len(grid_kw):
            break
        block = range(first, after)
        if any(grid_kw[n] + tank.power_kw > course.most_kw for n in block):
            continue
        left, saving, sun = tank.room_kwh, 0.0, 0.0
        for place in block:
            saving -= _more(course, grid_kw, place, tank.power_kw)
            sun += min(tank.power_kw, max(0.0, -grid_kw[place]))
        for place in range(after, len(grid_kw)):
            left *= 1 - tank.lost_per_hour * course.hours
            used = min(left, tank.draw_kw[place] * course.hours)
            left -= used
            power = used / course.hours / tank.cop
            saving += _more(course, grid_kw, place, power)
            if left <= _SAME_KWH:
                break
        if saving > 0 and (best is None or saving > best.saving + _SAME_KWH):
            best = ByHand(
                start=max(now, course.at(first)),
                end=course.at(after),
                power_kw=tank.power_kw,
                saving=saving,
                in_sun=sun >= _IN_SUN * length * tank.power_kw,
            )
    return best


def _more(
    course: Course, grid_kw: Sequence[float], place: int, power_kw: float
) -> float:
    """Return what drawing ``power_kw`` beside the rest costs in a step."""
    grid = grid_kw[place]
    return course.cost(place, grid + power_kw) - course.cost(place, grid)


def _power(course: Course, battery: Battery, first: int, after: int) -> float:
    """Return the highest power that the connection leaves all the time."""
    room = min(course.most_kw - net for net in course.net_kw[first:after])
    return min(battery.charge_kw, room)


def _balances(
    course: Course, battery: Battery, energy: float, net: float
) -> tuple[float, float]:
    """Return what it holds after a step by its own rule, and its power in it."""
    if net < 0:
        return _charges(course, battery, energy, min(-net, battery.charge_kw))
    left = max(0.0, energy - battery.least_kwh)
    power = min(
        net, battery.discharge_kw, left * battery.discharge_efficiency / course.hours
    )
    return energy - power * course.hours / battery.discharge_efficiency, -power


def _charges(
    course: Course, battery: Battery, energy: float, power: float
) -> tuple[float, float]:
    room = max(0.0, battery.capacity_kwh - energy)
    power = min(power, room / battery.charge_efficiency / course.hours)
    return energy + power * course.hours * battery.charge_efficiency, power


def _saving(
    course: Course,
    battery: Battery,
    own: tuple[Sequence[float], Sequence[float]],
    block: _Block,
    worth: float,
) -> tuple[float, int]:
    """Return what the block saves against its ``own`` rule, and where it has filled it."""
    grid, held = own
    energy, saved, filled = held[block.first], 0.0, block.after
    for place in range(block.first, len(grid)):
        net = course.net_kw[place]
        if place < block.after:
            before = energy
            energy, drawn = _charges(course, battery, energy, block.power_kw)
            if energy - before > _SAME_KWH:
                filled = place + 1
        else:
            if abs(energy - held[place]) <= _SAME_KWH:
                return saved, filled  # as it would be: from here on nothing differs
            energy, drawn = _balances(course, battery, energy, net)
        if drawn == (usual := grid[place] - net):
            continue
        saved += course.cost(place, grid[place]) - course.cost(place, net + drawn)
        given = max(0.0, -drawn) - max(0.0, -usual)
        saved -= given * course.hours * battery.wear_per_kwh
    return saved + (energy - held[-1]) * worth, filled
