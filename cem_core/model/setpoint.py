"""What dispatch orders a device to do, and because of what."""

from dataclasses import dataclass
from enum import StrEnum

from cem_core.model.plan import Action, HeatUse


class Cause(StrEnum):
    """Why a setpoint is what it is; the user sees it as a sentence."""

    PLAN = "plan"
    BALANCE = "balance"
    LIMIT = "limit"
    GIVE_BACK = "give_back"
    POWER_CUT = "power_cut"  # after one, devices come back one after the other
    NO_PLAN = "no_plan"
    METER_SILENT = "meter_silent"
    SHED = "shed"  # a person turned it down before a limit was reached
    PERSON = "person"
    NOT_CONNECTED = "not_connected"
    UNAVAILABLE = "unavailable"
    HANDED_BACK = "handed_back"
    FROST = "frost"  # it heats, whatever the plan says: pipes may freeze
    HOT_CYCLE = "hot_cycle"  # likewise: water is heated against legionella
    ASKED = "asked"  # a person has it done once, beside what is under control
    TEST = "test"  # how long it takes to follow is being measured
    NOT_OBEYING = "not_obeying"  # a harder order after one that was not followed


@dataclass(frozen=True, slots=True, kw_only=True)
class Setpoint:
    """One order to one device.

    ``power_w``: consumption positive, discharge negative; for solar the most
    it may produce, >= 0; None hands the device back to its own normal mode.
    ``limit_id`` names the limit that took something away. ``use`` is what a heat
    pump with a tank of its own is to heat; None: that is left to it.
    """

    device_id: str
    action: Action
    power_w: int | None
    cause: Cause
    limit_id: str | None = None
    use: HeatUse | None = None
