"""What a telegram has said so far, object by object, until it is a `Reading`."""

from datetime import datetime
from itertools import batched
from typing import Final

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
from cem_core.meter.registers import directions
from cem_core.meter.submeter import SubmeterDraft
from cem_core.meter.value import clock, decoded, number, raw_values, timestamp
from cem_core.model import (
    Breaker,
    Peak,
    PhaseReading,
    PowerFailure,
    PowerFailures,
    RawValue,
    Reading,
)

type Target = tuple[str, Key]

_BREAKERS: Final = {
    "0": Breaker.DISCONNECTED,
    "1": Breaker.CONNECTED,
    "2": Breaker.READY,
}
_PEAK_CODE: Final = "1-0:1.6.0"
_LOG_HEAD: Final = 2  # (count)(code of the values)
_HISTORY_HEAD: Final = 3  # (count)(code of the time)(code of the value)
_METER_IDS: Final = (  # the first that is filled names the meter
    "serial_number",
    "serial_number_2",
    "device_name",
    "server_id",
    "device_address",
)


class Draft:
    """Collects objects; the first that names a field gives its value."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self._said: dict[str, list[str]] = {}
        self._whole: dict[Target, int] = {}
        self._measured: dict[Target, float] = {}
        self._texts: dict[str, str] = {}
        self._time: datetime | None = None
        self._breaker: Breaker | None = None
        self._month_peak: Peak | None = None
        self._peak_history: tuple[Peak, ...] = ()
        self._failures: tuple[PowerFailure, ...] = ()
        self._submeters: dict[int, SubmeterDraft] = {}
        self._raw: list[RawValue] = []

    def say(self, code: str, groups: list[str]) -> None:
        """Take one object.

        Raises ValueError when its value is malformed or impossible, and when
        the same object came before with another value.
        """
        item = TABLE.get(code) or TABLE.get(_bare(code)) or TABLE.get(_plain(code))
        try:
            raw = raw_values(code, groups, as_text=code in TEXT_CODES)
            self._raw += raw
            if item is None or not any(groups):
                return  # empty brackets: the meter does not know
            self._refuse_contradiction(code, groups)
            if isinstance(item.content, Quantity):
                _only(groups)
                self._say_number(item, item.content, raw[0])
            elif isinstance(item.key, int):
                self._say_submeter(item.content, item.key, item.field, groups)
            else:
                self._say_form(item, groups)
        except ValueError as error:
            raise ValueError(f"{code}: {error}") from error

    def keep(self, raw: RawValue) -> None:
        """Take ``raw`` as it is, whatever it means."""
        self._raw.append(raw)

    def say_value(self, code: str, raw: RawValue) -> None:
        """Let the value of a binary format name the field that ``code`` has.

        Raises ValueError when it is impossible. What can only be said in the
        brackets of a text stays raw.
        """
        if (item := TABLE.get(code)) is None:
            return
        if isinstance(item.key, int) and not isinstance(item.content, Quantity):
            draft = self._submeters.setdefault(item.key, SubmeterDraft())
            draft.say_object(item.field, raw)
            return
        try:
            match item.content:
                case Quantity():
                    self._say_number(item, item.content, raw)
                case Form.TIME:
                    self._time = raw.timestamp
                case Form.BREAKER:
                    self._breaker = _BREAKERS.get(str(raw.value))
                case Form.PLAIN | Form.HEXADECIMAL:
                    self._texts.setdefault(item.field, str(raw.value))
        except ValueError as error:
            raise ValueError(f"{raw.code}: {error}") from error

    def _refuse_contradiction(self, code: str, groups: list[str]) -> None:
        if self._said.setdefault(code, groups) != groups:
            raise ValueError("said twice, with different values")

    def _say_number(self, item: Item, quantity: Quantity, raw: RawValue) -> None:
        if raw.unit is not None and raw.unit.lower() in quantity.other_units:
            return
        value = _in_base_unit(raw.value, raw.unit, quantity)
        target = (item.field, item.key)
        if quantity.whole:
            self._whole.setdefault(target, round(value))
        else:
            self._measured.setdefault(target, value)

    def _say_form(self, item: Item, groups: list[str]) -> None:
        match item.content:
            case Form.PLAIN:
                self._texts.setdefault(item.field, _only(groups))
            case Form.HEXADECIMAL:
                self._texts.setdefault(item.field, decoded(_only(groups)))
            case Form.TIME:
                self._time = clock(_only(groups))
            case Form.BREAKER:
                self._breaker = _BREAKERS.get(_only(groups))
            case Form.PEAK:
                self._month_peak = _peak(*_pair(groups))
            case Form.PEAK_HISTORY:
                self._peak_history = _peaks(groups)
            case Form.FAILURE_LOG:
                self._failures = _failures(groups)

    def _say_submeter(
        self, form: Form, channel: int, field: str, groups: list[str]
    ) -> None:
        draft = self._submeters.setdefault(channel, SubmeterDraft())
        match form:
            case Form.SUBMETER_KIND:
                draft.say_kind(_only(groups))
            case Form.HEXADECIMAL:
                draft.say_id(_only(groups))
            case Form.VALVE:
                draft.say_valve(_only(groups))
            case Form.SUBMETER_VALUE:
                draft.say_value(groups, converted=field == "submeter_value")
            case Form.SUBMETER_VALUE_2:
                draft.say_legacy_value(groups)

    def reading(self, form: str = "dsmr") -> Reading:
        """Return what was said, in the format of that name."""
        whole, measured, texts = self._whole, self._measured, self._texts
        import_power_w, export_power_w = self._powers("", None)
        power_factor = measured.get(("power_factor", None))
        if power_factor is not None and abs(power_factor) > 1:
            power_factor = None  # a Hungarian meter says 4.556; it stays raw
        return Reading(
            format=form,
            timestamp=self._time,
            version=texts.get("version"),
            meter_id=next(
                (texts[name] for name in _METER_IDS if texts.get(name)), None
            ),
            import_power_w=import_power_w,
            export_power_w=export_power_w,
            reactive_import_power_var=whole.get(("reactive_import_power_var", None)),
            reactive_export_power_var=whole.get(("reactive_export_power_var", None)),
            phases=self._phases(),
            import_energy_wh=self._keyed("import_energy_wh"),
            export_energy_wh=self._keyed("export_energy_wh"),
            tariff=whole.get(("tariff", None)),
            demand_w=whole.get(("demand_w", None)),
            month_peak=self._month_peak,
            peak_history=self._peak_history,
            limiter_threshold_w=whole.get(("limiter_threshold_w", None)),
            fuse_threshold_a=self._least("fuse_threshold_a"),
            breaker=self._breaker,
            frequency_hz=measured.get(("frequency_hz", None)),
            power_factor=power_factor,
            power_failures=self._power_failures(),
            voltage_sags=self._by_phase("voltage_sags"),
            voltage_swells=self._by_phase("voltage_swells"),
            message=texts.get("message") or None,
            submeters=tuple(
                draft.submeter(channel)
                for channel, draft in sorted(self._submeters.items())
            ),
            raw=tuple(self._raw),
        )

    def _least(self, field: str) -> float | None:
        found = [value for (name, _), value in self._measured.items() if name == field]
        return min(found, default=None)

    def _keyed(self, field: str) -> dict[str, int]:
        return {
            str(key): value
            for (name, key), value in self._whole.items()
            if name == field
        }

    def _by_phase(self, field: str) -> dict[int, int]:
        return {
            phase: self._whole[field, phase]
            for phase in (1, 2, 3)
            if (field, phase) in self._whole
        }

    def _powers(self, prefix: str, key: Key) -> tuple[int | None, int | None]:
        """Return import and export; a net power is for meters that give no other."""
        import_w, export_w, net_w = (
            self._whole.get((f"{prefix}{name}_power_w", key))
            for name in ("import", "export", "net")
        )
        known = import_w is not None and export_w is not None
        return directions(None if known else net_w, import_w, export_w)

    def _phases(self) -> tuple[PhaseReading, ...]:
        return tuple(
            reading
            for phase in (1, 2, 3)
            if (reading := self._phase(phase)) != PhaseReading(phase=phase)
        )

    def _phase(self, phase: int) -> PhaseReading:
        import_power_w, export_power_w = self._powers("phase_", phase)
        return PhaseReading(
            phase=phase,
            voltage_v=self._measured.get(("voltage_v", phase)),
            current_a=self._measured.get(("current_a", phase)),
            import_power_w=import_power_w,
            export_power_w=export_power_w,
        )

    def _power_failures(self) -> PowerFailures | None:
        failures = PowerFailures(
            short=self._whole.get(("power_failures", "short")),
            long=self._whole.get(("power_failures", "long")),
            log=self._failures,
        )
        return None if failures == PowerFailures() else failures


def _bare(code: str) -> str:
    """Return ``code`` without the value group 255, which means "now"."""
    return code.removesuffix("*255" if code.endswith("*255") else ".255")


def _plain(code: str) -> str:
    """Return the code that EasyMeter writes with 255 in place of tariff 0."""
    return _bare(code).removesuffix(".255") + ".0"


def _only(groups: list[str]) -> str:
    if len(groups) != 1:
        raise ValueError(f"expected one value in brackets, found {len(groups)}")
    return groups[0]


def _pair(groups: list[str]) -> tuple[str, str]:
    if len(groups) != 2:  # noqa: PLR2004  (time)(value)
        raise ValueError(f"expected (time)(value), found {len(groups)} values")
    return groups[0], groups[1]


def _in_base_unit(value: float | str, unit: str | None, quantity: Quantity) -> float:
    if isinstance(value, str):
        raise ValueError(f"{value!r} is no number")  # noqa: TRY004  the meter's mistake
    factor = quantity.factors.get(unit.lower() if unit else "")
    if factor is None:
        raise ValueError(f"{value} has the unexpected unit {unit}")
    scaled = value * factor
    if not quantity.low <= scaled <= quantity.high:
        raise ValueError(f"{value} {unit or ''} is out of range")
    return scaled


def _measured(text: str, quantity: Quantity) -> int:
    value, unit = number(text) or (text, None)
    return round(_in_base_unit(value, unit, quantity))


def _peak(when: str, power: str) -> Peak:
    return Peak(at=timestamp(when), power_w=_measured(power, POWER))


def _peaks(groups: list[str]) -> tuple[Peak, ...]:
    """Read (count)(code)(code) and for each month (end)(time of peak)(power).

    Other meters keep other things under this code: those stay raw.
    """
    if groups[1:_HISTORY_HEAD] != [_PEAK_CODE] * 2:
        return ()
    entries = groups[_HISTORY_HEAD:]
    if len(entries) % 3 or groups[0].lstrip("0") != str(len(entries) // 3):
        raise ValueError(f"{groups[0]} peaks announced, {len(entries)} values found")
    return tuple(
        _peak(when, power) for _, when, power in batched(entries, 3, strict=True)
    )


def _failures(groups: list[str]) -> tuple[PowerFailure, ...]:
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
