"""Why an appliance runs when it does: what another start would cost.

The other start is the earliest possible one (the latest, where the earliest is
chosen). It is planned with all other starts and states held, so that a peak that it
would raise and a limit that it would break count. Over a long horizon it is told by
the marginal prices of both times: what it would cost at least.
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
    if other == start:
        message = Message.of(
            "appliance_runs_only_then",
            start_time=writer.time(start),
            cost=cost,
            currency=writer.currency,
        )
        yield writer.reason(block, message, None)
        return
    long = outcome.compiled.column_count > LARGE
    more = (
        _least_more(part, start, other, writer)
        if long
        else _more(variables, start, other, writer)
    )
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


def _least_more(
    part: appliance.Appliance, start: int, other: int, writer: Writer
) -> float:
    """Return what the other start costs more at the prices of the plan."""
    outcome = writer.outcome
    price = outcome.price_at(part.name) * outcome.horizon.hours

    def at(begun: int) -> float:
        run = part.run(outcome.horizon, begun)
        drawn_kw = part.profile_kw(outcome.horizon, begun)
        return float(price[run.start : run.stop] @ drawn_kw)

    return max(at(other) - at(start), 0.0)


def _more(variables: Any, start: int, other: int, writer: Writer) -> float | None:  # noqa: ANN401 - Pyomo
    """Return what the other start costs more, None where nothing allows it."""
    outcome = writer.outcome
    values = outcome.solution.values.copy()
    columns = outcome.compiled.columns_of([variables[start], variables[other]])
    values[columns] = 0.0, 1.0
    found = held(outcome.compiled, values)
    return None if found is None else found.objective - outcome.solution.objective
