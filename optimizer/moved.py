"""What moved from one PLAN to the next, from the two documents alone.

Both are read by time: the later plan may begin later, end later and have other
steps. What the sun gives is a forecast and no move.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
import math
from typing import Any, Final

from cem_core.model import DeviceKind, Message
from cem_core.model.message_json import message_to_json
from cem_core.model.render import Renderer
from optimizer.plan_times import PlanTimes

type Json = Mapping[str, Any]

_SOME_KW: Final = 0.05
_SOME_KWH: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """More (> 0) or less energy for a device in a block of time."""

    device: str
    start: datetime
    end: datetime
    energy_kwh: float
    message: Message


def moved(old: Json, new: Json) -> list[Move]:
    """Return the blocks in which the plans differ, in order of time."""
    found: list[Move] = []
    for device in dict.fromkeys([*old["devices"], *new["devices"]]):
        found.extend(_moves(device, old, new))
    return sorted(found, key=lambda move: (move.start, move.device))


def largest(moves: Sequence[Move], most: int) -> list[Move]:
    """Return at most ``most`` moves, those of the most energy, in their order."""
    by_size = sorted(moves, key=lambda move: -abs(move.energy_kwh))[:most]
    return [move for move in moves if move in by_size]


def move_json(move: Move) -> dict[str, Any]:
    """Return a move for JSON."""
    return {
        "device": move.device,
        "start": move.start.isoformat(),
        "end": move.end.isoformat(),
        "energy_kwh": round(move.energy_kwh, 4),
        "text": Renderer().text(move.message),
        **message_to_json(move.message),
    }


def _moves(device: str, old: Json, new: Json) -> Iterator[Move]:
    before, after = old["devices"].get(device), new["devices"].get(device)
    kinds = {each["kind"] for each in (before, after) if each is not None}
    if DeviceKind.SOLAR in kinds:
        return
    then, now = PlanTimes.of(old), PlanTimes.of(new)
    if DeviceKind.APPLIANCE in kinds:
        yield from _runs(device, before, after, then, now)
        return
    was_kw, is_kw = _power_kw(before, then.count), _power_kw(after, now.count)
    changes = []
    for t in range(now.count):
        before_kw = then.mean(was_kw, now.edges[t], now.edges[t + 1])
        if before_kw is not None:
            changes.append((t, is_kw[t] - before_kw))
    hours = now.hours
    for sign, group in groupby(changes, key=lambda change: _sign(change[1])):
        steps = list(group)
        energy_kwh = sum(hours[t] * change for t, change in steps)
        if not sign or abs(energy_kwh) < _SOME_KWH:
            continue
        start, end = now.time(steps[0][0]), now.time(steps[-1][0] + 1)
        yield Move(
            device=device,
            start=start,
            end=end,
            energy_kwh=energy_kwh,
            message=_changed(device, energy_kwh, start, end),
        )


def _changed(device: str, energy_kwh: float, start: datetime, end: datetime) -> Message:
    if energy_kwh > 0:
        return Message.of(
            "more_planned",
            device=device,
            energy_kwh=energy_kwh,
            start_time=start,
            end_time=end,
        )
    return Message.of(
        "less_planned",
        device=device,
        energy_kwh=-energy_kwh,
        start_time=start,
        end_time=end,
    )


def _sign(change_kw: float) -> int:
    if abs(change_kw) < _SOME_KW:
        return 0
    return 1 if change_kw > 0 else -1


def _power_kw(device: Json | None, steps: int) -> Sequence[float]:
    if device is None:
        return [0.0] * steps
    if "charge_kw" in device:
        pairs = zip(device["charge_kw"], device["discharge_kw"], strict=True)
        return [charge - discharge for charge, discharge in pairs]
    power_kw: Sequence[float] = device["power_kw"]
    return power_kw


def _runs(
    device: str,
    before: Json | None,
    after: Json | None,
    then: PlanTimes,
    now: PlanTimes,
) -> Iterator[Move]:
    was, is_ = _start(before, then), _start(after, now)
    if was is not None and was < now.edges[0]:
        return  # what has begun is no longer planned
    start = was if is_ is None else is_
    if start is None or was == is_:
        return
    drawn_kw = [0.0] * now.count if after is None else after["power_kw"]
    energy_kwh = math.sumprod(now.hours, drawn_kw)
    running = [now.time(t + 1) for t, power_kw in enumerate(drawn_kw) if power_kw > 0]
    message = Message.of("run_added", device=device, start_time=start)
    if is_ is None:
        message = Message.of("run_dropped", device=device, other_time=start)
    elif was is not None:
        message = Message.of("run_moved", device=device, start_time=is_, other_time=was)
    yield Move(
        device=device,
        start=start,
        end=running[-1] if running else start,
        energy_kwh=energy_kwh,
        message=message,
    )


def _start(device: Json | None, steps: PlanTimes) -> datetime | None:
    """Return when the run starts; a plan by rules has only its powers."""
    if device is None:
        return None
    if "start" in device:
        return (
            None if device["start"] is None else datetime.fromisoformat(device["start"])
        )
    running = (t for t, power_kw in enumerate(device["power_kw"]) if power_kw > 0)
    first = next(running, None)
    return None if first is None else steps.time(first)
