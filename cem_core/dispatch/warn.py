"""The warnings of one dispatch, as sentences."""

from collections.abc import Iterator
from typing import Final

from cem_core.dispatch.frame import Frame
from cem_core.dispatch.keep import Kept
from cem_core.dispatch.live import Live
from cem_core.dispatch.result import DispatchWarning, WarningCode

_OFF_COURSE_W: Final = 300
_OFF_COURSE_SHARE: Final = 0.2


def warnings(frame: Frame, kept: Kept) -> tuple[DispatchWarning, ...]:
    """Return what the user should know about, worst first."""
    found = _not_kept(frame, kept) if kept.excess_w else []
    if frame.grid_w is None:
        found.append(_meter(frame))
    found.extend(_devices(frame.lives))
    return tuple(found)


def _not_kept(frame: Frame, kept: Kept) -> list[DispatchWarning]:
    return [
        DispatchWarning(
            code=WarningCode.LIMIT_NOT_KEPT,
            text=(
                f"The limit {limit.limit_id} of {limit.limit_w} W is exceeded by "
                f"{excess_w} W with every device at what it must keep."
            ),
        )
        for side, excess_w in kept.excess_w.items()
        if (limit := frame.limits.strictest.get(side)) is not None
    ]


def _meter(frame: Frame) -> DispatchWarning:
    silent_s = frame.at_s - frame.reading_s
    if frame.reading is None or silent_s > frame.settings.meter_silent_after_s:
        return DispatchWarning(
            code=WarningCode.METER_SILENT,
            text="The meter is silent: nothing is balanced, and a limit at the "
            "connection keeps every device at what it must keep.",
        )
    return DispatchWarning(
        code=WarningCode.METER_WITHOUT_POWER,
        text="The meter sends no power: it is treated as silent.",
    )


def _devices(lives: tuple[Live, ...]) -> Iterator[DispatchWarning]:
    for live in lives:
        device = live.device
        if live.nonsense and live.state is not None:
            yield DispatchWarning(
                code=WarningCode.DEVICE_POWER_NONSENSE,
                device_id=device.device_id,
                text=f"{device.name} reports {live.state.power_w} W, which it cannot "
                f"do: it is counted at its rated {device.rated_power_w} W.",
            )
        elif not live.trusted:
            yield DispatchWarning(
                code=WarningCode.DEVICE_UNAVAILABLE,
                device_id=device.device_id,
                text=f"{device.name} is not available: it is counted at its rated "
                f"{device.rated_power_w} W.",
            )
        elif (
            live.was_limited
            and live.off_course_w > _OFF_COURSE_W
            and live.off_course_w > _OFF_COURSE_SHARE * device.rated_power_w
        ):
            yield DispatchWarning(
                code=WarningCode.DEVICE_NOT_OBEYING,
                device_id=device.device_id,
                text=f"{device.name} was ordered {live.setpoint_w} W and stays at "
                f"{live.measured_w} W: other devices make up for it.",
            )
