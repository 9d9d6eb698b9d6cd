"""Devices that no meter measures, judged by what their orders do to the connection.

What their own entities say would be an echo of the order.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from homeassistant.helpers import issue_registry as ir

from cem_core.devices import Followed, Reaction
from cem_core.devices.meter_step import MeterStep, Verdict
from cem_core.devices.reaction import LEAST_CHANGE_W
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.promises import bounds

if TYPE_CHECKING:
    from custom_components.cem.controlled import ControlledDevice
    from custom_components.cem.fast_loop import Snapshot
    from custom_components.cem.home import Home


class Unmeasured:
    """Those of a home; one repairs issue for each whose orders have no effect."""

    def __init__(
        self, home: Home, followed: Callable[[ControlledDevice, Followed], None]
    ) -> None:
        """Start without evidence; ``followed`` hears of orders that were seen."""
        self._home = home
        self._followed = followed
        self._timed: set[str] = set()
        self._watches = {
            device_id: MeterStep(both_ways=device.kind is Kind.BATTERY)
            for device_id, device in home.devices.items()
            if device.controllable and device.kind in (Kind.BATTERY, Kind.EV_CHARGER)
        }
        self._ordered_w: dict[str, int | None] = {}
        self._reading_s: float | None = None

    def percent(self, device: ControlledDevice) -> int | None:
        """Return how many of its last orders the meter showed, None: none was judged."""
        watch = self._watches.get(device.device_id)
        return None if watch is None else watch.percent

    def times(self, device: ControlledDevice) -> bool:
        """Tell whether the meter has timed ``device``: its entities then do not."""
        return device.device_id in self._timed

    def look(self, snapshot: Snapshot) -> None:
        """Take what the meter says, once for each telegram."""
        if snapshot.reading_s == self._reading_s:
            return
        at_s = self._reading_s = snapshot.reading_s
        if at_s is None or all(
            self._home.devices[device_id].measures for device_id in self._watches
        ):
            return
        rest_w, moved = self._rest_w(snapshot), self._moved()
        for device_id, watch in self._watches.items():
            device = self._home.devices[device_id]
            if device.measures:
                continue
            followed = watch.update(
                at_s,
                _judged_w(device),
                rest_w,
                disturbed=bool(moved - {device_id}),
                settles_s=device.reaction.seconds,
            )
            if followed is not None:
                if device_id not in self._timed:
                    self._timed.add(device_id)
                    device.reaction = Reaction()  # forget its entities' echo
                self._followed(device, followed)
            self._tell(device, watch.verdict)

    def _rest_w(self, snapshot: Snapshot) -> float | None:
        """Return what the connection takes for all that is not measured."""
        rest_w = snapshot.grid_w
        if rest_w is None:
            return None
        for device in self._home.devices.values():
            power_w = device.power_w
            if power_w is None and device.measures:
                return None  # its part cannot be told now
            part_w = power_w or 0
            rest_w -= -part_w if device.kind is Kind.SOLAR else part_w
        return rest_w

    def _moved(self) -> set[str]:
        """Return the devices that were just ordered something else."""
        moved = set()
        for device_id, device in self._home.devices.items():
            before_w, now_w = self._ordered_w.get(device_id), device.ordered_w
            self._ordered_w[device_id] = now_w
            # What is measured is taken off, but its meter may be late.
            least_w = LEAST_CHANGE_W if device.measures else 1
            if before_w is None or now_w is None:
                if before_w is not now_w:
                    moved.add(device_id)
            elif abs(now_w - before_w) >= least_w:
                moved.add(device_id)
        return moved

    def _tell(self, device: ControlledDevice, verdict: Verdict) -> None:
        issue = f"no_effect_{device.subentry_id}"
        if verdict is not Verdict.NOT_SEEN:
            ir.async_delete_issue(self._home.hass, DOMAIN, issue)
            return
        ir.async_create_issue(
            self._home.hass,
            DOMAIN,
            issue,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="no_effect",
            translation_placeholders={"device": device.model.name},
        )


def _judged_w(device: ControlledDevice) -> int | None:
    """Return its order, None where it may do something else."""
    cut = device.contactor is not None and device.contactor.is_open
    if cut or (device.kind is Kind.EV_CHARGER and device.connected is False):
        return None
    full, empty = bounds(device)
    if device.kind is Kind.EV_CHARGER:
        return None if full else device.ordered_w
    return None if full or empty else device.ordered_w
