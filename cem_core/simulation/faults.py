"""What can go wrong on purpose."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

METER: Final = "meter"
DEVICES: Final = ("battery", "charger", "heat_pump", "solar", "dishwasher")
PRICES: Final = "tariff"
DEFAULT_SECONDS: Final = 60.0
DEFAULT_CLOCK_JUMP_S: Final = 3600.0
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
    Fault.PLUG_IN: ("charger",),
    Fault.UNPLUG: ("charger",),
}


class FaultError(ValueError):
    """An order that names no fault that can be played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One fault, for ``seconds`` of simulated time; ``by_s`` for the clock."""

    fault: Fault
    device: str
    seconds: float = DEFAULT_SECONDS
    by_s: float = DEFAULT_CLOCK_JUMP_S


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
        seconds=_seconds(document.get("seconds"), "seconds", DEFAULT_SECONDS),
        by_s=_seconds(document.get("by"), "by", DEFAULT_CLOCK_JUMP_S),
    )


def _seconds(value: object, name: str, default: float) -> float:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FaultError(f"{name}: a number of seconds")
    if name == "seconds" and value < 0:
        raise FaultError("seconds: at least 0")
    return float(value)


@dataclass(slots=True)
class Faults:
    """The faults that are being played, each until a simulated time."""

    until: dict[tuple[Fault, str], datetime] = field(default_factory=dict)
    clock_jump_s: float = DEFAULT_CLOCK_JUMP_S

    def begin(self, order: Order, now: datetime) -> None:
        """Play ``order`` from now on; 0 seconds ends it."""
        self.until[order.fault, order.device] = now + timedelta(seconds=order.seconds)
        if order.fault is Fault.CLOCK_JUMP:
            self.clock_jump_s = order.by_s

    def active(self, fault: Fault, device: str, now: datetime) -> bool:
        """Tell whether ``fault`` is being played on ``device``."""
        until = self.until.get((fault, device))
        return until is not None and now < until

    def meter_clock(self, now: datetime) -> datetime:
        """Return what the meter takes for the time."""
        if self.active(Fault.CLOCK_JUMP, METER, now):
            return now + timedelta(seconds=self.clock_jump_s)
        return now
