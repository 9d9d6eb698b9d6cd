"""One line of a P1 telegram -> what it says: ``code(text)(text)…`` and its meaning.

Most lines of a telegram stood in the one before as well: those are read once.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import batched
import re
from typing import Final, NamedTuple

from cem_core.meter.obis import (
    DURATION,
    POWER,
    TABLE,
    TEXT_CODES,
    Form,
    Item,
    Key,
    Quantity,
)
from cem_core.meter.value import clock, decoded, number, raw_values, timestamp
from cem_core.model import Breaker, Peak, PowerFailure, RawValue

type Target = tuple[str, Key]
type Value = (
    int
    | float
    | str
    | datetime
    | Breaker
    | Peak
    | tuple[Peak, ...]
    | tuple[PowerFailure, ...]
    | None
)

BREAKERS: Final = {
    "0": Breaker.DISCONNECTED,
    "1": Breaker.CONNECTED,
    "2": Breaker.READY,
}
_PEAK_CODE: Final = "1-0:1.6.0"
_LOG_HEAD: Final = 2  # (count)(code of the values)
_HISTORY_HEAD: Final = 3  # (count)(code of the time)(code of the value)
_MOST_KEPT: Final = 256  # lines: of the telegrams of a few meters
_LONGEST_KEPT: Final = 1_000  # characters of such a line
# A star before the unit: without it a number can be a time.
_ONE_NUMBER: Final = re.compile(
    r"([^(]+)\(((-?[0-9]{1,12}(?:\.[0-9]{1,9})?)(?:\*([A-Za-z][A-Za-z0-9]{0,7}))?)\)"
)


class Spoken(NamedTuple):
    """What a line says; ``target`` is None where it has no meaning or no value.

    ``value`` is that of a number in its base unit, whole or not as its quantity is; of
    a form what it holds; None where the meter does not know it. Objects of submeters
    belong together: they have a ``form`` instead.
    """

    code: str
    groups: tuple[str, ...]
    raw: tuple[RawValue, ...]
    target: Target | None = None
    value: Value = None
    form: Form | None = None


class Column(NamedTuple):
    """How the number of a line is read, whose digits stand at ``digits``.

    It is ``number`` of them times ``factor``, and has to be from ``low`` to ``high``.
    """

    code: str
    unit: str | None
    target: Target
    number: type[int | float]
    factor: float
    low: float
    high: float
    is_whole: bool
    digits: slice


def column(line: str) -> Column | None:
    """Return how the number of ``line`` is read; None where it takes a closer look."""
    if (found := _ONE_NUMBER.fullmatch(line)) is None:
        return None
    code, _, digits, unit = found.groups()
    if (scale := _scale(code, unit)) is None:
        return None
    target, factor, quantity = scale
    return Column(
        code=code,
        unit=unit,
        target=target,
        number=float if "." in digits else int,
        factor=factor,
        low=quantity.low,
        high=quantity.high,
        is_whole=quantity.whole,
        digits=slice(*found.span(3)),
    )


def spoken(line: str) -> Spoken:
    """Return what ``line`` says.

    Raises ValueError when it is no object, or its value malformed or impossible.
    """
    return _kept(line) if len(line) <= _LONGEST_KEPT else _read(line)


def _read(line: str) -> Spoken:
    return _number_said(line) or _object_said(line)


def _number_said(line: str) -> Spoken | None:
    """Return what most lines say, one number that may be, by the shortest way."""
    if (found := _ONE_NUMBER.fullmatch(line)) is None:
        return None
    code, text, digits, unit = found.groups()
    if (scale := _scale(code, unit)) is None:
        return None
    target, factor, quantity = scale
    value = float(digits) if "." in digits else int(digits)
    base = value * factor
    if not quantity.low <= base <= quantity.high:
        return None
    raw = RawValue(code=code, value=value, unit=unit)
    said = round(base) if quantity.whole else float(base)
    return Spoken(code, (text,), (raw,), target, said)


@lru_cache(maxsize=_MOST_KEPT)
def _scale(code: str, unit: str | None) -> tuple[Target, float, Quantity] | None:
    """Return what a number is for and its factor; None where it takes a closer look."""
    item = _item(code)
    if item is None or not isinstance(item.content, Quantity) or code in TEXT_CODES:
        return None
    factor = item.content.factors.get(unit.lower() if unit else "")
    if factor is None:
        return None
    return (item.field, item.key), factor, item.content


def _item(code: str) -> Item | None:
    return TABLE.get(code) or TABLE.get(_bare(code)) or TABLE.get(_plain(code))


def _object_said(line: str) -> Spoken:
    code, groups = _parted(line)
    item = _item(code)
    try:
        raw = tuple(raw_values(code, groups, as_text=code in TEXT_CODES))
        if item is None or not any(groups):
            return Spoken(code, groups, raw)  # empty brackets: the meter does not know
        value, form = _meaning(item, groups, raw)
    except ValueError as error:
        raise ValueError(f"{code}: {error}") from error
    return Spoken(code, groups, raw, (item.field, item.key), value, form)


_kept = lru_cache(maxsize=_MOST_KEPT)(_read)


def _parted(line: str) -> tuple[str, tuple[str, ...]]:
    """Return the code and the texts in brackets of ``code(text)(text)…``."""
    code, bracket, rest = line.partition("(")
    # Colons part P1 from other IEC 62056-21 readouts, which shorten their codes.
    if ":" not in code or not bracket or not code.isascii() or not code.isprintable():
        raise ValueError(f"{line[:40]!r} is no object: expected code(value)")
    if not rest.endswith(")"):
        raise ValueError(f"{code}: the closing bracket is missing")
    return code, tuple(rest[:-1].split(")("))


def _bare(code: str) -> str:
    """Return ``code`` without the value group 255, which means "now"."""
    return code.removesuffix("*255" if code.endswith("*255") else ".255")


def _plain(code: str) -> str:
    """Return the code that EasyMeter writes with 255 in place of tariff 0."""
    return _bare(code).removesuffix(".255") + ".0"


def _meaning(
    item: Item, groups: Sequence[str], raw: Sequence[RawValue]
) -> tuple[Value, Form | None]:
    if isinstance(item.content, Quantity):
        only(groups)
        return scaled(raw[0].value, raw[0].unit, item.content), None
    if isinstance(item.key, int):
        return None, item.content
    return _FORMS[item.content](groups), None


def only(groups: Sequence[str]) -> str:
    """Return the one text in brackets, or raise ValueError."""
    if len(groups) != 1:
        raise ValueError(f"expected one value in brackets, found {len(groups)}")
    return groups[0]


def _pair(groups: Sequence[str]) -> tuple[str, str]:
    if len(groups) != 2:  # noqa: PLR2004  (time)(value)
        raise ValueError(f"expected (time)(value), found {len(groups)} values")
    return groups[0], groups[1]


def scaled(
    value: float | str, unit: str | None, quantity: Quantity
) -> int | float | None:
    """Return a number in the base unit, None where its unit says something else.

    Raises ValueError for what is no such number or impossible.
    """
    lower = unit.lower() if unit else ""
    if lower in quantity.other_units:
        return None
    if isinstance(value, str):
        raise ValueError(f"{value!r} is no number")  # noqa: TRY004  the meter's mistake
    factor = quantity.factors.get(lower)
    if factor is None:
        raise ValueError(f"{value} has the unexpected unit {unit}")
    found = value * factor
    if not quantity.low <= found <= quantity.high:
        raise ValueError(f"{value} {unit or ''} is out of range")
    return round(found) if quantity.whole else float(found)


def _decoded(groups: Sequence[str]) -> str:
    return decoded(only(groups))


def _time(groups: Sequence[str]) -> datetime | None:
    return clock(only(groups))


def _breaker(groups: Sequence[str]) -> Breaker | None:
    return BREAKERS.get(only(groups))


def _measured(text: str, quantity: Quantity) -> int:
    value, unit = number(text) or (text, None)
    return round(scaled(value, unit, quantity) or 0)


def _month_peak(groups: Sequence[str]) -> Peak:
    return _peak(*_pair(groups))


def _peak(when: str, power: str) -> Peak:
    return Peak(at=timestamp(when), power_w=_measured(power, POWER))


def _peaks(groups: Sequence[str]) -> tuple[Peak, ...]:
    """Read (count)(code)(code) and for each month (end)(time of peak)(power).

    Other meters keep other things under this code: those stay raw.
    """
    if tuple(groups[1:_HISTORY_HEAD]) != (_PEAK_CODE,) * 2:
        return ()
    entries = groups[_HISTORY_HEAD:]
    if len(entries) % 3 or groups[0].lstrip("0") != str(len(entries) // 3):
        raise ValueError(f"{groups[0]} peaks announced, {len(entries)} values found")
    return tuple(
        _peak(when, power) for _, when, power in batched(entries, 3, strict=True)
    )


def _failures(groups: Sequence[str]) -> tuple[PowerFailure, ...]:
    """Read (count)(code) and for each failure (end)(duration).

    The count is not compared: meters count failures that left their log.
    """
    entries = groups[_LOG_HEAD:]
    if len(entries) % 2:
        raise ValueError("a failure without its duration")
    log: list[PowerFailure] = []
    for when, lasted in batched(entries, 2, strict=True):
        end = timestamp(when)
        duration_s = _measured(lasted, DURATION)
        if end is not None:
            log.append(PowerFailure(end=end, duration_s=duration_s))
    return tuple(log)


_FORMS: Final[Mapping[Form, Callable[[Sequence[str]], Value]]] = {
    Form.PLAIN: only,
    Form.HEXADECIMAL: _decoded,
    Form.TIME: _time,
    Form.BREAKER: _breaker,
    Form.PEAK: _month_peak,
    Form.PEAK_HISTORY: _peaks,
    Form.FAILURE_LOG: _failures,
}
