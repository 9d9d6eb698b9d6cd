"""What a notice says to people."""

from datetime import timedelta
from functools import reduce
from typing import Final

from cem_core.limits import Level, NearLimit, NoticeCause, Relief
from cem_core.model import Message
from cem_core.model.units import kw
from custom_components.cem.limit_names import flow, limit_names
from custom_components.cem.messages.answers import Answer

_IN_MINUTES_FROM_S: Final = 120


def title(notice: NearLimit) -> Message:
    """Return the headline of a notice."""
    if notice.level is Level.WARNING:
        return Message.of("very_near_limit")
    return Message.of("near_limit")


def body(notice: NearLimit) -> Message:
    """Return how near it is, until when the supply lasts, and what would help."""
    limit = notice.limit
    bounded = flow(limit)
    if limit.phase is not None:
        bounded = Message.of("flow_on_phase", flow=bounded, phase=limit.phase)
    said = Message.of(
        "power_and_limit",
        power_kw=kw(notice.power_w),
        limit=limit_names((limit,))[limit.limit_id],
        flow=bounded,
        limit_kw=kw(limit.limit_w),
    )
    if notice.cause is NoticeCause.METER:
        said = said.then(Message.of("meter_warns"))
    if notice.trip_s is not None:
        said = said.then(_trips(notice.trip_s))
    if notice.helping:
        return said.then(Message.of("could_turn_down", devices=_list(notice.helping)))
    return said.then(Message.of("nothing_to_turn_down"))


def answer_text(answer: Answer, shed_for: timedelta) -> Message:
    """Return the words on the button of an answer."""
    if answer is Answer.SHED:
        return Message.of("answer_shed", minutes=_minutes(shed_for))
    return Message.of("answer_allow")


def _trips(trip_s: float) -> Message:
    if trip_s >= _IN_MINUTES_FROM_S:
        return Message.of("trips_in_minutes", minutes=int(trip_s // 60))
    return Message.of("trips_in_seconds", seconds=int(trip_s))


def _list(helping: tuple[Relief, ...]) -> Message:
    named = [
        Message.of("device_and_power", device=each.name, power_kw=kw(each.power_w))
        for each in helping
    ]
    return reduce(
        lambda one, other: Message.of("and_then", one=one, other=other), named
    )


def _minutes(duration: timedelta) -> int:
    return round(duration.total_seconds() / 60)
