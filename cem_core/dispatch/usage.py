"""What devices make of the room they have: how much of it to keep for them."""

from collections.abc import Iterable, Mapping
from typing import Final

from cem_core.dispatch.live import Live
from cem_core.dispatch.memory import Usage
from cem_core.dispatch.settings import DispatchSettings

_UNUSED_SHARE: Final = 0.85  # of its room: below it, a device leaves room unused
_RESERVE_SHARE: Final = 1.1  # of what it draws is kept for a device that does
_NOISE_W: Final = 50
_PEAK_LASTS_S: Final = 3600.0
_NOTHING: Final = Usage(drawn_w=0)


def follow_usage(
    lives: Iterable[Live],
    before: Mapping[str, Usage],
    at_s: float,
    elapsed_s: float,
    settings: DispatchSettings,
) -> dict[str, Usage]:
    """Return how much each measured device uses of its room."""
    after = {}
    fall_w = round(settings.give_back_w_per_s * elapsed_s)
    for live in lives:
        measured_w = live.measured_w
        if measured_w is None:
            continue
        device = live.device
        old = before.get(device.device_id, _NOTHING)
        drawn_w = max(0, measured_w, old.drawn_w - fall_w)
        since_s = reserve_w = None
        if live.was_limited:
            since_s, reserve_w = _reserve(live, measured_w, old, at_s, settings)
        peak_w, peak_s = old.peak_w, old.peak_s
        if peak_w or measured_w > device.rated_power_w:
            peak_w, peak_s = _peak(live, measured_w, old, at_s)
        now = drawn_w, since_s, reserve_w, peak_w, peak_s
        after[device.device_id] = old if now == old else Usage(*now)
    return after


def _peak(live: Live, measured_w: int, old: Usage, at_s: float) -> tuple[int, float]:
    """Return the most that is drawn beyond the rated power, and since when not.

    A run with a peak above what its form says would else be let go on in room for
    the form's power alone, and be paused at once.
    """
    if measured_w > live.device.rated_power_w:
        return max(old.peak_w, measured_w), at_s
    if live.was_limited:
        return old.peak_w, at_s
    return (old.peak_w, old.peak_s) if at_s - old.peak_s < _PEAK_LASTS_S else (0, 0)


def _reserve(
    live: Live, measured_w: int, old: Usage, at_s: float, settings: DispatchSettings
) -> tuple[float | None, int | None]:
    """Return since when room is unused, and what to keep instead of the room.

    A full car must not hold on to power that others want; as soon as it draws
    all that was kept for it, it gets its whole claim back.
    """
    reserve_w, room_w = old.reserve_w, live.setpoint_w or 0
    if reserve_w is not None and measured_w >= reserve_w - _NOISE_W // 2:
        reserve_w = None
    unused = (
        not live.trail
        and measured_w < _UNUSED_SHARE * room_w
        and measured_w < room_w - 2 * _NOISE_W
    )
    if not unused:
        return None, reserve_w
    since_s = at_s if old.unused_since_s is None else old.unused_since_s
    if at_s - since_s >= settings.unused_after_s:
        kept_w = round(_RESERVE_SHARE * measured_w) + _NOISE_W
        reserve_w = max(live.device.min_power_w, kept_w)
    return since_s, reserve_w
