"""The warnings of one dispatch, as messages: no text is made per telegram."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from cem_core.dispatch.frame import Frame
from cem_core.dispatch.keep import Kept
from cem_core.dispatch.live import Live
from cem_core.dispatch.memory import Insistence
from cem_core.dispatch.result import DispatchWarning, WarningCode
from cem_core.model import Direction, Message, PowerLimit, Scope

_OFF_COURSE_W: Final = 300
_OFF_COURSE_SHARE: Final = 0.2


def warnings(
    frame: Frame, kept: Kept, insisted: Mapping[str, Insistence]
) -> tuple[DispatchWarning, ...]:
    """Return what the user should know about, worst first."""
    found = [*_not_kept(_past_w(frame, kept))]
    found.extend(_below_minimum(frame))
    if frame.grid_w is None:
        found.append(_meter(frame))
    found.extend(_devices(frame.lives, insisted))
    return tuple(found)


def _past_w(frame: Frame, kept: Kept) -> Iterator[tuple[PowerLimit, int]]:
    """Yield the limits that are not kept, and by how much."""
    for side, excess_w in kept.excess_w.items():
        limit = frame.limits.strictest.get(side)
        if limit is not None:
            yield limit, excess_w
    yield from kept.excess_on_phases_w.items()


def _not_kept(past_w: Iterator[tuple[PowerLimit, int]]) -> Iterator[DispatchWarning]:
    for limit, excess_w in past_w:
        yield DispatchWarning(
            code=WarningCode.LIMIT_NOT_KEPT,
            message=Message.of(
                "limit_not_kept",
                limit=limit.limit_id,
                limit_w=limit.limit_w,
                excess_w=excess_w,
            ),
        )


def _below_minimum(frame: Frame) -> Iterator[DispatchWarning]:
    """An order that leaves less than it has to is carried out, and said."""
    limit = frame.limits.get(Direction.IMPORT, Scope.CONTROLLABLE)
    if limit is None or limit.limit_w >= frame.guaranteed_w:
        return
    yield DispatchWarning(
        code=WarningCode.LIMIT_BELOW_MINIMUM,
        message=Message.of(
            "limit_below_minimum",
            limit=limit.limit_id,
            limit_w=limit.limit_w,
            minimum_w=frame.guaranteed_w,
        ),
    )


def _meter(frame: Frame) -> DispatchWarning:
    silent_s = frame.at_s - frame.reading_s
    if frame.reading is None or silent_s > frame.settings.meter_silent_after_s:
        return DispatchWarning(
            code=WarningCode.METER_SILENT,
            message=Message.of("meter_silent_nothing_balanced"),
        )
    return DispatchWarning(
        code=WarningCode.METER_WITHOUT_POWER,
        message=Message.of("meter_without_power"),
    )


def _devices(
    lives: Sequence[Live], insisted: Mapping[str, Insistence]
) -> Iterator[DispatchWarning]:
    for live in lives:
        if not insisted and live.trusted and live.off_course_w <= _OFF_COURSE_W:
            continue
        device = live.device
        insistence = insisted.get(device.device_id)
        if insistence is not None and insistence.cut:
            yield DispatchWarning(
                code=WarningCode.DEVICE_CUT,
                device_id=device.device_id,
                message=_cut(live, insistence),
            )
            continue
        state, rated_w = live.state, device.rated_power_w
        if live.nonsense and state is not None and state.power_w is not None:
            yield DispatchWarning(
                code=WarningCode.DEVICE_POWER_NONSENSE,
                device_id=device.device_id,
                message=Message.of(
                    "device_power_nonsense",
                    device=device.name,
                    power_w=state.power_w,
                    rated_w=rated_w,
                ),
            )
        elif not live.trusted:
            yield DispatchWarning(
                code=WarningCode.DEVICE_UNAVAILABLE,
                device_id=device.device_id,
                message=Message.of(
                    "device_unavailable", device=device.name, rated_w=rated_w
                ),
            )
        elif (insistence is not None and insistence.rung is not None) or (
            live.was_limited
            and live.off_course_w > _OFF_COURSE_W
            and live.off_course_w > _OFF_COURSE_SHARE * rated_w
        ):
            yield DispatchWarning(
                code=WarningCode.DEVICE_NOT_OBEYING,
                device_id=device.device_id,
                message=Message.of(
                    "device_not_obeying",
                    device=device.name,
                    setpoint_w=live.setpoint_w or 0,
                    measured_w=live.measured_w or 0,
                ),
            )


def _cut(live: Live, insistence: Insistence) -> Message:
    if insistence.bridges:
        return Message.of(
            "device_cut_until_it_follows",
            device=live.device.name,
            reaction_s=round(live.device.reaction_s or 0),
        )
    return Message.of("device_cut", device=live.device.name)
