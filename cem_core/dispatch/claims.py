"""What each device asks of a limit's budget, and what is used up without asking."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cem_core.dispatch.frame import Frame, may_turn_down
from cem_core.dispatch.live import Live
from cem_core.dispatch.shed import Claim
from cem_core.model import Action, Device, DeviceKind, PowerLimit


@dataclass(slots=True, kw_only=True)
class Claims:
    """The claims on a budget, and what of the budget is gone without them.

    ``stored_w`` is what batteries take in of an export, with or without a limit.
    ``unknown`` are devices that could be turned down but do not tell their
    power. ``late`` are claims of devices too slow for an operator's limit, with
    the power that each still draws while it is on its way.
    """

    asked: list[Claim] = field(default_factory=list)
    used_w: float = 0
    stored_w: int = 0
    unknown: list[Live] = field(default_factory=list)
    late: list[tuple[Claim, int]] = field(default_factory=list)


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
        may_limit = may_turn_down(limit, live)
        if not live.known:
            if may_limit and not live.solar:
                claims.unknown.append(live)
        elif live.solar:
            claims.used_w -= _least_w(live)
        elif not may_limit:
            claims.used_w += live.now_w
        elif live.car_gives:
            claims.used_w += _most_w(live)
        elif live.device.kind is DeviceKind.BATTERY:
            discharge_w = min(0, _power_w(live))
            claims.used_w += max(discharge_w, live.least_able_w)
            charging.append(_consumer(frame, live, place))
            if not live.empty and _may_help(frame, live):
                spare_w = discharge_w - live.least_able_w
                ranked.append(_help(live, place, spare_w))
        else:
            claims.used_w += _past_order_w(live)
            claim = _consumer(frame, live, place)
            if late and live.device.slow:
                _wait_for(claims, claim, live)
                (slow if live.commanded else people).append(claim)
            else:
                (ranked if live.commanded else people).append(claim)
    claims.asked = _first(frame, people + ranked + slow + charging)
    return claims


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
        may_limit = may_turn_down(limit, live)
        if not live.known:
            if may_limit and live.solar:
                claims.unknown.append(live)
        elif live.solar:
            claims.used_w += _past_order_w(live) if may_limit else live.now_w
            if may_limit:
                solar.append(_sun(frame, live, place))
        elif live.device.kind is DeviceKind.BATTERY and may_limit:
            charge_w = max(0, _power_w(live))
            claims.stored_w += min(charge_w, live.most_able_w)
            discharging.append(_producer(frame, live, place))
            if not live.full and _may_help(frame, live):
                spare_w = live.most_able_w - charge_w
                charging.append(_help(live, place, spare_w))
        elif live.car_gives and may_limit:
            discharging.append(_producer(frame, live, place))
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
    past_order_w = past_least_w = 0
    for place, live in enumerate(frame.protected_first):
        if live.solar or not live.device.counts_as_controllable:
            continue
        may_limit = may_turn_down(limit, live)
        if not (live.trusted and may_limit):
            claims.used_w += live.drawn_w
            if may_limit:
                claims.unknown.append(live)
            continue
        if live.off_course_w > 0 and _at_its_least(live):
            past_least_w += _past_order_w(live)
        else:
            past_order_w += _past_order_w(live)
        claim = _consumer(frame, live, place)
        if late and live.device.slow:
            _wait_for(claims, claim, live)
        if live.device.kind is DeviceKind.BATTERY:
            charging.append(claim)
        elif late and live.device.slow and live.commanded:
            slow.append(claim)
        else:
            (ranked if live.commanded else people).append(claim)
    # The margin is there for devices that draw a little more than ordered.
    # One that runs at its least cannot give way but by stopping: 6 A are above
    # 4.2 kW where the voltage is, and within what is measured as kept.
    margin_w = 0
    if limit is not None:
        margin_w = frame.settings.margin(limit.limit_w)
        past_least_w -= min(past_least_w, frame.settings.tolerance(limit.limit_w))
    claims.used_w += max(0, past_order_w + past_least_w - margin_w)
    claims.used_w += sum(
        live.drawn_w for live in frame.fixed if live.device.counts_as_controllable
    )
    claims.asked = _first(frame, people + ranked + slow + charging)
    return claims


def controllable_export(frame: Frame, limit: PowerLimit | None) -> Claims:
    """Return what is claimed of what controllable devices may feed in in all."""
    claims = Claims()
    solar: list[Claim] = []
    discharging: list[Claim] = []
    for place, live in enumerate(frame.protected_first):
        produces = live.solar or live.two_way
        if not (produces and live.device.counts_as_controllable):
            continue
        if not live.trusted or not may_turn_down(limit, live):
            claims.used_w += live.produced_w
        else:
            claim = _producer(frame, live, place)
            (solar if live.solar else discharging).append(claim)
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
        may_limit = may_turn_down(limit, live)
        if not live.known:
            if may_limit and (live.two_way or live.solar is (weight < 0)):
                claims.unknown.append(live)
        elif not may_limit:
            claims.used_w += weight * (-live.now_w if live.solar else live.now_w)
        elif live.device.kind is DeviceKind.BATTERY or live.car_gives:
            batteries.append(_of_store(frame, live, place, weight, claims))
        elif live.solar is (weight < 0):
            claims.used_w += abs(weight) * _past_order_w(live)
            if live.solar:
                solar.append(_producer(frame, live, place))
            else:
                claim = _consumer(frame, live, place)
                (ranked if live.commanded else people).append(claim)
        else:
            claims.used_w -= abs(weight) * _least_w(live)
    claims.asked = _first(frame, people + solar + ranked + batteries)
    return claims


def _of_store(
    frame: Frame, live: Live, place: int, weight: float, claims: Claims
) -> Claim:
    """Return what a store asks of a weighed sum; count in ``claims`` what it helps."""
    power_w = _power_w(live)
    if weight < 0:
        claims.used_w += weight * min(max(0, power_w), live.most_able_w)
        return _producer(frame, live, place)
    given_w = max(min(0, power_w), live.least_able_w)
    claims.used_w += weight * (_most_w(live) if live.car_gives else given_w)
    return _consumer(frame, live, place)


def _first(frame: Frame, claims: list[Claim]) -> list[Claim]:
    """Return the claims, those of devices that have to heat before all others."""
    if not frame.protects:
        return claims
    lives = frame.protected_first
    return sorted(claims, key=lambda claim: lives[claim.index].protection is None)


def _power_w(live: Live) -> int:
    """Return what it will draw (solar: produce) as things stand."""
    return live.now_w if live.power_w is None else live.power_w


def _least_w(live: Live) -> int:
    """Return the less of what it does and what it will do."""
    return min(live.now_w, _power_w(live))


def _most_w(live: Live) -> int:
    """Return the more of what it does and what it will do: a car turns slowly."""
    return max(live.now_w, _power_w(live))


def _past_order_w(live: Live) -> int:
    ordered = live.power_w is not None or live.was_limited
    return max(0, live.off_course_w) if ordered else 0


def _at_its_least(live: Live) -> bool:
    """Tell whether ``live`` was told to run at the least that it can."""
    return live.was_limited and live.setpoint_w == live.device.min_power_w > 0


def _wish_w(frame: Frame, live: Live) -> int:
    """Return what ``live`` would draw (solar: produce) if it were free to."""
    if live.power_w is not None:
        return max(0, live.power_w)
    usage = frame.memory.usage.get(live.device.device_id)
    if live.was_limited or live.measured_w is None:
        return max(live.device.rated_power_w, 0 if usage is None else usage.peak_w)
    return max(0, live.measured_w, 0 if usage is None else usage.drawn_w)


def _consumer(frame: Frame, live: Live, place: int) -> Claim:
    device = live.device
    wish_w = demand_w = _wish_w(frame, live)
    waits = bool(frame.memory.stopped_s) and _waits(frame, live)
    if live.was_limited:
        usage = frame.memory.usage.get(device.device_id)
        if usage is not None and usage.reserve_w is not None:
            demand_w = min(demand_w, usage.reserve_w)
        if device.ramp_w_per_s:
            demand_w = min(demand_w, _reach_w(frame, live))
    if waits:
        demand_w = min(demand_w, live.floor_w)
    if frame.memory.insisted and _is_cut(frame, device):
        waits, demand_w = True, 0
    return Claim(
        place,
        demand_w=demand_w,
        wish_w=wish_w,
        floor_w=0 if device.kind is DeviceKind.BATTERY else live.floor_w,
        min_w=device.min_power_w,
        step_w=device.step_w,
        waits=waits,
    )


def _reach_w(frame: Frame, live: Live) -> int:
    """Return what a device that ramps can reach: what it cannot use others get."""
    reach_s = frame.settings.device_settle_s(live.device)
    reach_w = live.now_w + live.device.ramp_w_per_s * reach_s
    return max(live.device.min_power_w, live.rounded(reach_w))


def _is_cut(frame: Frame, device: Device) -> bool:
    """One that was cut for not obeying gets nothing while the limit holds."""
    insistence = frame.memory.insisted.get(device.device_id)
    return insistence is not None and insistence.cut and not insistence.bridges


def _waits(frame: Frame, live: Live) -> bool:
    """Tell whether a limit stopped ``live`` too short a while ago."""
    stopped_s = frame.memory.stopped_s.get(live.device.device_id)
    return (
        stopped_s is not None
        and live.was_limited
        and live.setpoint_w == 0
        and frame.at_s - stopped_s
        < max(frame.settings.restart_after_s, live.device.min_off_s)
    )


def _producer(frame: Frame, live: Live, place: int) -> Claim:
    wish_w = _wish_w(frame, live) if live.solar else max(0, -_power_w(live))
    device = live.device
    least_w = device.min_power_w if live.car_gives else 0
    return Claim(place, demand_w=wish_w, min_w=least_w, step_w=device.step_w)


def _sun(frame: Frame, live: Live, place: int) -> Claim:
    """Return the claim of what an inverter produces now (see `ceiling`).

    What it might produce is not claimed: nothing is to be stored for it yet.
    """
    claim = _producer(frame, live, place)
    if live.measured_w is not None and live.measured_w < claim.wish_w:
        claim.wish_w = claim.demand_w = max(0, live.measured_w)
    return claim


def _help(live: Live, place: int, spare_w: int) -> Claim:
    step_w = live.device.step_w
    return Claim(place, step_w=step_w, help_w=max(0, spare_w) // step_w * step_w)


def _may_help(frame: Frame, live: Live) -> bool:
    return (
        frame.settings.battery_keeps_limits
        and live.commanded
        and live.action is not Action.OFF
    )
