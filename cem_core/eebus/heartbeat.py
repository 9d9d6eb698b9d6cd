"""Our own heartbeat, which peers subscribe to.

Source: EEBUS UC TS LPC 1.0.0, scenario 3: at least one in 60 s.
"""

from typing import Final

from cem_core.eebus.clock import Clock
from cem_core.eebus.device import Feature, Function, Role
from cem_core.eebus.json_form import Tree
from cem_core.eebus.layout import HEARTBEAT
from cem_core.eebus.values import duration, timestamp

FUNCTION: Final = "deviceDiagnosisHeartbeatData"
EVERY_S: Final = 50.0
SLACK_S: Final = 8.0  # at most so much later, while the line is busy
_TIMEOUT_S: Final = 60.0


class Heartbeat:
    """Counts each heartbeat that is read or notified."""

    def __init__(self, clock: Clock) -> None:
        """Stamp heartbeats with ``clock``."""
        self._clock = clock
        self._counter = 0

    def feature(self) -> Feature:
        """Return the server that peers subscribe to."""
        function = Function(name=FUNCTION, read=self._next)
        return Feature(
            address=HEARTBEAT,
            type="DeviceDiagnosis",
            role=Role.SERVER,
            functions=(function,),
        )

    def _next(self) -> Tree:
        self._counter += 1
        return {
            "timestamp": timestamp(self._clock.utc()),
            "heartbeatCounter": self._counter,
            "heartbeatTimeout": duration(_TIMEOUT_S),
        }
