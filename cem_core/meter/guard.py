"""Can a reading follow those before it? Energies, the clock, jumps. Pure and stateful.

Checksums prove what the meter sent, not that it is new or true. A register of energy
only rises, a meter's clock only advances, and no more energy passes a connection than
its fuses let through.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from cem_core.model import Message, Quality, Reading

_ROUNDING_WH: Final = 10  # what two lists of one meter may differ by
_STEP_WH: Final = 1_000  # many meters count whole kilowatt-hours on this port
_SECONDS_PER_HOUR: Final = 3_600
_MOST_W: Final = 1_000_000  # of any connection of a house
_BELIEVED_AFTER: Final = 3  # readings in a row that say the same odd thing
_EXCHANGED_AFTER: Final = 60  # the same of a meter that has no name
_MOST_METERS: Final = 4  # whose registers are remembered at once
_FEWEST_DIGITS: Final = 8  # of a register that runs over: 99,999 kWh
_NEAR_THE_END: Final = 0.01  # share of its range


class DoubtKind(StrEnum):
    """What is odd about a reading after those before it."""

    METER_CHANGED = "meter_changed"
    TIME_WENT_BACK = "time_went_back"
    ENERGY_FELL = "energy_fell"
    ENERGY_RAN_OVER = "energy_ran_over"
    ENERGY_JUMPED = "energy_jumped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What is odd, in words; told once, when it begins."""

    kind: DoubtKind
    message: Message


@dataclass(slots=True)
class _Register:
    """The last value that was believed, and since when it stands there."""

    energy_wh: int
    since_s: float
    odd: int = 0  # readings in a row that cannot follow it


@dataclass(slots=True)
class _Meter:
    """What one meter said last."""

    time: datetime | None = None
    behind: int = 0  # readings in a row from before `time`
    last_behind: datetime | None = None
    imported: dict[str, _Register] = field(default_factory=dict)
    exported: dict[str, _Register] = field(default_factory=dict)


class ReadingGuard:
    """Judges the readings of one line, one after the other."""

    def __init__(self, *, most_w: int | None = None) -> None:
        """Start with nothing known; ``most_w`` is what the connection can carry."""
        self._most_w = _MOST_W if most_w is None else most_w
        self._meters: dict[str | None, _Meter] = {}
        self._name: str | None = None

    @property
    def doubted(self) -> frozenset[str]:
        """The registers whose present value cannot follow the last believed one."""
        meter = self._meters.get(self._name)
        return frozenset(
            f"{name}.{key}"
            for name, registers in (() if meter is None else _fields(meter))
            for key, register in registers.items()
            if register.odd
        )

    def check(
        self, reading: Reading, at_s: float
    ) -> tuple[Reading | None, tuple[Doubt, ...]]:
        """Return what is believed of ``reading``, which came at ``at_s``, monotonic.

        None where it is an old one. A register that fell keeps its last value and is
        marked as estimated. Whatever is odd is told when it begins.
        """
        doubts: list[Doubt] = []
        meter = self._meter(reading.meter_id, doubts)
        is_old = self._is_old(meter, reading.timestamp, doubts)
        fallen = {
            name: kept
            for name, registers in _fields(meter)
            if (kept := self._kept(registers, name, reading, at_s, doubts))
        }
        if is_old:
            enough = _EXCHANGED_AFTER if fallen else _BELIEVED_AFTER
            if meter.behind <= enough:
                return None, tuple(doubts)
            # The clock was put back; where registers fell too, all was.
            meter.time, meter.behind, meter.last_behind = reading.timestamp, 0, None
            if fallen:
                self._meters[self._name] = _Meter(time=reading.timestamp)
                return reading, tuple(doubts)
        return (_held(reading, fallen) if fallen else reading), tuple(doubts)

    def _kept(
        self,
        registers: dict[str, _Register],
        name: str,
        reading: Reading,
        at_s: float,
        doubts: list[Doubt],
    ) -> dict[str, int]:
        """Judge the registers of one field; return those that fell as they stood."""
        fallen: dict[str, int] = {}
        said: Mapping[str, int] = getattr(reading, name)
        for key, energy_wh in said.items():
            if (register := registers.get(key)) is None:
                registers[key] = _Register(energy_wh, at_s)
            elif energy_wh == register.energy_wh:
                register.odd = 0
            elif self._follows(register, energy_wh, at_s, f"{name}.{key}", doubts):
                pass
            elif energy_wh < register.energy_wh:
                fallen[key] = register.energy_wh
        return fallen

    def _meter(self, name: str | None, doubts: list[Doubt]) -> _Meter:
        """Return what is known of the meter; one without a name is the last one."""
        name = self._name if name is None else name
        meter = self._meters.get(name)
        if meter is None:
            if self._name is not None:
                message = Message.of(
                    "meter_changed", before=self._name, after=str(name)
                )
                doubts.append(Doubt(kind=DoubtKind.METER_CHANGED, message=message))
            # A meter that names itself only now is the one without a name.
            meter = self._meters.pop(None, None) or _Meter()
            self._meters[name] = meter
            if len(self._meters) > _MOST_METERS:
                del self._meters[next(iter(self._meters))]
        self._name = name
        return meter

    def _is_old(
        self, meter: _Meter, time: datetime | None, doubts: list[Doubt]
    ) -> bool:
        if time is None:
            return False
        if meter.time is None or time >= meter.time:
            meter.time, meter.behind, meter.last_behind = time, 0, None
            return False
        if meter.behind == 0:
            message = Message.of("meter_time_went_back", before=meter.time, after=time)
            doubts.append(Doubt(kind=DoubtKind.TIME_WENT_BACK, message=message))
        if meter.last_behind is None or time > meter.last_behind:
            meter.behind += 1
        elif time < meter.last_behind or meter.behind == 0:
            meter.behind = 1
        meter.last_behind = time
        return True

    def _follows(
        self,
        register: _Register,
        energy_wh: int,
        at_s: float,
        name: str,
        doubts: list[Doubt],
    ) -> bool:
        """Take a value that differs if it can follow; else count how often it came."""
        rise_wh = energy_wh - register.energy_wh
        passed_s = at_s - register.since_s
        most_wh = _STEP_WH + self._most_w * passed_s / _SECONDS_PER_HOUR
        if -_ROUNDING_WH <= rise_wh <= most_wh:
            register.odd = 0
            if rise_wh > 0:
                register.energy_wh, register.since_s = energy_wh, at_s
            return True
        register.odd += 1
        before_wh = register.energy_wh
        if rise_wh > 0:
            enough, kind = _BELIEVED_AFTER, DoubtKind.ENERGY_JUMPED
            message = Message.of(
                "meter_energy_jumped", register=name, before=before_wh, after=energy_wh
            )
        elif _ran_over(before_wh, energy_wh):
            enough, kind = 1, DoubtKind.ENERGY_RAN_OVER
            message = Message.of(
                "meter_energy_ran_over",
                register=name,
                before=before_wh,
                after=energy_wh,
            )
        else:
            enough, kind = _EXCHANGED_AFTER, DoubtKind.ENERGY_FELL
            message = Message.of(
                "meter_energy_fell", register=name, before=before_wh, after=energy_wh
            )
        if register.odd == 1 or kind is DoubtKind.ENERGY_RAN_OVER:
            doubts.append(Doubt(kind=kind, message=message))
        named = kind is DoubtKind.ENERGY_FELL and self._name is not None
        if register.odd < enough or named:
            return False
        register.energy_wh, register.since_s, register.odd = energy_wh, at_s, 0
        return True


def _fields(meter: _Meter) -> Iterator[tuple[str, dict[str, _Register]]]:
    yield "import_energy_wh", meter.imported
    yield "export_energy_wh", meter.exported


def _ran_over(before_wh: int, after_wh: int) -> bool:
    digits = len(str(before_wh))
    end_wh: int = 10**digits
    near_wh = end_wh * _NEAR_THE_END
    return digits >= _FEWEST_DIGITS and end_wh - before_wh < near_wh > after_wh


def _held(reading: Reading, fallen: Mapping[str, Mapping[str, int]]) -> Reading:
    """Return ``reading`` with the values from before, marked as estimated."""
    marks = {
        f"{name}.{key}": Quality.ESTIMATED
        for name, keys in fallen.items()
        for key in keys
    }
    return replace(
        reading,
        import_energy_wh={
            **reading.import_energy_wh,
            **fallen.get("import_energy_wh", {}),
        },
        export_energy_wh={
            **reading.export_energy_wh,
            **fallen.get("export_energy_wh", {}),
        },
        quality={**reading.quality, **marks},
    )
