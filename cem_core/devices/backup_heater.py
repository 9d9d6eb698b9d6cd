"""A heat pump's electric heater: kept off while a cold house is warmed up again.

After a limit or a power cut a heat pump that finds the rooms too cold calls for its
heater, and so does every other of the street in the same hour.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True, kw_only=True)
class BackupHeater:
    """Whether the heater is held off: until ``recovers`` after what held it back.

    ``last_held_back`` begins at the start of the CEM, which may be the return of
    the power.
    """

    recovers: timedelta
    last_held_back: datetime

    def is_held(self, now: datetime, *, held_back: bool, frost: bool) -> bool:
        """Tell whether it is to be off.

        ``held_back``: a limit lowers the heat pump, or it has no supply. Against
        ``frost`` it may help again as soon as that is over.
        """
        if held_back:
            self.last_held_back = now
            return True
        return not frost and now - self.last_held_back < self.recovers
