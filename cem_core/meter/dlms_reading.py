"""The objects of a pushed list -> `Reading`: scales, units, signs, identifiers."""

from collections.abc import Mapping
from datetime import datetime
import math
import re
from typing import Final

from cem_core.meter import axdr, cosem_time
from cem_core.meter.dlms_list import UNLABELLED_ID, VERSION, Entry, Listing
from cem_core.meter.draft import Draft
from cem_core.meter.obis import TABLE, Quantity
from cem_core.model import RawValue, Reading

# IEC 62056-6-2, "enumerated values of physical units".
_UNITS: Final = {
    6: "min",
    7: "s",
    8: "°",
    9: "°C",
    13: "m3",
    14: "m3",
    25: "J",
    27: "W",
    28: "VA",
    29: "var",
    30: "Wh",
    31: "VAh",
    32: "varh",
    33: "A",
    35: "V",
    44: "Hz",
    56: "%",
}
_NO_UNIT: Final = 255
_MOST_POWER_OF_TEN: Final = 18

# What a list without scales means by 1, by maker; powers of ten. The lists of
# Norway (NVE) state theirs; the others are those of Iskraemeco and Landis+Gyr.
_OTHERS: Final = {"V": -1, "A": -2, "": -3}
_SCALES: Final = {
    "Kaifa": {"V": -1, "A": -3, "": -3},
    "Kamstrup": {"V": 0, "A": -2, "Wh": 1, "varh": 1, "VAh": 1, "": -2},
    "Landis+Gyr": {"V": 0, "A": -2, "": -3},
}
_LANDIS: Final = "Landis+Gyr"
_HIGHEST_VOLTAGE_V: Final = 1000  # from here on whole volts are tenths of one
_PRESENT: Final = 7
_INTEGRAL: Final = 8
# Value group C of phase 0 (the total), the phases add 20, 40 and 60.
_UNIT_OF_GROUP: Final = {
    **dict.fromkeys((1, 2, 15, 16), "W"),
    **dict.fromkeys(range(3, 9), "var"),
    **dict.fromkeys((9, 10), "VA"),
    11: "A",
    12: "V",
    13: "",
}
_GROUPS_OF_A_PHASE: Final = 20
_VOLTAGES: Final = ("1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0")
_CURRENTS: Final = ("1-0:31.7.0", "1-0:51.7.0", "1-0:71.7.0")
_CODE: Final = re.compile(r"1-\d+:(\d+)\.(\d+)\.\d+")
_CHANNEL: Final = re.compile(r"^1-\d+:")

# The channels of the meters behind this one (IEC 62056-6-1: abstract objects, channel in group B).
_BEHIND: Final = re.compile(r"0-[1-9]:(?:24|96)\.\d+\.\d+")
_MEDIUM_CLOCK: Final = re.compile(r"0-\d+:1\.0\.0")
_TARIFF: Final = "0-0:96.14.0"
_METER_ID: Final = "0-0:96.1.1"  # whose field is the meter's identifier
# The meter's own number before the operator's, before the device's name; 1-1 is
# Kamstrup, who keep their type under 1-1:96.1.1.
_IDENTIFIERS: Final = (
    *("0-0:96.1.0", "1-1:0.0.5", "1-1:0.0.1", "1-0:0.0.0", "0-0:96.1.1"),
    *("0-0:42.0.0", UNLABELLED_ID),
)


def reading(listing: Listing, sent_at: datetime | None) -> Reading | None:
    """Return what ``listing`` says, None when it says nothing.

    ``sent_at`` is the time of the notification, for a list without a clock. Raises
    ValueError when a value is impossible.
    """
    draft = Draft()
    said: dict[str, RawValue] = {}
    scales = _scales(listing)
    for entry in listing.entries:
        for raw in _raw_values(entry, scales):
            draft.keep(raw)
            said.setdefault(raw.code, raw)
            if _BEHIND.fullmatch(raw.code):
                # Value and time of capture are objects of the same code.
                draft.say_value(raw.code, raw)
    if not said:
        return None
    _say_time(draft, said, sent_at)
    for code in _IDENTIFIERS:
        if code in said and said[code].value != "":
            draft.say_value(_METER_ID, said[code])
            break
    if (version := said.get(VERSION) or said.get("1-0:0.2.129")) is not None:
        draft.say_value("1-3:0.2.8", version)
    for code, raw in said.items():
        if not _BEHIND.fullmatch(code):
            _say(draft, code, raw)
    return draft.reading("dlms")


def _say_time(
    draft: Draft, said: dict[str, RawValue], sent_at: datetime | None
) -> None:
    clock = (raw for code, raw in said.items() if _MEDIUM_CLOCK.fullmatch(code))
    known = next((raw for raw in clock if raw.timestamp is not None), None)
    if known is None and sent_at is not None:
        known = RawValue(code="0-0:1.0.0", value="", timestamp=sent_at)
    if known is not None:
        draft.say_value("0-0:1.0.0", known)


def _say(draft: Draft, code: str, raw: RawValue) -> None:
    plain = _CHANNEL.sub("1-0:", code)  # 1-1 is the same measurement as 1-0
    item = TABLE.get(plain)
    if item is None or code in _IDENTIFIERS or item.field in ("timestamp", "version"):
        return
    if isinstance(item.content, Quantity):
        if isinstance(raw.value, str):
            return  # an event or a text under the code of a number
        if raw.unit is None and "" not in item.content.factors:
            return  # nobody says what it is measured in
    draft.say_value(plain, raw)


def _scales(listing: Listing) -> Mapping[str, int]:
    """Return the power of ten of each unit where the list says none.

    Landis+Gyr's E360 comes with tenths of a volt and with whole ones, the E570 behind
    current transformers with whole amperes: whichever the physics leave.
    """
    scales = _SCALES.get(listing.maker, _OTHERS)
    if listing.maker != _LANDIS:
        return scales
    numbers = {
        entry.code: entry.node.number or 0
        for entry in listing.entries
        if entry.scale is None
    }
    voltages = [numbers.get(code, 0) for code in _VOLTAGES]
    volt = -1 if max(voltages) >= _HIGHEST_VOLTAGE_V else 0
    currents = (numbers.get(code, 0) for code in _CURRENTS)
    apparent = sum(u * i for u, i in zip(voltages, currents, strict=True))
    active = max(numbers.get("1-0:1.7.0", 0), numbers.get("1-0:2.7.0", 0))
    ampere = scales["A"]
    if 0 < apparent * 10.0 ** (volt + ampere) < active / 2:
        ampere = 0
    return {**scales, "V": volt, "A": ampere}


def _raw_values(entry: Entry, scales: Mapping[str, int]) -> list[RawValue]:
    """Return ``entry`` as raw values: one, none for null, more for a list."""
    node = entry.node
    if node.items:
        return [
            raw
            for item in node.items
            for raw in _raw_values(Entry(entry.code, item), scales)
        ]
    if node.value is None or isinstance(node.value, tuple):
        return []
    if isinstance(node.value, bytes):
        return [_bytes(entry.code, node.value)]
    if isinstance(node.value, str):
        return [RawValue(code=entry.code, value=node.value.rstrip("\0"))]
    if isinstance(node.value, bool) or node.tag == axdr.ENUM:
        return [RawValue(code=entry.code, value=int(node.value))]
    return [_number(entry, node.value, scales)]


def _bytes(code: str, raw: bytes) -> RawValue:
    when = cosem_time.read(raw)
    if when is not None:
        return RawValue(code=code, value=when.text, timestamp=when.utc)
    if code == _TARIFF:
        return RawValue(code=code, value=int.from_bytes(raw))
    text = raw.rstrip(b"\0").decode("latin-1")
    readable = text.isascii() and text.isprintable()
    return RawValue(code=code, value=text if readable else raw.hex())


def _number(entry: Entry, value: float, scales: Mapping[str, int]) -> RawValue:
    if not math.isfinite(value):
        raise ValueError(f"{entry.code}: {value} is no number")
    power, unit = 0, None
    if entry.scale is not None:
        power, enumerated = entry.scale
        unit = _UNITS.get(enumerated)
        if unit is None and enumerated != _NO_UNIT:
            unit = f"unit {enumerated}"
        if abs(power) > _MOST_POWER_OF_TEN:
            raise ValueError(f"{entry.code}: 10^{power} is no scale")
    elif (assumed := _assumed_unit(entry.code)) is not None:
        power, unit = scales.get(assumed, 0), assumed or None
    scaled = value * 10**power if power >= 0 else value / 10**-power
    return RawValue(code=entry.code, value=scaled, unit=unit)


def _assumed_unit(code: str) -> str | None:
    """Return the unit that the code has where the list says none."""
    if (found := _CODE.fullmatch(code)) is None:
        return None
    group, kind = int(found[1]), int(found[2])
    if group >= 4 * _GROUPS_OF_A_PHASE:
        return None
    unit = _UNIT_OF_GROUP.get(group % _GROUPS_OF_A_PHASE)
    if kind == _PRESENT:
        return unit
    return f"{unit}h" if kind == _INTEGRAL and unit in ("W", "var", "VA") else None
