"""What can go wrong on purpose."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

METER: Final = "meter"
DEVICES: Final = ("battery", "charger", "heat_pump", "solar", "dishwasher")
PRICES: Final = "tariff"
WEATHER: Final = "weather"
HOUSE: Final = "home"
DEFAULT_SECONDS: Final = 60.0
DEFAULT_CLOCK_JUMP_S: Final = 3600.0
DEFAULT_CAR_LIMIT_A: Final = 8.0
SECONDS_PER_HOUR: Final = 3600.0
LATE: Final = timedelta(seconds=30)  # as behind a cloud


class Fault(StrEnum):
    """Each kind of fault; the car's coming and going is ordered like one."""

    SILENCE = "silence"
    DISCONNECT = "disconnect"
    BAD_CRC = "bad_crc"
    REFUSE = "refuse"
    STUCK = "stuck"
    LATE = "late"
    CLOCK_JUMP = "clock_jump"
    PRICE_GAP = "price_gap"
    PRICES_LATE = "prices_late"
    INTERNET_OUT = "internet_out"
    POWER_CUT = "power_cut"
    CAR_ASLEEP = "car_asleep"
    CAR_LIMIT = "car_limit"
    CAR_TIMER = "car_timer"
    PLUG_IN = "plug_in"
    UNPLUG = "unplug"


# These are over as soon as they have happened.
MOMENTS: Final = (Fault.PLUG_IN, Fault.UNPLUG)

# The devices each fault can befall; the first one where none is named.
BEFALLS: Final[Mapping[Fault, tuple[str, ...]]] = {
    Fault.SILENCE: (METER, *DEVICES, PRICES),
    Fault.DISCONNECT: (METER, *DEVICES, PRICES),
    Fault.BAD_CRC: (METER,),
    Fault.REFUSE: DEVICES,
    Fault.STUCK: DEVICES,
    Fault.LATE: DEVICES,
    Fault.CLOCK_JUMP: (METER,),
    Fault.PRICE_GAP: (PRICES,),
    Fault.PRICES_LATE: (PRICES,),
    Fault.INTERNET_OUT: (HOUSE,),
    Fault.POWER_CUT: (HOUSE,),
    Fault.CAR_ASLEEP: ("charger",),
    Fault.CAR_LIMIT: ("charger",),
    Fault.CAR_TIMER: ("charger",),
    Fault.PLUG_IN: ("charger",),
    Fault.UNPLUG: ("charger",),
}

# How long those last that are not over in a minute.
LASTS_S: Final[Mapping[Fault, float]] = {
    Fault.INTERNET_OUT: 48 * SECONDS_PER_HOUR,
    Fault.PRICES_LATE: 24 * SECONDS_PER_HOUR,
    Fault.CAR_ASLEEP: SECONDS_PER_HOUR,
    Fault.CAR_LIMIT: SECONDS_PER_HOUR,
    Fault.CAR_TIMER: SECONDS_PER_HOUR,
}
# How far, in seconds of a clock or amperes of a car, when it is not said.
BY: Final[Mapping[Fault, float]] = {Fault.CAR_LIMIT: DEFAULT_CAR_LIMIT_A}
# After a power cut each comes back in its own time: computers start, inverters watch
# the mains for a minute (EN 50549-1), compressors wait.
BACK_AFTER_S: Final[Mapping[str, float]] = {
    METER: 3.0,
    "battery": 25.0,
    "charger": 45.0,
    "solar": 60.0,
    "heat_pump": 120.0,
}


class FaultError(ValueError):
    """An order that names no fault that can be played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One fault, for ``seconds`` of simulated time.

    ``by`` is how far: seconds of a clock, amperes of a car's own limit.
    """

    fault: Fault
    device: str
    seconds: float = DEFAULT_SECONDS
    by: float = DEFAULT_CLOCK_JUMP_S


def order_from_json(document: object, names: Mapping[str, str]) -> Order:
    """Return the order in ``document``, or raise `FaultError`.

    ``names`` turns the ids of HOME.yaml into the simulator's own names.
    """
    if not isinstance(document, dict):
        raise FaultError("a fault is a JSON object with the field fault")
    unknown = set(document) - {"fault", "device", "seconds", "by"}
    if unknown:
        raise FaultError(
            f"{min(unknown)}: unknown field; allowed: fault, device, seconds, by"
        )
    try:
        fault = Fault(document.get("fault", ""))
    except ValueError as error:
        raise FaultError(f"fault: one of {', '.join(Fault)}") from error
    named = document.get("device") or BEFALLS[fault][0]
    if not isinstance(named, str):
        raise FaultError("device: a text")
    device = names.get(named, named)
    if device not in BEFALLS[fault]:
        raise FaultError(
            f"device: {fault} befalls {', '.join(BEFALLS[fault])}, not {named}"
        )
    return Order(
        fault=fault,
        device=device,
        seconds=_seconds(
            document.get("seconds"), "seconds", LASTS_S.get(fault, DEFAULT_SECONDS)
        ),
        by=_seconds(document.get("by"), "by", BY.get(fault, DEFAULT_CLOCK_JUMP_S)),
    )


def _seconds(value: object, name: str, default: float) -> float:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FaultError(f"{name}: a number")
    if name == "seconds" and value < 0:
        raise FaultError("seconds: at least 0")
    return float(value)


@dataclass(slots=True)
class Faults:
    """The faults that are being played, each until a simulated time."""

    until: dict[tuple[Fault, str], datetime] = field(default_factory=dict)
    clock_jump_s: float = DEFAULT_CLOCK_JUMP_S
    car_limit_a: float = DEFAULT_CAR_LIMIT_A

    def begin(self, order: Order, now: datetime) -> None:
        """Play ``order`` from now on; 0 seconds ends it."""
        self.until[order.fault, order.device] = now + timedelta(seconds=order.seconds)
        if order.fault is Fault.CLOCK_JUMP:
            self.clock_jump_s = order.by
        if order.fault is Fault.CAR_LIMIT:
            self.car_limit_a = order.by

    def active(self, fault: Fault, device: str, now: datetime) -> bool:
        """Tell whether ``fault`` is being played on ``device``."""
        until = self.until.get((fault, device))
        return until is not None and now < until

    def dead(self, device: str, now: datetime) -> bool:
        """Tell whether a power cut holds ``device``, or it has not come back yet."""
        until = self.until.get((Fault.POWER_CUT, HOUSE))
        if until is None:
            return False
        return now < until + timedelta(seconds=BACK_AFTER_S.get(device, 0.0))

    def absent(self, device: str, now: datetime) -> bool:
        """Tell whether nobody reaches ``device``: unplugged, dead, or no internet."""
        offline = device in {PRICES, WEATHER} and self.active(
            Fault.INTERNET_OUT, HOUSE, now
        )
        gone = self.active(Fault.DISCONNECT, device, now)
        return gone or offline or self.dead(device, now)

    def meter_clock(self, now: datetime) -> datetime:
        """Return what the meter takes for the time."""
        if self.active(Fault.CLOCK_JUMP, METER, now):
            return now + timedelta(seconds=self.clock_jump_s)
        return now
