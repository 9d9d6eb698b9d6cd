"""The test order of a device that was never seen to follow one.

Its reaction has to be known before a grid operator's limit needs it. So once it has run
for a while in the CEM's hands it is tested, by the same small order as by its button.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from cem_core.devices import Capability

if TYPE_CHECKING:
    from custom_components.cem.controlled import ControlledDevice

STEADY_S: Final = 600.0
# What takes less than all without being stopped; else it is the owner's to ask for.
_GRADUAL: Final = frozenset(
    {
        Capability.CURTAIL,
        Capability.LIMIT_POWER,
        Capability.SET_CURRENT,
        Capability.SET_POWER,
    }
)


class FirstTest:
    """Finds the moment; once for each device and start of the home."""

    def __init__(
        self,
        order_w: Callable[[ControlledDevice], int | None],
        start: Callable[[ControlledDevice], None],
    ) -> None:
        """Ask ``order_w`` what could be ordered now, None: nothing; ``start`` tests."""
        self._order_w = order_w
        self._start = start
        self._since_s: dict[str, float] = {}
        self._done: set[str] = set()

    def look(self, device: ControlledDevice, at_s: float) -> None:
        """Test ``device`` where that is due at ``at_s``, monotonic seconds."""
        key = device.device_id
        if key in self._done:
            return
        if device.reaction.seconds is not None:
            self._done.add(key)
            return
        gradual = _GRADUAL & device.driver.capabilities
        if not (gradual and self._order_w(device)):
            self._since_s.pop(key, None)
            return
        if at_s - self._since_s.setdefault(key, at_s) >= STEADY_S:
            self._done.add(key)
            self._start(device)
