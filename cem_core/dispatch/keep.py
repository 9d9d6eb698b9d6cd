"""Keep the limits in force: one after the other, each on what the last left."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Final

from cem_core.dispatch.carry_out import carry_out, turn_down_unknown
from cem_core.dispatch.ceiling import claim_all, raise_ceilings, unused_w
from cem_core.dispatch.claims import (
    Claims,
    controllable_export,
    controllable_import,
    export_at_connection,
    import_at_connection,
)
from cem_core.dispatch.frame import Frame, spares
from cem_core.dispatch.give_back import ease
from cem_core.dispatch.guarantee import leave_minimum
from cem_core.dispatch.live import Live
from cem_core.dispatch.memory import Held, Side
from cem_core.dispatch.shed import Claim, share, share_meanwhile
from cem_core.model import Basis, Cause, Direction, PowerLimit, Scope
from cem_core.model.limit import DRAW

_FEED_IN: Final = (Direction.EXPORT, Scope.CONNECTION)

# The sums over devices first: they say what is left for the connection to use.
_CLAIMS: Final = {
    DRAW: controllable_import,
    (Direction.EXPORT, Scope.CONTROLLABLE): controllable_export,
    (Direction.IMPORT, Scope.CONNECTION): import_at_connection,
    _FEED_IN: export_at_connection,
}


type ClaimsOf = Callable[[Frame, PowerLimit | None], Claims]


@dataclass(slots=True)
class Kept:
    """What is held back on each side, and what could not be kept.

    ``held_of_all`` is what the limits that reach all devices hold back where a
    stricter one leaves some alone.
    """

    held: dict[Side, Held] = field(default_factory=dict)
    held_of_all: dict[Side, Held] = field(default_factory=dict)
    excess_w: dict[Side, int] = field(default_factory=dict)
    excess_on_phases_w: dict[PowerLimit, int] = field(default_factory=dict)
    spare_w: float = inf  # of the import limit on controllable devices


def keep(frame: Frame) -> Kept:
    """Turn the devices in ``frame`` down until every limit is kept."""
    kept, memory = Kept(), frame.memory
    rungs = (
        Rung(frame.limits.strictest, memory.held, kept.held),
        Rung(frame.limits.reaching_all, memory.held_of_all, kept.held_of_all),
    )
    for side, claims_of in _CLAIMS.items():
        for rung in rungs:
            if side in rung.limits or side in rung.before:
                _keep_rung(frame, side, claims_of, rung, kept)
    return kept


@dataclass(frozen=True, slots=True)
class Rung:
    """Limits that are kept one after the other, the stricter ones first."""

    limits: Mapping[Side, PowerLimit]
    before: Mapping[Side, Held]
    held: dict[Side, Held]


def _keep_rung(
    frame: Frame, side: Side, claims_of: ClaimsOf, rung: Rung, kept: Kept
) -> None:
    limit = rung.limits.get(side)
    claims = claims_of(frame, limit)
    blind = frame.uncontrolled_w is None and side[1] is Scope.CONNECTION
    if blind and limit is not None:
        _keep_blindly(frame, side, limit, claims, rung)
    else:
        # What a limit that is over has held comes back without a meter, too.
        _keep_side(frame, side, claims, rung, kept)


def _keep_side(
    frame: Frame, side: Side, claims: Claims, rung: Rung, kept: Kept
) -> None:
    limit = rung.limits.get(side)
    room_w = _room_w(frame, side, limit, claims)
    demand_w, waits = _demand_w(claims)
    unused: list[tuple[Claim, int]] = []
    if side == _FEED_IN:
        unused = unused_w(frame, claims.asked)
        demand_w += sum(more_w for _, more_w in unused)
    budget_w, held = ease(
        room_w=room_w,
        clear_w=_clear_w(frame, side),
        demand_w=demand_w,
        waits=waits,
        held=rung.before.get(side),
        at_s=frame.at_s,
        elapsed_s=frame.elapsed_s,
        limit_id=None if limit is None else limit.limit_id,
        ordered=limit is not None and limit.is_order,
        chance=frame.chance,
        settings=frame.settings,
    )
    if frame.protects and room_w >= demand_w:
        budget_w = max(budget_w, _protected_w(frame, claims))
    if held is not None:
        rung.held[side] = held
    binds = held is not None and (waits or budget_w < demand_w)
    if held is not None and binds:
        _share_out(frame, side, claims, budget_w, kept.spare_w)
        if unused:
            raise_ceilings(budget_w + claims.stored_w, claims.asked, unused)
        given_back = budget_w < room_w - frame.settings.give_back_hysteresis_w
        cause = Cause.GIVE_BACK if given_back else Cause.LIMIT
        carry_out(frame, side, claims.asked, cause, held.limit_id)
    if limit is None:
        return
    if claims.unknown or claims.over_w:
        _keep_unshared(frame, side, limit, claims, kept)
    if side == DRAW:
        asked = claims.asked
        taken_w = sum([c.granted_w if binds else c.demand_w for c in asked])
        kept.spare_w = min(kept.spare_w, max(0.0, room_w - taken_w))


def _keep_unshared(
    frame: Frame, side: Side, limit: PowerLimit, claims: Claims, kept: Kept
) -> None:
    """Turn down whose power nobody knows; write down what is not kept all the same."""
    down = claims.unknown
    if not claims.over_w:
        # A device that reports nonsense gets nothing back before it makes sense
        # again: no measurement would tell when that was too much.
        down = [live for live in down if live.was_limited and not live.trusted]
    turn_down_unknown(side, limit, down, frame)
    past_w = round(claims.over_w - frame.settings.margin(limit.limit_w))
    if past_w > 0:
        kept.excess_w.setdefault(side, past_w)


def _protected_w(frame: Frame, claims: Claims) -> int:
    """Return what devices that have to heat ask for: it does not come back slowly."""
    lives = frame.protected_first
    return sum(c.demand_w for c in claims.asked if lives[c.index].protection)


def _share_out(
    frame: Frame, side: Side, claims: Claims, budget_w: float, spare_w: float
) -> None:
    """Grant the claims on a budget."""
    if frame.guaranteed_w and side == DRAW:
        leave_minimum(budget_w, claims.asked, frame.protected_first)
    if side == _FEED_IN:
        _bound_charging(claims.asked, spare_w)
    # What is stored makes room at once, whoever asked for it.
    left_w = budget_w + claims.stored_w
    claims.over_w = share(left_w, claims.asked)
    if claims.late:
        claims.over_w = share_meanwhile(left_w, claims.asked, claims.late)


def _demand_w(claims: Claims) -> tuple[int, bool]:
    """Return what is wished for in all, and whether something is held back anyway.

    While a device waits to run again it must not start early because there is room
    for all again.
    """
    demand_w, waits = -claims.stored_w, False
    for claim in claims.asked:
        demand_w += claim.wish_w
        waits = waits or claim.waits
    return demand_w, waits


def _room_w(
    frame: Frame, side: Side, limit: PowerLimit | None, claims: Claims
) -> float:
    if limit is None:
        return inf
    room_w = limit.limit_w - frame.settings.margin(limit.limit_w)
    if side[1] is Scope.CONTROLLABLE:
        by_draw = limit.basis is Basis.GRID_DRAW
        own_w = frame.own_supply_w if by_draw else 0
        return max(0, room_w) + own_w - claims.used_w
    load_w = frame.uncontrolled_w or 0
    if side[0] is Direction.EXPORT:
        load_w = -load_w
    return room_w - load_w - claims.used_w


def _clear_w(frame: Frame, side: Side) -> int:
    """Return how far what is given back stays clear of the room.

    As far as the room trembles: a sum over devices alone does not, and a car that
    needs 4.14 of 4.2 kW must be able to come back.
    """
    clear_w = frame.settings.give_back_hysteresis_w
    if side == DRAW:
        return min(clear_w, frame.own_supply_w)
    return clear_w


def _keep_blindly(
    frame: Frame, side: Side, limit: PowerLimit, claims: Claims, rung: Rung
) -> None:
    """Keep a connection limit while the meter is silent: what certainly fits.

    Import: nothing above the floors. Export: no more production than may flow
    out if nobody used any of it. What a person has in hand is not touched for
    a contract that may well be kept. Before the first telegram after a start
    nothing rises and nothing falls.
    """
    asked = [
        claim
        for claim in claims.asked
        if not claim.help_w
        and (limit.reaches_all or frame.protected_first[claim.index].commanded)
        and not spares(limit, frame.protected_first[claim.index], blindly=True)
    ]
    if side == _FEED_IN:
        claim_all(frame, asked)
    if frame.waiting:
        for claim in asked:
            claim.guarantee(_as_it_is(frame.protected_first[claim.index], side))
    budget_w = float(sum(claim.floor_w for claim in asked))
    if side[0] is Direction.EXPORT and not frame.waiting:
        budget_w = max(0, limit.limit_w - frame.settings.margin(limit.limit_w))
    if budget_w < sum(claim.wish_w for claim in asked):
        if not frame.waiting:  # nothing was too much yet: nothing comes back slowly
            rung.held[side] = Held(budget_w, frame.at_s, limit.limit_id)
        share(budget_w, asked)
        carry_out(frame, side, asked, Cause.METER_SILENT, limit.limit_id)
    if not frame.waiting:
        turn_down_unknown(side, limit, claims.unknown, frame)


def _as_it_is(live: Live, side: Side) -> int:
    if live.solar and live.setpoint_w is None:
        return live.device.rated_power_w  # nobody turned it down
    sign = 1 if live.solar or side[0] is Direction.IMPORT else -1
    return sign * (live.now_w if live.setpoint_w is None else live.setpoint_w)


def _bound_charging(asked: list[Claim], spare_w: float) -> None:
    for claim in asked:
        if claim.help_w:
            step_w = claim.step_w
            claim.help_w = int(min(claim.help_w, spare_w) // step_w) * step_w
            spare_w -= claim.help_w
