"""What can be controlled, what it can do, and how it is right now."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

# What an operator's limit leaves a device to follow it; ESMIG, chapter 5, UC1.
OPERATOR_REACTION_S: Final = 10.0


class DeviceKind(StrEnum):
    """Kinds of devices, named as in HOME.yaml."""

    SOLAR = "solar"
    BATTERY = "battery"
    EV_CHARGER = "ev_charger"
    HEAT_PUMP = "heat_pump"
    WATER_HEATER = "water_heater"
    APPLIANCE = "appliance"


HEATING: Final = frozenset({DeviceKind.HEAT_PUMP, DeviceKind.WATER_HEATER})


class Protection(StrEnum):
    """What goes before plan, price and profile: pipes that freeze, germs in water."""

    FROST = "frost"
    HOT_CYCLE = "hot_cycle"  # heat against legionella


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
    power back last.

    ``reaction_s`` is how long it takes from an order to less until its own report
    shows it, None where that was never measured; ``ramp_w_per_s`` how fast it
    moves then, 0 for at once. ``min_on_s`` and ``min_off_s``: how long it runs
    and rests at least once it was switched. ``has_contactor``: its supply can be
    cut. ``standing_limit_w``: the most it is ever ordered while it is too slow
    for an operator's limit and no contactor can cut it.

    ``phases`` are those that it is connected to, in the order of its own
    terminals; of one where that is not known ``phase_count`` says how many.
    ``frost_floor_w`` is what an operator's limit leaves it while frost threatens.
    ``guaranteed_w`` is its share of what an operator has to leave
    the controllable devices (§14a EnWG). ``heats_water``: a heat pump's tank can be
    heated by order. A battery that is to count as a source
    tells its ``capacity_wh`` and the share of it that it keeps. An EV charger with a
    ``rated_discharge_w`` has its car give back, by the plan alone, while the car says
    that it holds more than ``least_state_of_charge``.
    """

    device_id: str
    name: str
    kind: DeviceKind
    rated_power_w: int
    rated_discharge_w: int = 0
    min_power_w: int = 0
    floor_w: int = 0
    frost_floor_w: int = 0
    step_w: int = 1
    shed_rank: int = 0
    counts_as_controllable: bool = True
    interruptible: bool = True
    reaction_s: float | None = None
    ramp_w_per_s: int = 0
    min_on_s: float = 0
    min_off_s: float = 0
    has_contactor: bool = False
    standing_limit_w: int | None = None
    phases: tuple[int, ...] = ()
    phase_count: int = 1
    guaranteed_w: int = 0
    heats_water: bool = False
    capacity_wh: int = 0
    least_state_of_charge: float = 0.0

    @property
    def slow(self) -> bool:
        """Tell whether it cannot keep an operator's limit by itself."""
        return self.reaction_s is not None and self.reaction_s > OPERATOR_REACTION_S

    def rounded(self, power_w: float) -> int:
        """Return ``power_w`` as it can be set, towards 0 and within what it can do."""
        step_w = self.step_w
        if power_w < 0:
            least_w = max(power_w, -self.rated_discharge_w)
            given_w = int(-least_w // step_w) * step_w
            return -given_w if given_w >= self.min_power_w else 0
        if power_w >= self.rated_power_w:
            return self.rated_power_w
        steps_w = int(power_w // step_w) * step_w
        return steps_w if steps_w >= self.min_power_w else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CarNeed:
    """What is known of the car at a charger.

    ``needed_wh`` is what it still has to draw there, None: it does not say, as
    ``departs_at``. A higher ``priority`` comes before other cars.
    """

    arrived_at: datetime
    departs_at: datetime | None = None
    needed_wh: float | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """What is known of a device now.

    ``power_w``: consumption positive, discharge negative; solar: production,
    >= 0; None when it is not measured or what it reports makes no sense.
    ``enabled`` is the user's switch and the mode together: may it be
    commanded at all. ``cut``: its contactor says that it has no supply.
    ``test_w`` is a test order, in place of the plan's; so is ``asked_w``, which a person
    has done once. ``phases_in_use``: on how
    many of its phases it draws now, the first of them; None: on all. ``need`` is
    that of the car at a charger. ``protection``: why it has to heat now, None: it
    need not.
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
    cut: bool = False
    test_w: int | None = None
    asked_w: int | None = None
    phases_in_use: int | None = None
    need: CarNeed | None = None
    protection: Protection | None = None
