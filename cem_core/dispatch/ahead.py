"""Devices that are too slow for an operator's limit: inside it before it begins."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cem_core.dispatch.claims import controllable_import, import_at_connection
from cem_core.dispatch.frame import Frame
from cem_core.dispatch.live import Live
from cem_core.dispatch.shed import share
from cem_core.model import Cause, Direction, PowerLimit, Scope

_EARLY_S: Final = 10.0
_CLAIMS: Final = {
    Scope.CONTROLLABLE: controllable_import,
    Scope.CONNECTION: import_at_connection,
}


def throttle_ahead(
    frame: Frame, announced: Sequence[PowerLimit], now: datetime
) -> None:
    """Lower slow devices to what each will get of the ``announced`` limits.

    Each in time: as long before a limit begins as it takes to follow, and a
    little more. The quick ones wait for the limit itself.
    """
    for limit in announced:
        if limit.direction is not Direction.IMPORT or limit.start is None:
            continue
        left_s = (limit.start - now).total_seconds()
        if left_s > 0 and any(_due(frame, live, left_s) for live in frame.slow):
            _lower(frame, limit, left_s)


def _due(frame: Frame, live: Live, left_s: float) -> bool:
    settle_s = frame.settings.device_settle_s(live.device)
    return live.device.slow and live.commanded and left_s <= settle_s + _EARLY_S


def _lower(frame: Frame, limit: PowerLimit, left_s: float) -> None:
    claims = _CLAIMS[limit.scope](frame, limit)
    room_w = limit.limit_w - frame.settings.margin(limit.limit_w) - claims.used_w
    if limit.scope is Scope.CONNECTION:
        if frame.uncontrolled_w is None:
            return
        room_w -= frame.uncontrolled_w
    share(room_w, claims.asked)
    for claim in claims.asked:
        live = frame.protected_first[claim.index]
        if claim.granted_w >= claim.wish_w or not _due(frame, live, left_s):
            continue
        before = frame.memory.setpoints.get(live.device.device_id)
        power_w = claim.granted_w
        if before is not None and before.limit_id == limit.limit_id:
            power_w = min(power_w, before.power_w or 0)  # only down until it begins
        live.power_w, live.cause = power_w, Cause.LIMIT
        live.limit_id, live.limited = limit.limit_id, True
