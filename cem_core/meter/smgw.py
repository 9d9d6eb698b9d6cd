"""What the German smart meter gateways tell their customer, whatever its form.

The consumer interface (IF_GW_CON of BSI TR-03109-1) shows counters that the gateway
took over from its meters, every 15 minutes as a rule: balances, nothing to steer by.
"""

from collections.abc import Iterable
from datetime import datetime
import re
from typing import Final, NamedTuple

from cem_core.model import RawValue, SubmeterKind
from cem_core.model.slow_reading import SlowQuantity, SlowReading

_HEXADECIMAL: Final = re.compile(r"([0-9a-f]{12})(?:\.|$)", re.IGNORECASE)
_PRINTED: Final = re.compile(
    r"(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\*\d{1,3})?"
)
_COSEM_UNITS: Final = {27: "W", 30: "Wh", 33: "A", 35: "V", 44: "Hz"}
_FACTORS: Final = {"W": 1, "kW": 1000, "Wh": 1, "kWh": 1000, "MWh": 1_000_000}
_MOST: Final = 1e15
_QUANTITIES: Final = {
    "1-0:1.8.0": (SlowQuantity.ENERGY, "Wh"),
    "1-0:2.8.0": (SlowQuantity.EXPORT_ENERGY, "Wh"),
    "1-0:16.7.0": (SlowQuantity.POWER, "W"),
}


class Register(NamedTuple):
    """One value of a meter; ``code`` is an OBIS code as P1 writes it."""

    code: str
    value: float
    unit: str | None
    timestamp: datetime | None = None


def obis(text: str) -> str | None:
    """Return ``text`` as ``1-0:1.8.0``, None where it is no OBIS code.

    Gateways write ``0100010800ff``, also with the meter behind it, or ``1-0:1.8.0*255``.
    """
    if found := _HEXADECIMAL.match(text):
        a, b, c, d, e, _ = bytes.fromhex(found[1])
        return f"{a}-{b}:{c}.{d}.{e}"
    if found := _PRINTED.fullmatch(text.strip()):
        a, b, c, d, e = map(int, found.groups())
        return f"{a}-{b}:{c}.{d}.{e}"
    return None


def scaled(value: object, scaler: object, unit: object) -> tuple[float, str | None]:
    """Return a COSEM value in its unit (IEC 62056-6-2, 4.3.2), kWh never used.

    Raises ValueError for what are no numbers, or no such powers of ten.
    """
    exponent = int(str(scaler))
    if not -9 <= exponent <= 9:  # noqa: PLR2004  as meters use it
        raise ValueError(f"a scaler of {exponent}")
    read = float(str(value))
    scale = read * 10**exponent if exponent >= 0 else read / 10**-exponent
    return scale, _COSEM_UNITS.get(int(str(unit)))


def aware(text: object) -> datetime | None:
    """Return a time, None where it names no offset; ValueError for what is none."""
    try:
        when = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise ValueError(f"{text!r} is no time") from error
    return None if when.tzinfo is None else when


def reading(registers: Iterable[Register], meter_id: str | None) -> SlowReading:
    """Return what ``registers`` say together.

    Raises ValueError where none of them is a counter or power, or one is impossible.
    """
    values: dict[SlowQuantity, float] = {}
    times: list[datetime] = []
    said = tuple(registers)
    for code, value, unit, timestamp in said:
        if code not in _QUANTITIES:
            continue
        quantity, base = _QUANTITIES[code]
        factor = _FACTORS.get(unit or "")
        if factor is None or not (unit or "").endswith(base):
            raise ValueError(f"{code}: {unit or 'no unit'} instead of {base}")
        if not abs(value) < _MOST or (base == "Wh" and value < 0):
            raise ValueError(f"{code}: {value} {unit} cannot be")
        values[quantity] = value * factor
        times += [] if timestamp is None else [timestamp]
    if not values:
        raise ValueError("the gateway lists no counter of energy and no power")
    return SlowReading(
        kind=SubmeterKind.ELECTRICITY,
        meter_id=meter_id,
        timestamp=max(times, default=None),
        values=values,
        raw=tuple(
            RawValue(code=code, value=value, unit=unit, timestamp=timestamp)
            for code, value, unit, timestamp in said
        ),
    )
