"""One run in sections, which may be paused and run in several ways.

    sum over legs that begin a run of leg = 1 - skipped
    what has come to a place = what has left it + what waits there
    power[t] = sum over legs of leg power_of_leg[t]

A unit flow through the places between legs: but for what it costs together with the
rest of the home, its linear model has whole optima.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from optimizer import home, words as pyo
from optimizer.component import Block, Data, Expression, Soft, bounded, slack
from optimizer.course import Course, Leg, Stop, course, drawn
from optimizer.horizon import Horizon
from optimizer.run_due import run_due
from optimizer.series import Numbers

_HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A run lies wholly within its window and, if it can, within the horizon.

    One that can only be had after the horizon's end is left to a later plan.
    """

    device: home.Programme

    @property
    def name(self) -> str:
        """The device's name."""
        return self.device.id

    def course(self, horizon: Horizon) -> Course:
        """Return what it can do within the horizon."""
        return course(self.device, horizon)

    @property
    def energy_kwh(self) -> float:
        """What the first options of a run draw."""
        hours = self.device.profile_step_minutes / 60
        return hours * sum(sum(s.options[0].profile_kw) for s in self.device.sections)

    def due(self, horizon: Horizon) -> bool:
        """Tell whether it has to run now: no later plan can do it."""
        if self.course(horizon).first or self.device.begun:
            return True
        return self.device.latest_end <= horizon.end

    def structure(self, horizon: Horizon) -> Hashable:
        """Return the legs, and how long it may be paused between them."""
        found = self.course(horizon)
        legs = tuple(
            (leg.before, leg.after, leg.begins - horizon.start, leg.ends - leg.begins)
            for leg in found.legs
        )
        longest = tuple(tuple(stop.longest.items()) for stop in found.stops)
        steps = tuple(time - horizon.start for time in horizon.times)
        return legs, longest, steps, self.due(horizon)

    def data(self, horizon: Horizon) -> Data:
        """Return what each leg draws in its steps, one after another."""
        found = [
            kw
            for by_step in drawn(self.course(horizon).legs, horizon)
            for kw in by_step.values()
        ]
        return {
            "drawn_kw": found,
            "most_kw": self.device.most_draw_kw,
            "energy_kwh": self.energy_kwh,
        }

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the run on ``block``."""
        found, index = self.course(horizon), list(horizon.index)
        block.leg = pyo.Var(list(range(len(found.legs))), domain=pyo.Binary)
        block.electric = bounded(index, 0.0, block.given.most_kw)
        block.draw = block.power = dict(block.electric.items())
        block.cost = {}
        terms: dict[int, list[Expression]] = {t: [] for t in index}
        drawn_kw = iter(block.given.drawn_kw.values())
        for number, by_step in enumerate(drawn(found.legs, horizon)):
            for t in by_step:
                terms[t].append(next(drawn_kw) * block.leg[number])

        @block.Constraint(index)
        def legs_draw(b: Block, t: int) -> Expression:
            # P[t] = sum over legs of leg P_leg[t]
            return b.electric[t] == pyo.quicksum(terms[t])

        skipped = slack(block, [0] if self.due(horizon) else [])

        @block.Constraint([0] if self.due(horizon) else [])
        def one_run(b: Block, _: int) -> Expression:
            # sum over first legs + skipped = 1
            return pyo.quicksum(b.leg[n] for n in found.first) + skipped[0] == 1

        self._places(block, horizon, found.stops)

    def _places(self, block: Block, horizon: Horizon, stops: Sequence[Stop]) -> None:
        """Let what came to a place leave it, at once or after a pause."""
        edges = frozenset(horizon.times)
        flows = list(_flows(block, stops, edges))
        waits = [n for n, flow in enumerate(flows) if flow.waits]
        block.waiting = pyo.Var(waits, domain=pyo.NonNegativeReals)

        @block.Constraint(list(range(len(flows))))
        def goes_on(b: Block, n: int) -> Expression:
            flow = flows[n]
            before = b.waiting[n - 1] if flow.waited else 0
            after = b.waiting[n] if flow.waits else 0
            # came + waited before = left + waits
            return flow.came + before == flow.left + after

        late = [flow for flow in flows if flow.in_time is not None]

        @block.Constraint(list(range(len(late))))
        def soon_enough(b: Block, n: int) -> Expression:
            del b
            # came ≤ leaves within the longest pause
            return late[n].came <= late[n].in_time

        direct = [flow for flow in flows if flow.left_at_once is not None]

        @block.Constraint(list(range(len(direct))))
        def at_once(b: Block, n: int) -> Expression:
            del b
            # what leaves within a step ≤ what came there then
            return direct[n].left_at_once <= direct[n].came

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the run."""
        if not self.due(horizon):
            return ()
        return [run_due(self.device, self.energy_kwh, block, horizon)]

    def chosen(self, values: Numbers, horizon: Horizon) -> list[Leg]:
        """Return the legs that are run, in order."""
        legs = self.course(horizon).legs
        run = [leg for leg, x in zip(legs, values, strict=True) if x > _HALF]
        return sorted(run, key=lambda leg: leg.begins)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flow:
    """What comes to a place and leaves it at one time."""

    came: Expression
    left: Expression
    waited: bool
    waits: bool
    in_time: Expression | None
    left_at_once: Expression | None


def _flows(
    block: Block, stops: Sequence[Stop], edges: frozenset[datetime]
) -> Iterator[_Flow]:
    for stop in stops:
        times = sorted({*stop.comes, *stop.leaves})
        for place, time in enumerate(times):
            came = _sum(block, stop.comes, time)
            within = time not in edges  # what waits goes on with a step only
            timed = time in stop.comes and stop.pauses and not stop.at_any_time()
            soon = stop.in_time(time, edges) if timed else []
            yield _Flow(
                came=came,
                left=_sum(block, stop.leaves, time),
                waited=place > 0 and stop.pauses,
                waits=place < len(times) - 1 and stop.pauses,
                in_time=pyo.quicksum(block.leg[n] for n in soon) if timed else None,
                left_at_once=_sum(block, stop.leaves, time)
                if within and stop.pauses and time in stop.leaves
                else None,
            )


def _sum(
    block: Block, legs: Mapping[datetime, Sequence[int]], time: datetime
) -> Expression:
    return pyo.quicksum(block.leg[n] for n in legs.get(time, ()))


def paused(legs: Sequence[Leg], horizon: Horizon, *, begun: bool) -> list[int]:
    """Return the steps between the first and the last leg in which none runs.

    A run that has begun before the plan may be paused from its start on.
    """
    if not legs:
        return []
    run = {t for leg in legs for t in horizon.touching(leg.begins, leg.ends)}
    return [t for t in range(0 if begun else min(run), max(run)) if t not in run]
