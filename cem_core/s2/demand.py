"""Ways to meet a demand of DDBC: a mode of each actuator and what it takes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final
from uuid import UUID

from cem_core.s2.modes import Choice, Mode

type Options = Sequence[tuple[UUID, Sequence[Mode]]]

_COMBINATIONS: Final = 5_000  # of modes of the actuators that are looked at
_MET: Final = 1e-6  # of a demand that counts as met
_OVER_W: Final = 0.5


@dataclass(frozen=True, slots=True)
class Met:
    """One mode of each actuator, shared so that they draw least, and most."""

    least: tuple[Choice, ...]
    most: tuple[Choice, ...]

    @property
    def least_w(self) -> float:
        """The least that meets the demand in these modes."""
        return sum(choice.power_w for choice in self.least)

    @property
    def most_w(self) -> float:
        """The most that does."""
        return sum(choice.power_w for choice in self.most)

    def at(self, power_w: float) -> tuple[Choice, ...]:
        """Return the shares that draw what is nearest to ``power_w``.

        Between the two the demand is met as well: both are linear in the factors.
        """
        span_w = self.most_w - self.least_w
        part = 0.0
        if span_w > 0:
            part = min(1.0, max(0.0, (power_w - self.least_w) / span_w))
        return tuple(
            Choice(a.actuator, a.mode, a.factor + part * (b.factor - a.factor))
            for a, b in zip(self.least, self.most, strict=True)
        )


def meeting(options: Options, demand: float) -> list[Met]:
    """Return the ways that meet the demand, else those that come nearest."""
    found = []
    for tried, modes in enumerate(product(*(each for _, each in options))):
        if tried >= _COMBINATIONS:
            break
        named = [(n, m) for (n, _), m in zip(options, modes, strict=True)]
        least, most = _meet(named, demand, 1), _meet(named, demand, -1)
        found.append((max(0.0, demand - sum(c.rate for c in least)), Met(least, most)))
    if not options or not found:
        return []
    missing = min(short for short, _ in found) + _MET
    return [met for short, met in found if short <= missing]


def nearest(
    found: Sequence[Met], power_w: float, *, at_most: bool
) -> tuple[Choice, ...]:
    """Return the choices that draw what is nearest; ``at_most`` as a limit needs it.

    Of ways that draw the same the cheapest.
    """

    def key(choices: tuple[Choice, ...]) -> tuple[bool, float, float]:
        total_w = sum(choice.power_w for choice in choices)
        over = at_most and total_w > power_w + _OVER_W
        cost = sum(choice.mode.cost_per_s for choice in choices)
        return over, round(abs(total_w - power_w), 3), cost

    return min((each.at(power_w) for each in found), key=key)


def _meet(
    modes: Sequence[tuple[UUID, Mode]], demand: float, sign: int
) -> tuple[Choice, ...]:
    """Share a demand: ``sign`` 1 lets those draw most who draw least for it, -1 last."""
    left = demand - sum(mode.rate.low for _, mode in modes)
    order = sorted(range(len(modes)), key=lambda place: sign * _w_per(modes[place][1]))
    factors = [0.0] * len(modes)
    for place in order:
        rate = modes[place][1].rate
        share = min(max(left, 0.0), rate.high - rate.low)
        left -= share
        factors[place] = rate.factor(rate.low + share)
    return tuple(
        Choice(name, mode, factor)
        for (name, mode), factor in zip(modes, factors, strict=True)
    )


def _w_per(mode: Mode) -> float:
    """Return what it draws more for a unit of the demand more."""
    power, rate = mode.power_w, mode.rate
    if rate.start == rate.end:
        return 0.0
    return (power.end - power.start) / (rate.end - rate.start)
