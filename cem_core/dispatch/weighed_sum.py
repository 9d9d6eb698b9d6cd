"""Keep one limit on a weighed sum of powers: a phase, or two against each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import inf

from cem_core.dispatch.carry_out import turn_down
from cem_core.dispatch.claims import Claims, weighed
from cem_core.dispatch.frame import Frame, spares
from cem_core.dispatch.give_back import ease
from cem_core.dispatch.keep import Kept
from cem_core.dispatch.memory import Held
from cem_core.model import Cause, DeviceKind, Direction, PowerLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``weights`` times powers and ``load_w`` stay within ``limit``.

    ``load_w`` is None while nothing measures it. Without a limit what is still
    ``held`` back is given back.
    """

    limit: PowerLimit | None
    weights: tuple[float, ...]
    load_w: float | None
    held: Held | None

    @property
    def room_w(self) -> float:
        """What is left of the limit before any device draws."""
        if self.limit is None:
            return inf
        return -inf if self.load_w is None else self.limit.limit_w - self.load_w


def strictest[Key](rules: Mapping[Key, Rule]) -> Iterator[tuple[Key, Rule]]:
    """Yield of rules that weigh all devices alike the one that leaves least.

    Where it was another one's turn before, what was held back then goes on.
    """
    alike: dict[tuple[float, ...], list[tuple[Key, Rule]]] = {}
    for key, rule in rules.items():
        alike.setdefault(rule.weights, []).append((key, rule))
    for several in alike.values():
        key, rule = min(several, key=lambda each: each[1].room_w)
        held = [other.held for _, other in several if other.held is not None]
        least = min(held, key=lambda each: each.power_w, default=None)
        yield key, replace(rule, held=least)


def keep_rule(frame: Frame, rule: Rule, kept: Kept) -> Held | None:
    """Keep one rule and return what is held back for it."""
    limit = rule.limit
    claims = weighed(frame, limit, rule.weights)
    weight = {claim.index: abs(rule.weights[claim.index]) for claim in claims.asked}
    wish_w = sum(weight[claim.index] * claim.wish_w for claim in claims.asked)
    if rule.load_w is None:
        return _keep_blindly(frame, rule, claims, weight)
    room_w = inf
    if limit is not None:
        margin_w = frame.settings.margin(limit.limit_w)
        room_w = limit.limit_w - margin_w - rule.load_w - claims.used_w
    budget_w, held = ease(
        room_w=room_w,
        clear_w=frame.settings.give_back_hysteresis_w,
        demand_w=wish_w,
        waits=any(claim.waits for claim in claims.asked),
        held=rule.held,
        at_s=frame.at_s,
        elapsed_s=frame.elapsed_s,
        limit_id=None if limit is None else limit.limit_id,
        ordered=limit is not None and limit.is_order,
        chance=frame.chance,
        settings=frame.settings,
    )
    over_w = 0.0
    if held is not None:
        over_w = _share(budget_w, claims, weight)
        given_back = budget_w < room_w - frame.settings.give_back_hysteresis_w
        cause = Cause.GIVE_BACK if given_back else Cause.LIMIT
        _carry_out(frame, rule, claims, cause, held.limit_id)
    if limit is not None and over_w:
        _turn_down_unknown(claims, limit)
        past_w = round(over_w - frame.settings.margin(limit.limit_w))
        if past_w > 0:
            kept.excess_on_phases_w[limit] = past_w
    return held


def _keep_blindly(
    frame: Frame, rule: Rule, claims: Claims, weight: Mapping[int, float]
) -> Held | None:
    """Keep a limit on a phase that nothing measures now.

    As with the total: what draws goes to its floor, what feeds in no higher than
    the limit; before the first telegram after a start all stays as it is.
    """
    limit = rule.limit
    if limit is None or frame.waiting:
        return rule.held
    claims.asked = [
        claim
        for claim in claims.asked
        if (limit.reaches_all or frame.protected_first[claim.index].commanded)
        and not spares(limit, frame.protected_first[claim.index], blindly=True)
    ]
    budget_w = sum(weight[claim.index] * claim.floor_w for claim in claims.asked)
    if limit.direction is Direction.EXPORT:
        budget_w = max(0, limit.limit_w - frame.settings.margin(limit.limit_w))
    _share(budget_w, claims, weight)
    _carry_out(frame, rule, claims, Cause.METER_SILENT, limit.limit_id)
    _turn_down_unknown(claims, limit)
    return Held(budget_w, frame.at_s, limit.limit_id)


def _share(budget_w: float, claims: Claims, weight: Mapping[int, float]) -> float:
    """Grant the claims, those kept longest first; return what exceeds the budget."""
    left_w = budget_w
    left_w -= sum(weight[claim.index] * claim.floor_w for claim in claims.asked)
    for claim in claims.asked:
        if claim.demand_w > claim.floor_w:
            each = weight[claim.index]
            granted_w = claim.grant(claim.floor_w + max(left_w, 0) / each)
            left_w -= each * (granted_w - claim.floor_w)
    return max(0.0, -left_w)


def _carry_out(
    frame: Frame, rule: Rule, claims: Claims, cause: Cause, limit_id: str | None
) -> None:
    for claim in claims.asked:
        if claim.granted_w >= claim.wish_w:
            continue
        live = frame.protected_first[claim.index]
        feeds_in = not live.solar and rule.weights[claim.index] < 0
        power_w = -claim.granted_w if feeds_in else claim.granted_w
        turn_down(live, power_w, cause, limit_id)


def _turn_down_unknown(claims: Claims, limit: PowerLimit) -> None:
    """Order devices that do not tell their power to what is certainly kept."""
    for live in claims.unknown:
        if live.state is None or not live.state.available:
            continue
        if spares(limit, live, blindly=True):
            continue
        battery = live.device.kind is DeviceKind.BATTERY
        floor_w = 0 if battery or live.solar else live.floor_w
        if live.power_w is None or abs(live.power_w) > floor_w:
            turn_down(live, floor_w, Cause.LIMIT, limit.limit_id)
