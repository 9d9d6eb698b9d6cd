"""PLAN with what people wish of devices kept, as far as limits leave room for it.

A wish bounds a device's power, as a what-if does, or moves a car's departure. Limits,
comfort and departures come first: a wish for which one of them would have to give way
more than it does anyway is left out, and the plan says so. When a car leaves is no
wish to be weighed: it gets what it can until then.
"""

from collections.abc import Callable, Sequence
from functools import partial
import time
from typing import Any, Final

import numpy as np

from cem_core.model import Message
from cem_core.model.message_json import message_to_json
from cem_core.model.render import Renderer
from cem_core.model.what_if import What
from optimizer.align import align, horizon_of
from optimizer.document import InputError
from optimizer.home import Home
from optimizer.horizon import Horizon
from optimizer.linear import SolverError
from optimizer.optimize import Options, solved
from optimizer.outcome import Outcome
from optimizer.plan_document import plan_document, relaxed_json
from optimizer.series import Table
from optimizer.structures import Structures
from optimizer.what_if import Bounds, WhatIf, bounds, forced, leaving, message_of

type Json = dict[str, Any]

_LONGER: Final = 2  # steps that a car may take more than at full power
_MORE: Final = 0.01  # of the unit of what gives way


class _GivesWayError(Exception):
    """Something that comes before a wish would have to give way for it."""


def with_wishes(
    home: Home,
    table: Table,
    wishes: Sequence[WhatIf],
    options: Options | None = None,
    structures: Structures | None = None,
) -> Json:
    """Return PLAN with ``wishes``, the oldest first. Raises as `optimize` does.

    ``wishes`` of the document says of each whether it is kept, or why not;
    ``wishes_cost`` what those that bound a power cost together, in currency.
    """
    started = time.perf_counter()
    horizon = horizon_of(home, table)
    columns = align(home, table, horizon)
    options = options or Options()
    structures = Structures() if structures is None else structures
    causes: dict[int, Message | None] = {}
    for place, wish in enumerate(wishes):
        if wish.what is What.DEPART:
            try:
                home = leaving(wish, home, horizon)
                causes[place] = None
            except InputError as error:
                causes[place] = _cause(error)
    read = time.perf_counter() - started
    plain, seconds = solved(home, horizon, columns, options, structures)
    structures.remember(plain)

    def keeping(kept: Sequence[WhatIf]) -> Outcome:
        found: dict[str, Bounds] = {}
        for wish in kept:
            _tighten(found, wish.device, bounds(wish, plain, _LONGER))
        change = partial(forced, found)
        outcome, _ = solved(home, horizon, columns, options, structures, change=change)
        _check_order(outcome, plain)
        return outcome

    powers = {p: w for p, w in enumerate(wishes) if p not in causes}
    outcome, refused = _most(plain, keeping, list(powers.values()))
    causes |= dict(zip(powers, refused, strict=True))
    more = outcome.solution.objective - plain.solution.objective
    solve_s = time.perf_counter() - started - read - seconds.build
    document = plan_document(outcome, read + seconds.build, solve_s)
    return document | {
        "wishes": [_said(w, causes[p], horizon) for p, w in enumerate(wishes)],
        "wishes_cost": round(more, 6) + 0.0,
    }


def _most(
    plain: Outcome,
    keeping: Callable[[Sequence[WhatIf]], Outcome],
    wishes: Sequence[WhatIf],
) -> tuple[Outcome, Sequence[Message | None]]:
    """Keep all, else as many as fit one after another; say why not the others."""
    if not wishes:
        return plain, []
    try:
        return keeping(wishes), [None] * len(wishes)
    except InputError, SolverError, _GivesWayError:
        pass
    outcome, kept = plain, list[WhatIf]()
    causes: list[Message | None] = []
    for wish in wishes:
        try:
            outcome = keeping([*kept, wish])
        except InputError as error:
            causes.append(_cause(error))
        except SolverError, _GivesWayError:
            causes.append(Message.of("wish_gives_way"))
        else:
            kept.append(wish)
            causes.append(None)
    return outcome, causes


def _cause(error: InputError) -> Message:
    return Message.of("issuer_says", text=error.problems[0].text)


def _check_order(outcome: Outcome, plain: Outcome) -> None:
    """Raise where a limit, comfort or a departure gives way more than in ``plain``."""
    before = {entry["constraint"]: entry["by"] for entry in relaxed_json(plain)}
    for entry in relaxed_json(outcome):
        if entry["by"] > before.get(entry["constraint"], 0.0) + _MORE:
            raise _GivesWayError


def _tighten(found: dict[str, Bounds], device: str, more: Bounds) -> None:
    known = found.get(device)
    if known is None:
        found[device] = more
        return
    np.maximum(known.at_least_kw, more.at_least_kw, out=known.at_least_kw)
    np.minimum(known.at_most_kw, more.at_most_kw, out=known.at_most_kw)


def _said(wish: WhatIf, cause: Message | None, horizon: Horizon) -> Json:
    asked = message_of(wish, horizon)
    message = (
        Message.of("wish_kept", wish=asked)
        if cause is None
        else Message.of("wish_not_kept", wish=asked, cause=cause)
    )
    return {
        "device": wish.device,
        "kept": cause is None,
        "text": Renderer().text(message),
        **message_to_json(message),
    }
