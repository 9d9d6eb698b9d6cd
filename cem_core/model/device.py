"""What can be controlled, what it can do, and how it is right now."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeviceKind(StrEnum):
    """Kinds of devices, named as in HOME.yaml."""

    SOLAR = "solar"
    BATTERY = "battery"
    EV_CHARGER = "ev_charger"
    HEAT_PUMP = "heat_pump"
    APPLIANCE = "appliance"


class Owner(StrEnum):
    """Who commands a device. An operator's limit stands above all of them."""

    PLAN = "plan"
    PERSON = "person"
    DEVICE = "device"  # handed back: its own normal mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What dispatch has to know of a device; nothing about how it is reached.

    ``rated_power_w`` is the most it consumes (solar: produces);
    ``min_power_w`` the least it consumes while it runs at all;
    ``floor_w`` what a limit leaves it; ``step_w`` the grain of its setpoint.
    Devices with a lower ``shed_rank`` are turned down first and get their
    power back last. ``phases`` are those that it is connected to, in the order of
    its own terminals; of one where that is not known ``phase_count`` says how many.
    ``guaranteed_w`` is its share of what an operator has to leave
    the controllable devices (§14a EnWG). A battery that is to count as a source
    tells its ``capacity_wh`` and the share of it that it keeps.
    """

    device_id: str
    name: str
    kind: DeviceKind
    rated_power_w: int
    rated_discharge_w: int = 0
    min_power_w: int = 0
    floor_w: int = 0
    step_w: int = 1
    shed_rank: int = 0
    counts_as_controllable: bool = True
    interruptible: bool = True
    phases: tuple[int, ...] = ()
    phase_count: int = 1
    guaranteed_w: int = 0
    capacity_wh: int = 0
    least_state_of_charge: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """What is known of a device now.

    ``power_w``: consumption positive, discharge negative; solar: production,
    >= 0; None when it is not measured or what it reports makes no sense.
    ``enabled`` is the user's switch and the mode together: may it be
    commanded at all. ``phases_in_use``: on how many of its phases it draws now,
    the first of them; None: on all.
    """

    device_id: str
    time: datetime
    available: bool = True
    enabled: bool = True
    owner: Owner = Owner.PLAN
    power_w: int | None = None
    setpoint_w: int | None = None
    state_of_charge: float | None = None
    connected: bool | None = None
    indoor_temperature_c: float | None = None
    phases_in_use: int | None = None
