"""A plan for several scenarios: the same first actions, then what each asks for.

The battery's reserve and every limit hold in each scenario; what a charge on peaks
costs is that of the highest scenario that counts. Of the rest the expected cost is
minimised. Scenarios with one course each overstate how soon it is known which of
them comes, so that a plan is made again long before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
import time

from optimizer.assemble import Parts, assemble
from optimizer.at_once import at_once
from optimizer.bounds import Bounds
from optimizer.garbage import uncollected
from optimizer.giving import giving
from optimizer.home import Home
from optimizer.home_uncertainty import Uncertainty
from optimizer.horizon import Horizon
from optimizer.marginal import with_duals
from optimizer.matrices import Compiled
from optimizer.ordered import ordered_limits
from optimizer.outcome import Outcome
from optimizer.plan_document import (
    Json,
    costs_json,
    plan_document,
    relaxed_json,
    schedule,
    tidy,
)
from optimizer.scenarios import Scenario
from optimizer.solve import Solution, solve
from optimizer.stack import Layer, Stack, stacked
from optimizer.structures import Structures

_SURE = 1e-9
_LEAST_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Together:
    """What came out: for each scenario, and of the whole.

    ``shared`` are the first actions, by the name of what decides them.
    """

    scenarios: Sequence[Scenario]
    outcomes: Sequence[Outcome]
    solution: Solution
    cost: Mapping[str, float]
    shared: Mapping[str, float]
    build_seconds: float
    solve_seconds: float

    @property
    def expected(self) -> Outcome:
        """The outcome of the course that is expected."""
        place = [s.name for s in self.scenarios].index("expected")
        return self.outcomes[place]


@uncollected()
def solved_together(
    home: Home,
    uncertainty: Uncertainty,
    horizon: Horizon,
    scenarios: Sequence[Scenario],
    structures: Structures,
    *,
    gap: float,
    time_limit_s: float,
    first: Mapping[str, float] | None = None,
) -> Together:
    """Return the plan over ``scenarios``. Raises `SolverError`.

    ``first`` prescribes the first actions.
    """
    started = time.perf_counter()
    exclusive = frozenset[int]().union(
        *(
            Bounds(home, s.columns, horizon, ordered_limits(home)).waste_pays()
            for s in scenarios
        )
    )
    spent = 0.0
    while True:
        parts = [assemble(home, s.columns, horizon, exclusive) for s in scenarios]
        layers = _Layers(
            scenarios,
            parts,
            horizon,
            structures,
            uncertainty=uncertainty,
            first=first,
        )
        stack = layers.stack()
        before = time.perf_counter()
        solution = solve(
            stack.compiled,
            partial(list, stack.giving),
            gap=gap,
            time_limit_s=max(started + time_limit_s - before, _LEAST_SECONDS),
            tighter=layers.tight,
        )
        spent += time.perf_counter() - before
        if solution.compiled is not stack.compiled:
            solution = with_duals(stack.compiled, solution)
        outcomes = [
            Outcome(
                home=home,
                horizon=horizon,
                columns=scenario.columns,
                parts=parts[place],
                compiled=layers.compiled[place],
                solution=_part(solution, stack, place, layers),
            )
            for place, scenario in enumerate(scenarios)
        ]
        both = frozenset[int]().union(*(at_once(outcome) for outcome in outcomes))
        if not both - exclusive:
            return Together(
                scenarios=scenarios,
                outcomes=outcomes,
                solution=solution,
                cost=stack.compiled.costs(solution.values),
                shared={
                    name: float(solution.values[column])
                    for name, column in stack.shared.items()
                },
                build_seconds=time.perf_counter() - started - spent,
                solve_seconds=spent,
            )
        exclusive |= both


def together_document(together: Together, read_seconds: float) -> Json:
    """Return PLAN: of the expected scenario, with the cost of the whole."""
    solution = together.solution
    document = plan_document(
        together.expected,
        read_seconds + together.build_seconds,
        together.solve_seconds,
    )
    cost = dict.fromkeys(document["cost"], 0.0)
    cost |= {name: tidy(value) for name, value in together.cost.items()}
    relaxed = {
        entry["constraint"]: entry
        for outcome in together.outcomes
        for entry in sorted(relaxed_json(outcome), key=lambda entry: entry["by"])
    }
    return document | {
        "cost": cost,
        "objective": tidy(solution.objective),
        "relaxed": list(relaxed.values()),
        "scenarios": [
            {
                "name": scenario.name,
                "probability": scenario.probability,
                "cost": costs_json(outcome),
                "devices": schedule(outcome)["devices"],
            }
            for scenario, outcome in zip(
                together.scenarios, together.outcomes, strict=True
            )
        ],
    }


class _Layers:
    """The scenarios' matrices, each with numbers of its own."""

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        parts: Sequence[Parts],
        horizon: Horizon,
        structures: Structures,
        *,
        uncertainty: Uncertainty,
        first: Mapping[str, float] | None,
    ) -> None:
        self.scenarios, self.parts = scenarios, parts
        self.horizon, self.structures = horizon, structures
        self.uncertainty, self.first = uncertainty, first
        self.compiled = self._compiled(tight=False)

    def _compiled(self, *, tight: bool) -> Sequence[Compiled]:
        # A structure is compiled once and takes the numbers of who asked last.
        return [
            replace(self.structures.compiled(part, self.horizon, tight=tight))
            for part in self.parts
        ]

    def tight(self) -> Compiled:
        """Return the whole with more rows."""
        return self.stack(self._compiled(tight=True)).compiled

    def stack(self, compiled: Sequence[Compiled] | None = None) -> Stack:
        """Return the whole."""
        layers, reached = [], 0.0
        for scenario, part, each in zip(
            self.scenarios, self.parts, compiled or self.compiled, strict=True
        ):
            layers.append(
                Layer(
                    probability=scenario.probability,
                    parts=part,
                    compiled=each,
                    giving=giving(part, each, self.horizon),
                    peaks=reached < self.uncertainty.peak_quantile - _SURE,
                )
            )
            reached += scenario.probability
        return stacked(layers, self.uncertainty.shared_steps, self.first)


def _part(solution: Solution, stack: Stack, place: int, layers: _Layers) -> Solution:
    """Return what ``solution`` says of one scenario.

    Status and gap are those of the whole; a dual is per unit of probability.
    """
    compiled, begin = layers.compiled[place], stack.first_row[place]
    values = solution.values[stack.places[place]]
    row_dual = solution.row_dual[begin : begin + compiled.row_count]
    return replace(
        solution,
        values=values,
        duals=lambda: row_dual / layers.scenarios[place].probability,
        objective=float(compiled.entries.cost @ values + compiled.offset),
        compiled=compiled,
    )
