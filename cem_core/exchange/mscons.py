"""Load curves as MSCONS (UN/EDIFACT D.04B in the German use, BDEW MIG 2.4c).

One interchange with one message a meter: LOC+172 its location, RFF+MG its number, a LIN
a register, PIA+5 the OBIS code of the profile (C.29.E where the register is C.8.E), QTY in
kWh with DTM 163 and 164, when its interval begins and ends, in UTC. Qualifiers of QTY:
220 true value (metered), Z18 preliminary value (calculated: an end is interpolated), 67
substitute value with STS+Z32++Z92, by interpolation (estimated). What is missing has no
QTY; the span in the group NAD+DP says that it belongs there. IMD says what it is good for.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import groupby
import re
from typing import Final

from cem_core.exchange.curve import (
    MID_REGISTER,
    NOT_FOR_BILLING,
    CurveError,
    Interval,
    LoadCurve,
    Status,
)
from cem_core.exchange.edifact import Segment, segment, segments
from cem_core.exchange.values import (
    filled,
    identity,
    instant,
    interval,
    obis,
    put,
    some,
)
from cem_core.model import Direction

RELEASE: Final = "2.4c"
NOBODY: Final = "9900000000000"  # a market partner's code has thirteen digits
_CODES: Final = {
    Status.METERED: "220",
    Status.CALCULATED: "Z18",
    Status.ESTIMATED: "67",
}
# 79, 187 and 201: a sum, a forecast and a proposal.
_STATUSES: Final = {code: status for status, code in _CODES.items()} | {
    "79": Status.CALCULATED,
    "187": Status.ESTIMATED,
    "201": Status.ESTIMATED,
    "20": Status.MISSING,  # a value that cannot be used
}
_INTERPOLATED: Final = "Z92"
_BEGIN, _END, _MADE = "163", "164", "137"
_TIME: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)([+-]\d\d)")
_SIDES: Final = {"1": Direction.IMPORT, "2": Direction.EXPORT}
_WH_PER: Final = {"WHR": 1, "KWH": 1000, "MWH": 1_000_000}
_PROFILE, _TOTAL = "29", "8"  # OBIS group D
_LETTERS: Final = "latin-1"  # UNOC


def write(
    curves: Sequence[LoadCurve],
    made: datetime,
    *,
    sender: str = NOBODY,
    recipient: str = NOBODY,
) -> str:
    """Return the interchange. Raises `CurveError` for signs that UNOC does not have."""
    reference = f"{made:%y%m%d%H%M%S}"
    parties = (sender, "500"), (recipient, "500")
    date = f"{made:%y%m%d}", f"{made:%H%M}"
    messages = [
        _message(number, list(group), made, sender, recipient)
        for number, (_, group) in enumerate(
            groupby(curves, key=lambda curve: curve.meter_id), 1
        )
    ]
    text = "".join(
        (
            "UNA:+.? '",
            segment("UNB", ("UNOC", "3"), *parties, date, reference, "", "TL"),
            *messages,
            segment("UNZ", str(len(messages)), reference),
        )
    )
    try:
        text.encode(_LETTERS)
    except UnicodeEncodeError as error:
        wrong = text[error.start : error.end]
        raise CurveError(f"MSCONS (UNOC) has no sign {wrong!r}") from error
    return text


def read(text: str) -> tuple[LoadCurve, ...]:
    """Return the curves in an interchange. Raises `CurveError` with the segment."""
    found = [item for message in _messages(text) for item in _items(message)]
    return some((item.curve() for item in found), "MSCONS")


def _message(
    number: int, curves: list[LoadCurve], made: datetime, sender: str, recipient: str
) -> str:
    meter_id = curves[0].meter_id
    start = min(curve.start for curve in curves)
    end = max(curve.end for curve in curves)
    body = [
        segment("UNH", str(number), ("MSCONS", "D", "04B", "UN", RELEASE)),
        segment("BGM", "7", f"{made:%Y%m%d%H%M%S}-{number}", "9"),
        _time(_MADE, made),
        segment("RFF", ("Z13", "13025")),
        segment("NAD", "MS", (sender, "", "293")),
        segment("NAD", "MR", (recipient, "", "293")),
        segment("UNS", "D"),
        segment("NAD", "DP"),
        segment("LOC", "172", meter_id),
        _time(_BEGIN, start),
        _time(_END, end),
        segment("RFF", ("MG", meter_id)),
    ]
    for place, curve in enumerate(curves, 1):
        body += _lines(place, curve)
    return "".join((*body, segment("UNT", str(len(body) + 1), str(number))))


def _lines(place: int, curve: LoadCurve) -> Iterator[str]:
    yield segment("LIN", str(place))
    yield segment("PIA", "5", (_profile(curve.register), "SRW"))
    backed_by = MID_REGISTER if curve.mid else NOT_FOR_BILLING
    yield segment("IMD", "F", "", ("", "", "", backed_by))
    for each in curve.intervals:
        if each.energy_wh is None:
            continue
        kwh = f"{each.energy_wh // 1000}.{each.energy_wh % 1000:03}"
        yield segment("QTY", (_CODES[each.status], kwh, "KWH"))
        yield _time(_BEGIN, each.start)
        yield _time(_END, each.start + curve.resolution)
        if each.status is Status.ESTIMATED:
            yield segment("STS", "Z32", "", _INTERPOLATED)


def _time(kind: str, time: datetime) -> str:
    return segment("DTM", (kind, f"{time:%Y%m%d%H%M}+00", "303"))


def _profile(register: str) -> str:
    head, _, rest = register.partition(":")
    c, d, e = rest.split(".")
    return f"{head}:{c}.{_PROFILE if d == _TOTAL else d}.{e}"


def _register(code: str, where: str) -> tuple[str, Direction]:
    head, _, rest = obis(code, where).partition(":")
    c, d, e = rest.split(".")
    if c not in _SIDES:
        raise CurveError(f"{where}: {code} is no active energy (1 import, 2 export)")
    return f"{head}:{c}.{_TOTAL if d == _PROFILE else d}.{e}", _SIDES[c]


@dataclass(slots=True)
class _Message:
    """The segments between UNH and UNT."""

    segments: list[Segment] = field(default_factory=list)


def _messages(text: str) -> Iterator[_Message]:
    message: _Message | None = None
    count, reference = 0, ""
    closed = False
    for each in segments(text):
        match each.tag:
            case "UNB":
                reference = each.get(4)
            case "UNH":
                _refuse_unless(each.get(1) == "MSCONS", each, "it is no MSCONS")
                message, count = _Message(), count + 1
            case "UNT":
                _refuse_unless(message is not None, each, "no UNH before it")
                if message is not None:
                    length = len(message.segments) + 2
                    fits = each.get(0) == str(length)
                    _refuse_unless(fits, each, f"there are {length} segments")
                    yield message
                message = None
            case "UNZ":
                fits = each.get(0) == str(count) and each.get(1) == reference
                _refuse_unless(fits, each, f"there are {count} messages of {reference}")
                closed = True
            case _:
                _refuse_unless(message is not None, each, "outside of a message")
                if message is not None:
                    message.segments.append(each)
    if message is not None or not closed:
        raise CurveError("the interchange does not end with UNT and UNZ")


@dataclass(slots=True, kw_only=True)
class _Value:
    segment: Segment
    begin: datetime | None = None
    end: datetime | None = None


@dataclass(slots=True, kw_only=True)
class _Item:
    """A LIN: a register, its values, and the span of the point it belongs to."""

    line: Segment
    meter_id: str
    span: dict[str, datetime]
    register: Segment | None = None
    mid: bool = False
    values: list[_Value] = field(default_factory=list)

    def curve(self) -> LoadCurve:
        """Return its curve. Raises `CurveError`."""
        where = self.line.where
        if self.register is None:
            raise CurveError(f"{where}: no PIA+5 with an OBIS code")
        register, direction = _register(self.register.get(1), self.register.where)
        have: dict[datetime, Interval] = {}
        resolution: timedelta | None = None
        for value in self.values:
            if value.begin is None or value.end is None:
                raise CurveError(
                    f"{value.segment.where}: no DTM+163 and DTM+164 for it"
                )
            lasts = value.end - value.begin
            if resolution is not None and lasts != resolution:
                raise CurveError(
                    f"{value.segment.where}: an interval of {lasts} among those of "
                    f"{resolution}"
                )
            resolution = lasts
            put(have, _interval(value.begin, value.segment), value.segment.where)
        if resolution is None:
            raise CurveError(f"{where}: no values")
        both = _BEGIN in self.span and _END in self.span
        return filled(
            meter_id=identity(self.meter_id, where),
            direction=direction,
            register=register,
            resolution=resolution,
            have=have,
            span=(self.span[_BEGIN], self.span[_END]) if both else None,
            mid=self.mid,
            where=where,
        )


def _items(message: _Message) -> Iterable[_Item]:
    items: list[_Item] = []
    meter_id, span = "", dict[str, datetime]()
    value: _Value | None = None
    inside = False  # of a LIN
    for each in message.segments:
        match each.tag, each.get(0):
            case "NAD", "DP":
                meter_id, span, inside, value = "", {}, False, None
            case ("LOC", "172") | ("LOC", "237") if not inside:
                meter_id = meter_id or each.get(1)
            case "RFF", "MG" if not inside:
                meter_id = each.get(0, 1)
            case "LIN", _:
                items.append(_Item(line=each, meter_id=meter_id, span=span))
                inside, value = True, None
            case "PIA", "5" if inside:
                items[-1].register = each
            case "IMD", _ if inside:
                items[-1].mid = each.get(2, 3) == MID_REGISTER
            case "QTY", _ if inside:
                value = _Value(segment=each)
                items[-1].values.append(value)
            case "DTM", kind if kind in (_BEGIN, _END):
                _take_time(each, kind, value, span, inside=inside)
    return items


def _take_time(
    each: Segment,
    kind: str,
    value: _Value | None,
    span: dict[str, datetime],
    *,
    inside: bool,
) -> None:
    time = _instant(each)
    if value is None:
        if not inside:
            span[kind] = time
    elif kind == _BEGIN:
        value.begin = time
    else:
        value.end = time


def _instant(each: Segment) -> datetime:
    found = _TIME.fullmatch(each.get(0, 1))
    if each.get(0, 2) != "303" or found is None:
        text = each.get(0, 1)
        raise CurveError(f"{each.where}: {text!r} is no time with its offset (303)")
    year, month, day, hour, minute, offset = found.groups()
    return instant(f"{year}-{month}-{day}T{hour}:{minute}{offset}:00", each.where)


def _interval(begin: datetime, each: Segment) -> Interval:
    code, number, unit = (each.get(0, n) for n in range(3))
    if code not in _STATUSES:
        raise CurveError(f"{each.where}: the qualifier {code!r} is not read")
    if unit.upper() not in _WH_PER:
        raise CurveError(f"{each.where}: {unit!r} is no unit of energy (KWH)")
    try:
        energy_wh = Decimal(number) * _WH_PER[unit.upper()]
    except InvalidOperation:
        energy_wh = Decimal("NaN")
    if not energy_wh.is_finite() or abs(energy_wh) >= Decimal(10) ** 18:
        raise CurveError(f"{each.where}: {number[:40]!r} is no number")
    status = _STATUSES[code]
    known = None if status is Status.MISSING else round(energy_wh)
    return interval(begin, known, status)


def _refuse_unless(holds: bool, each: Segment, cause: str) -> None:
    if not holds:
        raise CurveError(f"{each.where}: {cause}")
