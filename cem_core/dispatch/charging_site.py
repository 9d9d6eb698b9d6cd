"""Several chargers behind one line: who charges now, within what the line carries.

The queue shares the line out; what a car is not given here no plan and no rule gives
it. Under any other limit the cars keep their power in the order of the queue too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from cem_core.dispatch.carry_out import turn_down
from cem_core.dispatch.charging_queue import Car, QueueSettings, in_line, share
from cem_core.dispatch.frame import Frame
from cem_core.dispatch.keep import Kept
from cem_core.dispatch.live import Live
from cem_core.dispatch.memory import SiteMemory, Turn
from cem_core.dispatch.weighed_sum import Rule, keep_rule
from cem_core.model import (
    Cause,
    DeviceKind,
    Direction,
    LimitSource,
    PowerLimit,
    Priority,
    Scope,
)

SITE: Final = "charging_site"
# Of one car that gets nearly full the others have the rest at the next of these.
_SHARED_EVERY_S: Final = 20.0
_SETTINGS: Final = QueueSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The cars of one telegram in the order of the queue, and who of them is where."""

    limit: PowerLimit
    cars: tuple[Car, ...] = ()
    lives: Mapping[str, Live] = field(default_factory=dict)


def site_of(frame: Frame, now: datetime) -> Site | None:
    """Return who shares the line, and put them in its order; None: there is none."""
    limit_w = frame.settings.site_w
    if limit_w is None:
        return None
    found = [_car(frame, live, now) for live in frame.lives if _takes_part(live)]
    cars = in_line(found, now, _SETTINGS)
    lives = {live.device.device_id: live for live in frame.lives}
    ordered = iter([lives[car.socket] for car in cars])
    mine = {car.socket for car in cars}
    frame.protected_first = tuple(
        next(ordered) if live.device.device_id in mine else live
        for live in frame.protected_first
    )
    return Site(limit=site_limit(limit_w), cars=tuple(cars), lives=lives)


def share_site(frame: Frame, site: Site, now: datetime) -> SiteMemory:
    """Lower what the cars want to what each is given; return what to remember."""
    before = frame.memory.site
    wishes = [
        replace(car, most_w=min(car.most_w, wanted_w))
        for car in site.cars
        if (wanted_w := _wanted_w(frame, site.lives[car.socket])) >= max(1, car.least_w)
    ]
    budget_w = _budget_w(frame, site)
    asking = tuple((car.socket, car.most_w) for car in wishes)
    shares = before.shares
    if (
        asking != before.asking
        or sum(shares.values()) > budget_w
        or frame.at_s - before.shared_s >= _SHARED_EVERY_S
    ):
        shares = _shares(wishes, budget_w, now)
        before = SiteMemory(shares, asking, frame.at_s, before.turns)
    allowed = _in_turn(site, shares, budget_w)
    for car in site.cars:
        live, power_w = site.lives[car.socket], allowed[car.socket]
        if live.power_w is not None and live.power_w > power_w:
            turn_down(live, power_w, Cause.LIMIT, SITE)
    return before


def keep_site(frame: Frame, site: Site, kept: Kept, memory: SiteMemory) -> SiteMemory:
    """Make up for cars that do not follow; return who charges and since when."""
    weights = tuple(
        1.0 if live.device.kind is DeviceKind.EV_CHARGER else 0.0
        for live in frame.protected_first
    )
    rule = Rule(
        limit=site.limit, weights=weights, load_w=0.0, held=frame.memory.site.held
    )
    held = keep_rule(frame, rule, kept)
    turns = {}
    asking = {socket for socket, _ in memory.asking}
    for car in site.cars:
        if car.socket not in asking:
            continue  # it does not wait: it wants nothing now
        on = bool(site.lives[car.socket].power_w)
        turn = frame.memory.site.turns.get(car.socket)
        same = turn is not None and turn.on is on
        turns[car.socket] = turn if turn and same else Turn(on, frame.at_s)
    return replace(memory, turns=turns, held=held)


def _shares(wishes: Sequence[Car], budget_w: int, now: datetime) -> dict[str, int]:
    """Share the line out; a car that has all that it needs gets what others leave."""
    shares = share(wishes, budget_w, now, _SETTINGS)
    content = [
        replace(car, needed_wh=None) for car in wishes if not car.still_needs(_SETTINGS)
    ]
    left_w = budget_w - sum(shares.values())
    return shares | share(content, left_w, now, _SETTINGS)


def _takes_part(live: Live) -> bool:
    state = live.state
    return (
        live.device.kind is DeviceKind.EV_CHARGER
        and live.commanded
        and live.cause is not Cause.TEST
        and (state is None or state.connected is not False)
    )


def _car(frame: Frame, live: Live, now: datetime) -> Car:
    """Return the car at a charger as the queue knows it."""
    device = live.device
    need = None if live.state is None else live.state.need
    turn = frame.memory.site.turns.get(device.device_id)
    since = None
    if turn is not None:
        since = now - timedelta(seconds=frame.at_s - turn.since_s)
    return Car(
        socket=device.device_id,
        arrived_at=now if need is None else need.arrived_at,
        departs_at=None if need is None else need.departs_at,
        needed_wh=None if need is None else need.needed_wh,
        priority=device.shed_rank + (0 if need is None else need.priority),
        least_w=device.min_power_w,
        most_w=device.rated_power_w,
        on_since=since if turn is not None and turn.on else None,
        off_since=since if turn is not None and not turn.on else None,
    )


def _wanted_w(frame: Frame, live: Live) -> int:
    """Return what it would draw: the plan's power, or less where it leaves some."""
    wanted_w = live.power_w or 0
    usage = frame.memory.usage.get(live.device.device_id)
    if live.was_limited and usage is not None and usage.reserve_w is not None:
        wanted_w = min(wanted_w, usage.reserve_w)
    return live.rounded(wanted_w)


def _budget_w(frame: Frame, site: Site) -> int:
    """Return what is left for the queue: others on the line draw what they draw."""
    limit_w = site.limit.limit_w
    queued = {car.socket for car in site.cars}
    used_w = 0
    for live in frame.lives:
        if live.device.kind is not DeviceKind.EV_CHARGER:
            continue
        if live.device.device_id not in queued:
            used_w += live.drawn_w
        elif live.was_limited:
            used_w += max(0, live.off_course_w)
    return max(0, limit_w - frame.settings.margin(limit_w) - used_w)


def _in_turn(site: Site, shares: Mapping[str, int], budget_w: int) -> Mapping[str, int]:
    """Return the shares, with those that rise waiting for those that still fall."""
    allowed = {car.socket: shares.get(car.socket, 0) for car in site.cars}
    drawn = {car.socket: _may_draw_w(site.lives[car.socket]) for car in site.cars}
    over_w = sum(max(allowed[name], drawn[name]) for name in allowed) - budget_w
    for car in reversed(site.cars):
        if over_w <= 0:
            break
        rise_w = allowed[car.socket] - drawn[car.socket]
        if rise_w <= 0:
            continue
        live = site.lives[car.socket]
        less_w = live.rounded(allowed[car.socket] - min(rise_w, over_w))
        over_w -= allowed[car.socket] - max(less_w, drawn[car.socket])
        allowed[car.socket] = less_w
    return allowed


def _may_draw_w(live: Live) -> int:
    return max(0, live.most_w) if live.known else live.device.rated_power_w


@lru_cache(maxsize=8)
def site_limit(limit_w: int) -> PowerLimit:
    """Return what chargers are said to be held back by."""
    return PowerLimit(
        limit_id=SITE,
        source=LimitSource.CONTRACT,
        issuer=SITE,
        direction=Direction.IMPORT,
        scope=Scope.CONTROLLABLE,
        limit_w=limit_w,
        priority=Priority.CONTRACT,
    )
