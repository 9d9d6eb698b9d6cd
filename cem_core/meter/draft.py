"""What a telegram has said so far, object by object, until it is a `Reading`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from cem_core.meter.obis import TABLE, Form, Quantity
from cem_core.meter.p1_object import (
    BREAKERS,
    Column,
    Target,
    Value,
    only,
    scaled,
    spoken,
)
from cem_core.meter.registers import directions
from cem_core.meter.submeter import SubmeterDraft
from cem_core.model import (
    Breaker,
    Peak,
    PhaseReading,
    PowerFailure,
    PowerFailures,
    RawValue,
    Reading,
)

_METER_IDS: Final = (  # the first that is filled names the meter
    "serial_number",
    "serial_number_2",
    "device_name",
    "server_id",
    "identification",
    "device_address",
)
_POWERS: Final[tuple[Target, Target, Target]] = (
    ("import_power_w", None),
    ("export_power_w", None),
    ("net_power_w", None),
)
_PHASE_POWERS: Final[Mapping[int, tuple[Target, Target, Target]]] = {
    phase: (
        ("phase_import_power_w", phase),
        ("phase_export_power_w", phase),
        ("phase_net_power_w", phase),
    )
    for phase in (1, 2, 3)
}


class Draft:
    """Collects objects; the first that names a field gives its value."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self._said: dict[str, Sequence[str]] = {}
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

    def say(self, line: str) -> None:
        """Take one object, ``code(text)…``.

        Raises ValueError when it is malformed or impossible, and when the same object
        came before with another value.
        """
        said = spoken(line)
        self._raw += said.raw
        if (target := said.target) is None:
            return
        if self._said.setdefault(said.code, said.groups) != said.groups:
            raise ValueError(f"{said.code}: said twice, with different values")
        value = said.value
        if isinstance(value, float):
            self._measured.setdefault(target, value)
        elif isinstance(value, int):
            self._whole.setdefault(target, value)
        elif value is not None:
            self._say_form(target[0], value)
        elif said.form is not None:
            try:
                self._say_submeter(said.form, target, said.groups)
            except ValueError as error:
                raise ValueError(f"{said.code}: {error}") from error

    def say_columns(
        self, columns: Iterable[Column | None], parts: Iterable[str]
    ) -> None:
        """Take lines: of each the digits where it has a column, else all of it.

        No two of them have the code of a column. Raises ValueError as `say` does.
        """
        raw, whole, measured = self._raw, self._whole, self._measured
        for column, part in zip(columns, parts, strict=True):
            if column is None:
                self.say(part)
                continue
            code, unit, target, number, factor, low, high, is_whole, _ = column
            value = number(part)
            base = value * factor
            if not low <= base <= high:
                raise ValueError(f"{code}: {part} {unit or ''} is out of range")
            raw.append(RawValue(code, value, unit))
            if is_whole:
                whole.setdefault(target, round(base))
            else:
                measured.setdefault(target, float(base))

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
                    value = scaled(raw.value, raw.unit, item.content)
                    if isinstance(value, float):
                        self._measured.setdefault((item.field, item.key), value)
                    elif value is not None:
                        self._whole.setdefault((item.field, item.key), value)
                case Form.TIME:
                    self._time = raw.timestamp
                case Form.BREAKER:
                    self._breaker = BREAKERS.get(str(raw.value))
                case Form.PLAIN | Form.HEXADECIMAL:
                    self._texts.setdefault(item.field, str(raw.value))
        except ValueError as error:
            raise ValueError(f"{raw.code}: {error}") from error

    def _say_form(self, field: str, value: Value) -> None:
        match value:
            case Breaker():
                self._breaker = value
            case str():
                self._texts.setdefault(field, value)
            case datetime():
                self._time = value
            case Peak():
                self._month_peak = value
            case tuple():
                self._peak_history += tuple(x for x in value if isinstance(x, Peak))
                self._failures += tuple(x for x in value if isinstance(x, PowerFailure))

    def _say_submeter(self, form: Form, target: Target, groups: Sequence[str]) -> None:
        field, channel = target
        if not isinstance(channel, int):
            return
        draft = self._submeters.setdefault(channel, SubmeterDraft())
        match form:
            case Form.SUBMETER_KIND:
                draft.say_kind(only(groups))
            case Form.HEXADECIMAL:
                draft.say_id(only(groups))
            case Form.VALVE:
                draft.say_valve(only(groups))
            case Form.SUBMETER_VALUE:
                draft.say_value(groups, converted=field == "submeter_value")
            case Form.SUBMETER_VALUE_2:
                draft.say_legacy_value(groups)

    def reading(self, form: str = "dsmr") -> Reading:
        """Return what was said, in the format of that name."""
        whole, measured, texts = self._whole, self._measured, self._texts
        import_power_w, export_power_w = self._powers(_POWERS)
        imported, exported = self._energies()
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
            import_energy_wh=imported,
            export_energy_wh=exported,
            tariff=whole.get(("tariff", None)),
            demand_w=whole.get(("demand_w", None)),
            month_peak=self._month_peak,
            peak_history=self._peak_history,
            limiter_threshold_w=whole.get(("limiter_threshold_w", None)),
            fuse_threshold_a=self._least_fuse(),
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

    def _least_fuse(self) -> float | None:
        fuses = (self._measured.get(("fuse_threshold_a", phase)) for phase in (1, 2, 3))
        return min((fuse for fuse in fuses if fuse is not None), default=None)

    def _energies(self) -> tuple[dict[str, int], dict[str, int]]:
        """Return import and export by register."""
        imported: dict[str, int] = {}
        exported: dict[str, int] = {}
        for (name, key), value in self._whole.items():
            if name == "import_energy_wh":
                imported[str(key)] = value
            elif name == "export_energy_wh":
                exported[str(key)] = value
        return imported, exported

    def _by_phase(self, field: str) -> dict[int, int]:
        return {
            phase: self._whole[field, phase]
            for phase in (1, 2, 3)
            if (field, phase) in self._whole
        }

    def _powers(
        self, targets: tuple[Target, Target, Target]
    ) -> tuple[int | None, int | None]:
        """Return import and export; a net power is for meters that give no other."""
        import_w, export_w, net_w = map(self._whole.get, targets)
        known = import_w is not None and export_w is not None
        return directions(None if known else net_w, import_w, export_w)

    def _phases(self) -> tuple[PhaseReading, ...]:
        return tuple(
            reading
            for phase in (1, 2, 3)
            if (reading := self._phase(phase)) is not None
        )

    def _phase(self, phase: int) -> PhaseReading | None:
        import_power_w, export_power_w = self._powers(_PHASE_POWERS[phase])
        voltage_v = self._measured.get(("voltage_v", phase))
        current_a = self._measured.get(("current_a", phase))
        if import_power_w is export_power_w is voltage_v is current_a is None:
            return None
        return PhaseReading(
            phase=phase,
            voltage_v=voltage_v,
            current_a=current_a,
            import_power_w=import_power_w,
            export_power_w=export_power_w,
        )

    def _power_failures(self) -> PowerFailures | None:
        short = self._whole.get(("power_failures", "short"))
        long = self._whole.get(("power_failures", "long"))
        if short is long is None and not self._failures:
            return None
        return PowerFailures(short=short, long=long, log=self._failures)
