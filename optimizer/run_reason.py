"""Why an appliance runs when it does: what another start would cost.

The other start is the earliest possible one (the latest, where the earliest is
chosen). It is planned with all other starts and states held, so that a peak that it
would raise and a limit that it would break count. Over a long horizon the prices of the
plan say what the best other start would cost, as so many plans would take too long.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from cem_core.model import Message
from optimizer.components import appliance
from optimizer.home import Appliance
from optimizer.instance import LARGE
from optimizer.marginal import held
from optimizer.sentence import Writer

type Json = dict[str, Any]

_HALF = 0.5


def run_reason(device: Appliance, writer: Writer) -> Iterator[Json]:
    """Return the reason for the run, if there is one."""
    outcome = writer.outcome
    part = outcome.part(appliance.Appliance, device.id)
    starts = part.starts(outcome.horizon)
    variables = outcome.block(device.id).start
    chosen = np.flatnonzero(outcome.values(variables) > _HALF)
    if not len(chosen):
        return
    start = int(chosen[0])
    block = part.run(outcome.horizon, start)
    power_kw = part.profile_kw(outcome.horizon, start)
    steps = slice(block.start, block.stop)
    cost = float(writer.price[steps] @ (power_kw * writer.hours[steps]))
    other = starts[0] if start != starts[0] else starts[-1]
    if other != start and outcome.compiled.column_count > LARGE:
        yield _by_price(part, start, writer)
        return
    if other == start:
        message = Message.of(
            "appliance_runs_only_then",
            start_time=writer.time(start),
            cost=cost,
            currency=writer.currency,
        )
        yield writer.reason(block, message, None)
        return
    more = _more(variables, start, other, writer)
    if more is None:
        message = Message.of(
            "appliance_cannot_run_at",
            start_time=writer.time(start),
            cost=cost,
            other_time=writer.time(other),
            currency=writer.currency,
        )
    else:
        message = Message.of(
            "appliance_runs",
            start_time=writer.time(start),
            cost=cost,
            other_time=writer.time(other),
            more_cost=more,
            currency=writer.currency,
        )
    yield writer.reason(block, message, more)


def _by_price(part: appliance.Appliance, start: int, writer: Writer) -> Json:
    """Return the reason by the prices of the plan, for a long horizon."""
    horizon = writer.outcome.horizon
    runs = [part.run(horizon, s) for s in part.starts(horizon)]
    steps = np.concatenate([np.array(run) for run in runs])
    firsts = np.cumsum([0, *map(len, runs[:-1])])
    drawn_kwh = part.profiles_kw(horizon, runs) * writer.hours[steps]
    paid = np.add.reduceat(drawn_kwh * writer.price[steps], firsts) / part.energy_kwh
    chosen = start - runs[0].start
    own, other = float(paid[chosen]), float(np.delete(paid, chosen).min())
    message = Message.of(
        "load_runs_in_window",
        energy_kwh=part.energy_kwh,
        price_per_kwh=own,
        other_price_per_kwh=other,
        currency=writer.currency,
    )
    return writer.reason(runs[chosen], message, part.energy_kwh * (other - own))


def _more(variables: Any, start: int, other: int, writer: Writer) -> float | None:  # noqa: ANN401 - Pyomo
    """Return what the other start costs more, None where nothing allows it."""
    outcome = writer.outcome
    values = outcome.solution.values.copy()
    columns = outcome.compiled.columns_of([variables[start], variables[other]])
    values[columns] = 0.0, 1.0
    found = held(outcome.compiled, values)
    return None if found is None else found.objective - outcome.solution.objective
