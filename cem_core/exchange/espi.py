"""Load curves as Green Button: an Atom feed of ESPI resources (NAESB REQ.21).

A curve is a UsagePoint (its meter), a MeterReading (its register), a ReadingType and one
IntervalBlock. Energy is in Wh (uom 72) of an interval (accumulationBehaviour 4), import
is flowDirection 1, export 19; times are seconds since 1970 at the start. Quality of an
interval: 14 raw, 19 revenue quality (an MID register), 11 derived (calculated), 9
estimated by linear interpolation; one that is missing is left out of its block.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5
from xml.sax.saxutils import escape

from cem_core.exchange import xml_tree
from cem_core.exchange.curve import TOTALS, CurveError, Interval, LoadCurve, Status
from cem_core.exchange.values import (
    epoch,
    filled,
    identity,
    interval,
    length,
    obis,
    put,
    some,
    utc,
    whole,
)
from cem_core.exchange.xml_tree import Element
from cem_core.model import Direction

ATOM: Final = "http://www.w3.org/2005/Atom"
ESPI: Final = "http://naesb.org/espi"
_SPACE: Final = UUID("c3a7e5a0-5d0c-5b4e-9d9b-6f0c5a1f7e11")
_FLOWS: Final = {Direction.IMPORT: 1, Direction.EXPORT: 19}
_WH: Final = 72
_RAW, _REVENUE, _DERIVED, _LINEAR = 14, 19, 11, 9
_DERIVED_KINDS: Final = (_DERIVED, 13, 15)  # also mixed, normalised for weather
_ESTIMATES: Final = (7, 8, _LINEAR, 12)  # edited by hand, by a day like it, projected
_SCALES: Final = range(-6, 10)  # a power of ten


def write(curves: Sequence[LoadCurve], made: datetime) -> str:
    """Return the feed; ``made`` is when its entries were made."""
    seed = uuid5(_SPACE, f"{utc(made)} {[curve.meter_id for curve in curves]}")
    entries = "".join(
        f"  <entry>\n   <id>urn:uuid:{uuid5(seed, path)}</id>\n"
        f'   <link rel="self" href="{path}"/>\n'
        f'   <link rel="up" href="{path.rpartition("/")[0]}"/>\n{links}'
        f"   <title>{escape(title)}</title>\n   <content>\n{content}   </content>\n"
        f"   <published>{utc(made)}</published>\n   <updated>{utc(made)}</updated>\n"
        "  </entry>\n"
        for path, links, title, content in _entries(curves)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xmlns="{ATOM}">\n'
        f"  <id>urn:uuid:{seed}</id>\n"
        "  <title>Load curves of a Consumer Energy Manager</title>\n"
        f"  <updated>{utc(made)}</updated>\n{entries}</feed>\n"
    )


def read(data: str | bytes) -> tuple[LoadCurve, ...]:
    """Return the curves in a feed. Raises `CurveError` with the line.

    Blocks are joined to their reading type by their links, as the standard has it, or,
    in feeds without links, by their order.
    """
    feed = xml_tree.parse(data)
    if feed.name != "feed" or feed.space != ATOM:
        raise CurveError(f"{feed.where}: no Atom feed")
    entries = [
        _Entry(entry, resource)
        for entry in feed.all("entry")
        for resource in entry.get("content").children
    ]
    readings = [entry for entry in entries if entry.kind == "MeterReading"]
    found = (_read(entries, reading) for reading in readings)
    return some((curve for curve in found if curve is not None), "Green Button")


def _entries(
    curves: Sequence[LoadCurve],
) -> Iterator[tuple[str, str, str, str]]:
    points = {meter: n for n, meter in enumerate({c.meter_id: 0 for c in curves}, 1)}
    for meter_id, number in points.items():
        point = f"UsagePoint/{number:02}"
        content = (
            f'    <UsagePoint xmlns="{ESPI}">\n     <ServiceCategory><kind>0</kind>'
            "</ServiceCategory>\n    </UsagePoint>\n"
        )
        yield point, _link("related", f"{point}/MeterReading"), meter_id, content
    for number, curve in enumerate(curves, 1):
        kind = f"ReadingType/{number:02}"
        reading = f"UsagePoint/{points[curve.meter_id]:02}/MeterReading/{number:02}"
        block = f"{reading}/IntervalBlock"
        links = _link("related", block) + _link("related", kind)
        content = f'    <MeterReading xmlns="{ESPI}"/>\n'
        yield reading, links, curve.register, content
        yield kind, "", curve.billing, _reading_type(curve)
        yield f"{block}/01", "", "", _block(curve)


def _link(rel: str, href: str) -> str:
    return f'   <link rel="{rel}" href="{href}"/>\n'


def _reading_type(curve: LoadCurve) -> str:
    fields = {
        "accumulationBehaviour": 4,
        "commodity": 1,
        "dataQualifier": 12,
        "flowDirection": _FLOWS[curve.direction],
        "intervalLength": int(curve.resolution.total_seconds()),
        "kind": 12,
        "powerOfTenMultiplier": 0,
        "timeAttribute": 0,
        "uom": _WH,
    }
    lines = "".join(f"     <{k}>{v}</{k}>\n" for k, v in fields.items())
    return f'    <ReadingType xmlns="{ESPI}">\n{lines}    </ReadingType>\n'


def _block(curve: LoadCurve) -> str:
    seconds = int(curve.resolution.total_seconds())
    readings = "".join(
        "     <IntervalReading>\n      <ReadingQuality><quality>"
        f"{_quality(curve, each)}</quality></ReadingQuality>\n"
        f"      <timePeriod>{_period(each.start, seconds)}</timePeriod>\n"
        f"      <value>{each.energy_wh}</value>\n     </IntervalReading>\n"
        for each in curve.intervals
        if each.energy_wh is not None
    )
    whole_s = int((curve.end - curve.start).total_seconds())
    return (
        f'    <IntervalBlock xmlns="{ESPI}">\n'
        f"     <interval>{_period(curve.start, whole_s)}</interval>\n{readings}"
        "    </IntervalBlock>\n"
    )


def _period(start: datetime, seconds: int) -> str:
    return f"<duration>{seconds}</duration><start>{int(start.timestamp())}</start>"


def _quality(curve: LoadCurve, each: Interval) -> int:
    match each.status:
        case Status.METERED:
            return _REVENUE if curve.mid else _RAW
        case Status.CALCULATED:
            return _DERIVED
        case _:
            return _LINEAR


class _Entry:
    """A resource of the feed and the links of its entry, which may hold several."""

    def __init__(self, entry: Element, resource: Element) -> None:
        title = entry.find("title")
        self.title = None if title is None else title.text
        self.links = {
            (link.attributes.get("rel"), link.attributes.get("href", "").rstrip("/"))
            for link in entry.all("link")
        }
        self.resource = resource
        self.kind = self.resource.name
        self.itself = next((h for rel, h in self.links if rel == "self"), None)

    def related(self, other: _Entry) -> bool:
        """Tell whether this entry links to ``other``, or to the list it is in."""
        if other.itself is None:
            return False
        targets = {href for rel, href in self.links if rel == "related"}
        return bool(targets & {other.itself, other.itself.rpartition("/")[0]})


def _read(entries: list[_Entry], reading: _Entry) -> LoadCurve | None:
    blocks = [e for e in entries if e.kind == "IntervalBlock" and reading.related(e)]
    types = [e for e in entries if e.kind == "ReadingType" and reading.related(e)]
    if not blocks:  # a feed without links: what follows belongs to it
        rest = entries[entries.index(reading) + 1 :]
        ends = next((n for n, e in enumerate(rest) if e.kind == "MeterReading"), None)
        blocks = [e for e in rest[:ends] if e.kind == "IntervalBlock"]
    types = types or [e for e in entries if e.kind == "ReadingType"]
    if not types:
        raise CurveError(f"{reading.resource.where}: no ReadingType for it")
    kind = types[0].resource
    if not blocks or _number(kind, "uom", _WH) != _WH:
        return None  # of power, voltage or water: no energy
    where = reading.resource.where
    scale = _number(kind, "powerOfTenMultiplier", 0)
    if scale not in _SCALES:
        raise CurveError(f"{kind.where}: a power of ten of {scale}")
    flow = _number(kind, "flowDirection", 1)
    sides = {number: side for side, number in _FLOWS.items()}
    if flow not in sides:
        raise CurveError(f"{kind.where}: flowDirection {flow} is not read (1, 19)")
    have, mid = _intervals(blocks, scale)
    seconds = kind.find("intervalLength")
    return filled(
        meter_id=identity(_meter(entries, reading), where),
        direction=sides[flow],
        register=_register(reading.title, sides[flow], where),
        resolution=_resolution(blocks)
        if seconds is None
        else length(seconds.text, seconds.where),
        have=have,
        span=_span(blocks),
        mid=mid,
        where=where,
    )


def _intervals(
    blocks: list[_Entry], scale: int
) -> tuple[dict[datetime, Interval], bool]:
    have: dict[datetime, Interval] = {}
    mid = False
    for block in blocks:
        for each in block.resource.all("IntervalReading"):
            start = each.get("timePeriod", "start")
            quality = _number(each, "quality", _RAW, "ReadingQuality")
            mid |= quality == _REVENUE
            value = each.find("value")
            energy_wh = None if value is None else _scaled(value, scale)
            at = epoch(start.text, start.where)
            put(have, interval(at, energy_wh, _status(quality)), each.where)
    return have, mid


def _scaled(value: Element, scale: int) -> int:
    number = whole(value.text, value.where)
    if scale >= 0:
        return number * int(10**scale)
    per = int(10**-scale)
    energy_wh, rest = divmod(number, per)
    return energy_wh + (2 * rest >= per)


def _status(quality: int) -> Status:
    if quality in _ESTIMATES:
        return Status.ESTIMATED
    return Status.CALCULATED if quality in _DERIVED_KINDS else Status.METERED


def _number(element: Element, name: str, default: int, *path: str) -> int:
    found = element.find(*path, name)
    return default if found is None else whole(found.text, found.where)


def _meter(entries: list[_Entry], reading: _Entry) -> str:
    points = [entry for entry in entries if entry.kind == "UsagePoint"]
    for point in points:
        if point.itself and (reading.itself or "").startswith(f"{point.itself}/"):
            return point.title or point.itself
    return (points[0].title if points else None) or "unknown"


def _register(title: str | None, side: Direction, where: str) -> str:
    try:
        return obis(title or "", where)
    except CurveError:
        return TOTALS[side]  # the title is free text in feeds of others


def _span(blocks: list[_Entry]) -> tuple[datetime, datetime] | None:
    spans = []
    for block in blocks:
        if (whole_ := block.resource.find("interval")) is None:
            return None
        start, lasts = whole_.get("start"), whole_.get("duration")
        begins = epoch(start.text, start.where)
        seconds = whole(lasts.text, lasts.where)
        spans.append((begins, epoch(str(int(begins.timestamp()) + seconds), "")))
    return min(begins for begins, _ in spans), max(ends for _, ends in spans)


def _resolution(blocks: list[_Entry]) -> timedelta:
    lasts = blocks[0].resource.get("IntervalReading", "timePeriod", "duration")
    return length(lasts.text, lasts.where)
