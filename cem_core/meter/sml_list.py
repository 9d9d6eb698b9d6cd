"""The values of a GetListResponse -> `Reading`: `SML_GetList.Res` of SML 1.04."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from cem_core.meter import server_id
from cem_core.meter.registers import Registers
from cem_core.meter.sml_tree import Integer, Node
from cem_core.model import RawValue, Reading

# IEC 62056-62, table of units.
_UNITS: Final[Mapping[int, str]] = (
    {4: "d", 5: "h", 6: "min", 7: "s", 8: "deg", 9: "C", 13: "m3", 14: "m3", 25: "J"}
    | {27: "W", 28: "VA", 29: "var", 30: "Wh", 31: "VAh", 32: "varh"}
    | {33: "A", 34: "C", 35: "V", 44: "Hz"}
)
_RESPONSE_LENGTH: Final = 7
_ENTRY_LENGTH: Final = 7
_OBIS_LENGTH: Final = 6
_TIMESTAMP: Final = 2
_LOCAL_TIMESTAMP: Final = 3
_MAX_SCALER: Final = 12
_NOW: Final = 255

# The identifiers, the meter's own text first.
_ID_CODES: Final = ("1-0:96.1.0", "0-0:96.1.0", "1-0:0.0.9", "1-0:0.0.0")
_POWER: Final = "1-0:16.7.0"

# Bits of the status word. FNN Lastenheft Basiszähler: the low byte is always 4,
# bit 8 is set when the meter runs, bit 11 when the power flows out. Lastenheft EDL
# (EMH, ISKRA until 2016): bit 5 when the power flows out.
_FNN_MASK: Final = 0xFF
_FNN: Final = 0x04
_FNN_LOAD: Final = 1 << 8
_FNN_EXPORT: Final = 1 << 11
_EDL_EXPORT: Final = 1 << 5

# DZG DVS74 of these numbers send a positive power of 1, 2 or 3 bytes as if it were
# signed: 356.24 W becomes -299.12 W. Negative ones always take 4 bytes. Meters from
# 60,000,000 on are sound. Measured by the authors of libsml and pysml.
_DZG: Final = b"\x0a\x01DZG"
_DZG_WRONG: Final = (range(42_000_000, 49_000_000), range(55_000_000, 59_000_000))
_DZG_SOUND_FROM: Final = 60_000_000
_DZG_WRONG_SIZES: Final = 3


class ListDraft:
    """Collects the lists of one SML file."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self._registers = Registers()
        self._raw: list[RawValue] = []
        self._ids: dict[str, str] = {}
        self._server: bytes | None = None
        self._status: int | None = None
        self._time: datetime | None = None

    def take(self, body: list[Node]) -> None:
        """Take the fields of one GetListResponse.

        Raises ValueError where they are not those of the standard.
        """
        if len(body) != _RESPONSE_LENGTH or not isinstance(body[4], list):
            raise ValueError("a list response has no seven fields")
        server, sensor_time, entries = body[1], body[3], body[4]
        if isinstance(server, bytes):
            self._server = server
        self._say_time(sensor_time)
        for entry in entries:
            if not isinstance(entry, list) or len(entry) != _ENTRY_LENGTH:
                raise ValueError("a value in the list has no seven fields")
            self._say(entry)

    def reading(self, version: str | None) -> Reading:
        """Return what was said; ``version`` is that of SML."""
        if self._status is not None:
            self._registers.exporting = _exporting(self._status)
        return self._registers.reading(
            "sml",
            timestamp=self._time,
            version=version,
            meter_id=self._meter_id(),
            raw=tuple(self._raw),
        )

    def _meter_id(self) -> str | None:
        found = next((self._ids[code] for code in _ID_CODES if code in self._ids), None)
        if found is None and self._server is not None:
            return server_id.text(self._server)
        return found

    def _say_time(self, node: Node) -> None:
        match node:
            case [Integer(value=kind), what]:
                self._say_kind_of_time(kind, what)
            case Integer(value=seconds):  # meters of Holley leave the choice out
                self._say_raw("actSensorTime", seconds, "s")
            case None:
                pass
            case _:
                raise ValueError("a time is malformed")

    def _say_kind_of_time(self, kind: int, what: Node) -> None:
        match what:
            case Integer(value=seconds) if kind == _TIMESTAMP:
                self._set_time(seconds)
            case [Integer(value=seconds), Integer(), Integer()] if (
                kind == _LOCAL_TIMESTAMP  # the offsets say what the wall clock shows
            ):
                self._set_time(seconds)
            case Integer(value=seconds):
                self._say_raw("actSensorTime", seconds, "s")
            case _:
                raise ValueError("a time is malformed")

    def _set_time(self, seconds: int) -> None:
        if not 0 < seconds < 1 << 32:
            return  # a clock that was never set
        self._time = self._time or datetime.fromtimestamp(seconds, UTC)

    def _say_raw(self, code: str, value: float | str, unit: str | None = None) -> None:
        self._raw.append(RawValue(code, value, unit))

    def _say(self, entry: list[Node]) -> None:
        name, status, _, unit, scaler, value, _ = entry
        if not isinstance(name, bytes) or len(name) != _OBIS_LENGTH:
            raise ValueError("a value in the list has no OBIS code")
        code, full, now = _code(name)
        if isinstance(status, Integer):
            self._say_raw("status", status.as_unsigned)
            if self._status is None:
                self._status = status.as_unsigned
        match value:
            case bytes():
                self._say_octets(code, full, value, now=now)
            case bool():
                self._say_raw(full, int(value))
            case Integer():
                number = _scaled(self._corrected(code, value), scaler)
                name_of_unit = _unit(unit)
                self._say_raw(full, number, name_of_unit)
                if now:
                    # The checksums prove that the meter said it: what cannot be
                    # is left out, the rest is read.
                    with suppress(ValueError):
                        self._registers.say(code, number, name_of_unit)
            case [Integer(), [Integer(), Integer(value=seconds)]]:  # a time
                self._say_raw(full, seconds, "s")
            case None:
                pass
            case _:
                raise ValueError(f"the value of {code} is malformed")

    def _say_octets(self, code: str, full: str, octets: bytes, *, now: bool) -> None:
        text = server_id.text(octets)
        self._say_raw(full, text)
        if code in _ID_CODES and now:
            self._ids.setdefault(code, text)

    def _corrected(self, code: str, value: Integer) -> int:
        if (
            code != _POWER
            or value.value >= 0
            or value.size > _DZG_WRONG_SIZES
            or self._server is None
            or not self._server.startswith(_DZG)
        ):
            return value.value
        number = int.from_bytes(self._server[len(_DZG) :])
        wrong = any(number in numbers for numbers in _DZG_WRONG)
        if not wrong and number < _DZG_SOUND_FROM and self._status is not None:
            imports = _FNN | _FNN_LOAD
            bits = _FNN_MASK | _FNN_LOAD | _FNN_EXPORT
            wrong = self._status & bits == imports
        return value.as_unsigned if wrong else value.value


@lru_cache(maxsize=128)  # a meter says the same dozen in every file
def _code(name: bytes) -> tuple[str, str, bool]:
    """Return ``A-B:C.D.E``, ``A-B:C.D.E*F`` and whether F means now."""
    a, b, c, d, e, f = name
    code = f"{a}-{b}:{c}.{d}.{e}"
    return code, f"{code}*{f}", f == _NOW


def _exporting(status: int) -> bool:
    export = _FNN_EXPORT if status & _FNN_MASK == _FNN else _EDL_EXPORT
    return status & export != 0


def _unit(node: Node) -> str | None:
    return _UNITS.get(node.value) if isinstance(node, Integer) else None


def _scaled(value: int, scaler: Node) -> int | float:
    """Return ``value`` times ten to the ``scaler``, as near as a float can be."""
    if scaler is None:
        return value
    if not isinstance(scaler, Integer) or abs(scaler.value) > _MAX_SCALER:
        raise ValueError("a scaler is malformed")
    power: int = 10 ** abs(scaler.value)
    return value * power if scaler.value >= 0 else value / power
