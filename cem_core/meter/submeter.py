"""The meters behind the meter (M interface), one for each channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cem_core.meter.value import decoded, number, timestamp
from cem_core.model import RawValue, Submeter, SubmeterKind

# EN 13757-3, table "device type identification".
_KINDS: Final = {
    2: SubmeterKind.ELECTRICITY,
    3: SubmeterKind.GAS,
    4: SubmeterKind.HEAT,
    6: SubmeterKind.WATER,
    7: SubmeterKind.WATER,
    10: SubmeterKind.COOLING,
    11: SubmeterKind.COOLING,
    12: SubmeterKind.HEAT,
    13: SubmeterKind.HEAT,
    21: SubmeterKind.WATER,
    22: SubmeterKind.WATER,
}
_VALVES: Final = {"0": "closed", "1": "open", "2": "ready"}
_UNITS: Final = {"m3": "m3", "gj": "GJ", "mj": "MJ", "wh": "Wh"}
_BEFORE_ANY_METER: Final = 2000
_LEGACY_GROUPS: Final = 7


def kind_of(code: int) -> SubmeterKind:
    """Return what a meter of device type ``code`` measures."""
    return _KINDS.get(code, SubmeterKind.UNKNOWN)


@dataclass(slots=True)
class SubmeterDraft:
    """What a telegram has said of one channel so far."""

    kind: SubmeterKind = SubmeterKind.UNKNOWN
    meter_id: str | None = None
    value: float | None = None
    unit: str | None = None
    timestamp: datetime | None = None
    valve: str | None = None
    converted: bool = False

    def say_kind(self, text: str) -> None:
        """Take the device type, three decimal digits."""
        self.kind = kind_of(int(text) if text.isdecimal() else 0)

    def say_id(self, text: str) -> None:
        """Take the equipment identifier; an empty one says nothing."""
        self.meter_id = decoded(text) if text else None

    def say_valve(self, text: str) -> None:
        """Take the valve position."""
        self.valve = _VALVES.get(text)

    def say_value(self, groups: Sequence[str], *, converted: bool) -> None:
        """Take (time)(value*unit); a converted volume goes before another.

        A channel whose meter was never read carries 0 at an undefined time or
        at one before there were such meters: no value.
        """
        if len(groups) != 2:  # noqa: PLR2004  (time)(value)
            raise ValueError("expected (time)(value)")
        if self.converted and not converted:
            return
        if not groups[1]:
            return
        when = timestamp(groups[0])
        value, unit = _value(groups[1])
        if when is None or when.year < _BEFORE_ANY_METER:
            return
        self.timestamp, self.converted = when, converted
        self.value, self.unit = value, unit

    def say_legacy_value(self, groups: Sequence[str]) -> None:
        """Take (time)(status)(period)(1)(code)(unit)(value) of DSMR 2.2 and 3.

        Its time carries no DST letter and is left out.
        """
        if len(groups) != _LEGACY_GROUPS:
            raise ValueError("expected seven values in brackets")
        self.value, self.unit = _value(f"{groups[6]}*{groups[5]}")

    def say_object(self, field: str, raw: RawValue) -> None:
        """Take an object of a binary format; the first that says something counts."""
        if field == "submeter_kind" and isinstance(raw.value, int):
            self.kind = kind_of(raw.value)
        elif field == "submeter_id" and raw.value != "":
            self.meter_id = self.meter_id or str(raw.value)
        elif field == "submeter_value":
            self._say_counter(raw)

    def _say_counter(self, raw: RawValue) -> None:
        """Take a counter, or its time, which comes as an object of the same code."""
        if raw.timestamp is not None:
            self.timestamp = self.timestamp or raw.timestamp
        elif (
            self.value is None
            and raw.unit is not None
            and not isinstance(raw.value, str)
            and raw.value >= 0
        ):
            self.value, self.unit = raw.value, raw.unit

    def submeter(self, channel: int) -> Submeter:
        """Return the finished submeter."""
        return Submeter(
            channel=channel,
            kind=self.kind,
            meter_id=self.meter_id,
            timestamp=self.timestamp,
            value=self.value,
            unit=self.unit,
            valve=self.valve,
        )


def _value(text: str) -> tuple[float, str | None]:
    if (read := number(text)) is None:
        raise ValueError(f"{text!r} is no number")
    value, unit = read
    if value < 0:
        raise ValueError(f"{text!r} is negative")
    if unit is None:
        return value, None
    lower = unit.lower()
    if lower == "kwh":
        return round(value * 1000), "Wh"
    return value, _UNITS.get(lower, unit)
