"""Load curves as CIM MeterReadings (IEC 61968-9, edition 2: schema of 2011).

A MeterReading a meter, an IntervalBlocks a register, whose OBIS code is the name of its
ReadingType. The time of an IntervalReadings is
the END of its interval. The reading type says the rest in eighteen numbers (annex C):
period of measuring, 4 delta data, flow 1 forward or 19 reverse, commodity 1 electricity,
kind 12 energy, unit 72 Wh. Qualities (annex D), system 2: 2.0.0 valid, 2.11.0 derived
(calculated), 2.8.0 estimated, 2.5.259 known missing read (without a value).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape

from cem_core.exchange import xml_tree
from cem_core.exchange.curve import (
    MID_REGISTER,
    TOTALS,
    CurveError,
    Interval,
    LoadCurve,
    Status,
)
from cem_core.exchange.values import (
    filled,
    identity,
    instant,
    interval,
    obis,
    put,
    some,
    utc,
    whole,
)
from cem_core.exchange.xml_tree import Element
from cem_core.model import Direction

SPACE: Final = "http://iec.ch/TC57/2011/MeterReadings#"
_PERIODS: Final = {
    1: timedelta(minutes=10),
    2: timedelta(minutes=15),
    3: timedelta(minutes=1),
    4: timedelta(hours=24),
    5: timedelta(minutes=30),
    6: timedelta(minutes=5),
    7: timedelta(minutes=60),
}
_FLOWS: Final = {Direction.IMPORT: 1, Direction.EXPORT: 19}
_QUALITIES: Final = {
    Status.METERED: "2.0.0",
    Status.CALCULATED: "2.11.0",
    Status.ESTIMATED: "2.8.0",
    Status.MISSING: "2.5.259",
}
_DELTA, _ENERGY, _WH, _FIELDS = 4, 12, 72, 18
_SCALES: Final = range(-3, 10)
# Places in a reading type, from 0.
_AT_PERIOD, _AT_ACCUMULATION, _AT_FLOW, _AT_KIND = 2, 3, 4, 6
_AT_TARIFF, _AT_SCALE, _AT_UNIT = 11, 15, 16


def write(curves: Sequence[LoadCurve]) -> str:
    """Return the document. Raises `CurveError` for a period that CIM has no code for."""
    readings = "".join(
        f" <MeterReading>\n{''.join(map(_block, group))}"
        f"  <Meter>\n   <Names><name>{escape(meter_id)}</name></Names>\n  </Meter>\n"
        " </MeterReading>\n"
        for meter_id, group in groupby(curves, key=lambda curve: curve.meter_id)
    )
    kinds = {_reading_type(curve): curve.register for curve in curves}
    if any(kinds[_reading_type(curve)] != curve.register for curve in curves):
        raise CurveError("CIM: two registers of the same tariff and direction")
    types = "".join(
        f" <ReadingType>\n  <mRID>{kind}</mRID>\n"
        f"  <Names><name>{register}</name></Names>\n </ReadingType>\n"
        for kind, register in kinds.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<MeterReadings xmlns="{SPACE}">\n{readings}{types}</MeterReadings>\n'
    )


def read(data: str | bytes) -> tuple[LoadCurve, ...]:
    """Return the curves in a document, or in a message's payload.

    Raises `CurveError` with the line.
    """
    root = xml_tree.parse(data)
    readings = [root] if root.name == "MeterReadings" else [*root.walk("MeterReadings")]
    if not readings:
        raise CurveError(f"{root.where}: no MeterReadings in it")
    names = {
        kind.get("mRID").text: name.text
        for document in readings
        for kind in document.all("ReadingType")
        if (name := kind.find("Names", "name")) is not None
    }
    found = (
        _read(reading, block, names)
        for document in readings
        for reading in document.all("MeterReading")
        for block in reading.all("IntervalBlocks")
    )
    return some(found, "CIM")


def _reading_type(curve: LoadCurve) -> str:
    for code, period in _PERIODS.items():
        if period == curve.resolution:
            flow, tariff = _FLOWS[curve.direction], curve.register.rpartition(".")[2]
            return f"0.0.{code}.4.{flow}.1.12.0.0.0.0.{tariff}.0.0.0.0.72.0"
    raise CurveError(f"CIM has no period of {curve.resolution}")


def _block(curve: LoadCurve) -> str:
    rows = "".join(
        "   <IntervalReadings>\n"
        f"    <timeStamp>{utc(each.start + curve.resolution)}</timeStamp>\n"
        f"{_value(each)}    <ReadingQualities>\n"
        f"     <comment>{curve.billing_of(each)}</comment>\n"
        f'     <ReadingQualityType ref="{_QUALITIES[each.status]}"/>\n'
        "    </ReadingQualities>\n   </IntervalReadings>\n"
        for each in curve.intervals
    )
    return (
        f"  <IntervalBlocks>\n{rows}"
        f'   <ReadingType ref="{_reading_type(curve)}"/>\n  </IntervalBlocks>\n'
    )


def _value(each: Interval) -> str:
    if each.energy_wh is None:
        return ""
    return f"    <value>{each.energy_wh}</value>\n"


def _read(reading: Element, block: Element, names: Mapping[str, str]) -> LoadCurve:
    kind = block.get("ReadingType")
    direction, resolution, scale = _described(kind)
    have: dict[datetime, Interval] = {}
    mid = False
    for each in block.all("IntervalReadings"):
        ends = each.get("timeStamp")
        start = instant(ends.text, ends.where) - resolution
        value = each.find("value")
        energy_wh = None if value is None else _energy(value, scale)
        mid |= any(q.text == MID_REGISTER for q in each.walk("comment"))
        put(have, interval(start, energy_wh, _status(each)), each.where)
    return filled(
        meter_id=identity(_meter(reading), reading.where),
        direction=direction,
        register=_register(kind, names, direction),
        resolution=resolution,
        have=have,
        mid=mid,
        where=block.where,
    )


def _described(kind: Element) -> tuple[Direction, timedelta, int]:
    reference = kind.attributes.get("ref", "")
    numbers = [whole(part, kind.where) for part in reference.split(".")]
    if len(numbers) != _FIELDS:
        raise CurveError(f"{kind.where}: {reference!r} has not eighteen numbers")
    sides = {number: side for side, number in _FLOWS.items()}
    usable = (
        numbers[_AT_ACCUMULATION] == _DELTA
        and numbers[_AT_KIND] == _ENERGY
        and numbers[_AT_UNIT] == _WH
        and numbers[_AT_FLOW] in sides
        and numbers[_AT_PERIOD] in _PERIODS
        and numbers[_AT_SCALE] in _SCALES
    )
    if not usable:
        raise CurveError(f"{kind.where}: {reference} is no energy of intervals in Wh")
    period = _PERIODS[numbers[_AT_PERIOD]]
    return sides[numbers[_AT_FLOW]], period, numbers[_AT_SCALE]


def _register(kind: Element, names: Mapping[str, str], direction: Direction) -> str:
    """Return the OBIS code that the reading type is named by, else one of its tariff."""
    reference = kind.attributes["ref"]
    try:
        return obis(names.get(reference, ""), kind.where)
    except CurveError:
        total, _, _ = TOTALS[direction].rpartition(".")
        return f"{total}.{int(reference.split('.')[_AT_TARIFF])}"


def _energy(value: Element, scale: int) -> int:
    try:
        energy_wh = Decimal(value.text) * Decimal(10) ** scale
    except InvalidOperation:
        energy_wh = Decimal("NaN")
    if not energy_wh.is_finite() or abs(energy_wh) >= Decimal(10) ** 18:
        raise CurveError(f"{value.where}: {value.text[:40]!r} is no number")
    return round(energy_wh)


def _status(each: Element) -> Status:
    """Return the worst of the qualities; the system that says so does not matter."""
    statuses = [
        _of_quality(quality.attributes.get("ref", ""))
        for quality in each.walk("ReadingQualityType")
    ]
    order = list(Status)
    return max(statuses, key=order.index, default=Status.METERED)


def _of_quality(reference: str) -> Status:
    category = reference.split(".")[1:2]
    if category == ["8"]:
        return Status.ESTIMATED
    return Status.CALCULATED if category == ["11"] else Status.METERED


def _meter(reading: Element) -> str:
    for path in (("Meter", "Names", "name"), ("Meter", "mRID")):
        if (found := reading.find(*path)) is not None and found.text:
            return found.text
    raise CurveError(f"{reading.where}: no Meter with a name")
