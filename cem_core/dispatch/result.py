"""What dispatch hands back."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cem_core.dispatch.memory import Memory, Side
from cem_core.model import Message, Setpoint


class WarningCode(StrEnum):
    """What the user should know about."""

    METER_SILENT = "meter_silent"
    METER_WITHOUT_POWER = "meter_without_power"
    DEVICE_UNAVAILABLE = "device_unavailable"
    DEVICE_POWER_NONSENSE = "device_power_nonsense"
    DEVICE_NOT_OBEYING = "device_not_obeying"
    DEVICE_CUT = "device_cut"
    LIMIT_NOT_KEPT = "limit_not_kept"
    LIMIT_BELOW_MINIMUM = "limit_below_minimum"


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchWarning:
    """One thing that is not as it should be."""

    code: WarningCode
    message: Message
    device_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched:
    """Setpoints in the order of the devices, and what goes with them.

    ``excess_w`` is by how much a limit cannot be kept with every device at its
    floor; ``counted_w`` what each side counts now (the connection's are absent
    while the meter is silent).
    """

    setpoints: tuple[Setpoint, ...]
    memory: Memory
    excess_w: Mapping[Side, int]
    counted_w: Mapping[Side, int]
    warnings: tuple[DispatchWarning, ...]
