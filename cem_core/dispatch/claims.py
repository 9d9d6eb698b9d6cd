"""What is asked of a limit's budget in all, and what is used up without asking."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cem_core.dispatch.ask import consumer, helper, may_help, producer, sun
from cem_core.dispatch.frame import Frame, may_turn_down
from cem_core.dispatch.live import Live
from cem_core.dispatch.shed import Claim
from cem_core.model import PowerLimit


@dataclass(slots=True)
class Claims:
    """The claims on a budget, and what of the budget is gone without them.

    ``stored_w`` is what batteries take in of an export, with or without a limit.
    ``unknown`` are devices that could be turned down but do not tell their
    power. ``late`` are claims of devices too slow for an operator's limit, with
    the power that each still draws while it is on its way. ``over_w`` is by how much
    the budget was exceeded with every device at its floor.
    """

    asked: list[Claim] = field(default_factory=list)
    used_w: float = 0
    stored_w: int = 0
    unknown: list[Live] = field(default_factory=list)
    late: list[tuple[Claim, int]] = field(default_factory=list)
    over_w: float = 0


def import_at_connection(frame: Frame, limit: PowerLimit | None) -> Claims:
    """Return what is claimed of what may flow in at the connection.

    A battery stands in the line twice: its charging at the very end, its
    discharging, which adds to the budget, at its rank.
    """
    claims = Claims()
    people: list[Claim] = []
    ranked: list[Claim] = []
    slow: list[Claim] = []
    late = _others_wait(frame, limit)
    charging: list[Claim] = []
    for place, live in enumerate(frame.protected_first):
        may_limit = live.yields or may_turn_down(limit, live)
        if not live.known:
            if may_limit and not live.solar:
                claims.unknown.append(live)
        elif live.solar:
            claims.used_w -= _least_w(live)
        elif not may_limit:
            claims.used_w += live.now_w
        elif live.battery:
            charging.append(consumer(frame, live, place))
            ranked += _discharge(frame, live, place, claims)
        elif live.car_gives:
            claims.used_w += _most_w(live)
        else:
            if live.off_course_w > 0:
                claims.used_w += _past_order_w(live)
            claim = consumer(frame, live, place)
            if late and live.device.slow:
                _wait_for(claims, claim, live)
                (slow if live.commanded else people).append(claim)
            else:
                (ranked if live.commanded else people).append(claim)
    claims.asked = _first(frame, people + ranked + slow + charging)
    return claims


def _discharge(
    frame: Frame, live: Live, place: int, claims: Claims
) -> tuple[Claim, ...]:
    """Count what a battery gives; return what it could give beyond that."""
    discharge_w = min(0, live.to_come_w)
    claims.used_w += max(discharge_w, live.least_able_w)
    if live.empty or not may_help(frame, live):
        return ()
    return (helper(live, place, discharge_w - live.least_able_w),)


def export_at_connection(frame: Frame, limit: PowerLimit | None) -> Claims:
    """Return what is claimed of what may flow out at the connection.

    Solar power is kept longest: first batteries stop feeding in, then they
    take in what they can, and only then the sun is turned down.
    """
    claims = Claims()
    solar: list[Claim] = []
    charging: list[Claim] = []
    discharging: list[Claim] = []
    for place, live in enumerate(frame.protected_first):
        may_limit = live.yields or may_turn_down(limit, live)
        if not live.known:
            if may_limit and live.solar:
                claims.unknown.append(live)
        elif live.solar:
            claims.used_w += _past_order_w(live) if may_limit else live.now_w
            if may_limit:
                solar.append(sun(frame, live, place))
        elif live.battery and may_limit:
            charge_w = max(0, live.to_come_w)
            claims.stored_w += min(charge_w, live.most_able_w)
            discharging.append(producer(frame, live, place))
            if not live.full and may_help(frame, live):
                spare_w = live.most_able_w - charge_w
                charging.append(helper(live, place, spare_w))
        elif live.car_gives and may_limit:
            discharging.append(producer(frame, live, place))
        else:
            claims.used_w -= _least_w(live)
    claims.asked = solar + charging + discharging
    return claims


def controllable_import(frame: Frame, limit: PowerLimit | None) -> Claims:
    """Return what is claimed of what controllable devices may draw in all."""
    claims = Claims()
    people: list[Claim] = []
    ranked: list[Claim] = []
    slow: list[Claim] = []
    late = _others_wait(frame, limit)
    charging: list[Claim] = []
    for place, live in enumerate(frame.protected_first):
        if live.solar or not live.device.counts_as_controllable:
            continue
        may_limit = live.yields or may_turn_down(limit, live)
        if not (live.trusted and may_limit):
            claims.used_w += live.drawn_w
            if may_limit:
                claims.unknown.append(live)
            continue
        claim = consumer(frame, live, place)
        if late and live.device.slow:
            _wait_for(claims, claim, live)
        if live.battery:
            charging.append(claim)
        elif late and live.device.slow and live.commanded:
            slow.append(claim)
        else:
            (ranked if live.commanded else people).append(claim)
    for live in frame.fixed:
        if live.device.counts_as_controllable:
            claims.used_w += live.drawn_w
    claims.asked = _first(frame, people + ranked + slow + charging)
    claims.used_w += _past_orders_w(frame, limit, claims.asked)
    return claims


def _past_orders_w(
    frame: Frame, limit: PowerLimit | None, asked: Sequence[Claim]
) -> int:
    """Return what counts of that which devices draw beyond their orders.

    The margin is there for devices that draw a little more than ordered. One that
    runs at its least cannot give way but by stopping: 6 A are above 4.2 kW where the
    voltage is, and within what is measured as kept.
    """
    past_order_w = past_least_w = 0
    for claim in asked:
        live = frame.protected_first[claim.index]
        if live.off_course_w > 0:
            if _at_its_least(live):
                past_least_w += _past_order_w(live)
            else:
                past_order_w += _past_order_w(live)
    if limit is None:
        return past_order_w + past_least_w
    past_least_w -= min(past_least_w, frame.settings.tolerance(limit.limit_w))
    return max(0, past_order_w + past_least_w - frame.settings.margin(limit.limit_w))


def controllable_export(frame: Frame, limit: PowerLimit | None) -> Claims:
    """Return what is claimed of what controllable devices may feed in in all."""
    claims = Claims()
    solar: list[Claim] = []
    discharging: list[Claim] = []
    for place, live in enumerate(frame.protected_first):
        produces = live.solar or live.two_way
        if not (produces and live.device.counts_as_controllable):
            continue
        if live.trusted and (live.yields or may_turn_down(limit, live)):
            claim = producer(frame, live, place)
            (solar if live.solar else discharging).append(claim)
        else:
            claims.used_w += live.produced_w
    claims.asked = solar + discharging
    return claims


def _others_wait(frame: Frame, limit: PowerLimit | None) -> bool:
    """Tell whether a device may be too slow for ``limit``, and others not."""
    if not frame.slow:
        return False
    return limit is None or limit.reaches_all


def _wait_for(claims: Claims, claim: Claim, live: Live) -> None:
    if live.trail:
        drawn_w = live.most_w if live.measured_w is None else live.measured_w
        claims.late.append((claim, drawn_w))


def weighed(frame: Frame, limit: PowerLimit | None, weights: Sequence[float]) -> Claims:
    """Return what is claimed of a limit on a weighed sum of powers.

    ``weights`` has for each of ``protected_first`` what one W that it draws adds to
    that sum: negative, and it is what it feeds in that is claimed. Claims and
    demands are in W of the device, ``used_w`` is in W of the sum. A car waits
    before the sun is turned down.
    """
    claims = Claims()
    people: list[Claim] = []
    solar: list[Claim] = []
    ranked: list[Claim] = []
    batteries: list[Claim] = []
    for place, live in enumerate(frame.protected_first):
        weight = weights[place]
        if not weight:
            continue
        may_limit = live.yields or may_turn_down(limit, live)
        if not live.known:
            if may_limit and (live.two_way or live.solar is (weight < 0)):
                claims.unknown.append(live)
        elif not may_limit:
            claims.used_w += weight * (-live.now_w if live.solar else live.now_w)
        elif live.battery or live.car_gives:
            batteries.append(_of_store(frame, live, place, weight, claims))
        elif live.solar is (weight < 0):
            claims.used_w += abs(weight) * _past_order_w(live)
            if live.solar:
                solar.append(producer(frame, live, place))
            else:
                claim = consumer(frame, live, place)
                (ranked if live.commanded else people).append(claim)
        else:
            claims.used_w -= abs(weight) * _least_w(live)
    claims.asked = _first(frame, people + solar + ranked + batteries)
    return claims


def _of_store(
    frame: Frame, live: Live, place: int, weight: float, claims: Claims
) -> Claim:
    """Return what a store asks of a weighed sum; count in ``claims`` what it helps."""
    power_w = live.to_come_w
    if weight < 0:
        claims.used_w += weight * min(max(0, power_w), live.most_able_w)
        return producer(frame, live, place)
    given_w = max(min(0, power_w), live.least_able_w)
    claims.used_w += weight * (_most_w(live) if live.car_gives else given_w)
    return consumer(frame, live, place)


def _first(frame: Frame, claims: list[Claim]) -> list[Claim]:
    """Return the claims, those of devices that have to heat before all others."""
    if not frame.protects:
        return claims
    lives = frame.protected_first
    return sorted(claims, key=lambda claim: lives[claim.index].protection is None)


def _least_w(live: Live) -> int:
    """Return the less of what it does and what it will do."""
    return min(live.now_w, live.to_come_w)


def _most_w(live: Live) -> int:
    """Return the more of what it does and what it will do: a car turns slowly."""
    return max(live.now_w, live.to_come_w)


def _past_order_w(live: Live) -> int:
    ordered = live.power_w is not None or live.was_limited
    return max(0, live.off_course_w) if ordered else 0


def _at_its_least(live: Live) -> bool:
    """Tell whether ``live`` was told to run at the least that it can."""
    return live.was_limited and live.setpoint_w == live.device.min_power_w > 0
