"""Registers that carry a sign -> `Reading`: what German meters and readouts have.

P1 meters say import and export apart (`draft`). Others give one signed power
(1-0:16.7.0, 1-0:36.7.0 and so on, DIN 43863-3), or put the sign on 1-0:1.7.0.
"""

from datetime import datetime
from typing import Final

from cem_core.meter.obis import POWER, TABLE, Key, Quantity
from cem_core.model import PhaseReading, RawValue, Reading

_NET: Final = "1-0:16.7.0"
_ABSOLUTE: Final = "1-0:15.7.0"
_IMPORT: Final = "1-0:1.7.0"
_EXPORT: Final = "1-0:2.7.0"
_IMPORT_HAGER: Final = "1-0:1.7.1"  # the signed power of some meters of Hager
_PHASE_NET: Final = {1: "1-0:36.7.0", 2: "1-0:56.7.0", 3: "1-0:76.7.0"}
_PHASE_IMPORT: Final = {1: "1-0:21.7.0", 2: "1-0:41.7.0", 3: "1-0:61.7.0"}
_PHASE_EXPORT: Final = {1: "1-0:22.7.0", 2: "1-0:42.7.0", 3: "1-0:62.7.0"}
_POWERS: Final = frozenset(
    (
        *(_NET, _ABSOLUTE, _IMPORT, _EXPORT, _IMPORT_HAGER),
        *_PHASE_NET.values(),
        *_PHASE_IMPORT.values(),
        *_PHASE_EXPORT.values(),
    )
)
_SIGNED_POWER: Final = Quantity(factors=POWER.factors, low=-POWER.high, high=POWER.high)


class Registers:
    """Collects numbers by OBIS code; the first that names a field gives its value."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self._powers: dict[str, float] = {}
        self._numbers: dict[tuple[str, Key], float] = {}
        self.exporting: bool | None = None
        """Which way the meter says that 1-0:15.7.0, which has no sign, flows."""

    def say(self, code: str, value: float, unit: str | None) -> None:
        """Take one number; ``code`` is ``A-B:C.D.E`` without the value group F.

        A number that lacks the unit it needs is not used. Raises ValueError where
        the unit is wrong or the value impossible.
        """
        if code in _POWERS:
            quantity, target = _SIGNED_POWER, None
        elif (item := TABLE.get(code)) and isinstance(item.content, Quantity):
            quantity, target = item.content, (item.field, item.key)
        else:
            return
        if unit is None and "" not in quantity.factors:
            return
        scaled = _scaled(value, unit, quantity)
        if target is None:
            self._powers.setdefault(code, scaled)
        else:
            self._numbers.setdefault(target, scaled)

    def reading(
        self,
        form: str,
        *,
        raw: tuple[RawValue, ...],
        meter_id: str | None = None,
        version: str | None = None,
        timestamp: datetime | None = None,
    ) -> Reading:
        """Return what was said as a reading of format ``form``."""
        import_power_w, export_power_w = self._power()
        power_factor = self._numbers.get(("power_factor", None))
        return Reading(
            format=form,
            timestamp=timestamp,
            version=version,
            meter_id=meter_id,
            import_power_w=import_power_w,
            export_power_w=export_power_w,
            reactive_import_power_var=self._whole("reactive_import_power_var"),
            reactive_export_power_var=self._whole("reactive_export_power_var"),
            phases=self._phases(),
            import_energy_wh=self._energies("import_energy_wh"),
            export_energy_wh=self._energies("export_energy_wh"),
            tariff=self._whole("tariff"),
            demand_w=self._whole("demand_w"),
            frequency_hz=self._numbers.get(("frequency_hz", None)),
            power_factor=(
                power_factor
                if power_factor is not None and abs(power_factor) <= 1
                else None
            ),
            raw=raw,
        )

    def _power(self) -> tuple[int | None, int | None]:
        powers = self._powers
        net = powers.get(_NET)
        said = powers.get(_IMPORT, powers.get(_IMPORT_HAGER))
        absolute = powers.get(_ABSOLUTE)
        if net is None and said is None and absolute is not None:
            if self.exporting is None:
                said = absolute
            else:
                net = -absolute if self.exporting else absolute
        return directions(net, said, powers.get(_EXPORT))

    def _phases(self) -> tuple[PhaseReading, ...]:
        readings: list[PhaseReading] = []
        for phase in (1, 2, 3):
            import_power_w, export_power_w = directions(
                self._powers.get(_PHASE_NET[phase]),
                self._powers.get(_PHASE_IMPORT[phase]),
                self._powers.get(_PHASE_EXPORT[phase]),
            )
            voltage_v = self._numbers.get(("voltage_v", phase))
            current_a = self._numbers.get(("current_a", phase))
            if import_power_w is export_power_w is voltage_v is current_a is None:
                continue
            readings.append(
                PhaseReading(
                    phase=phase,
                    voltage_v=voltage_v,
                    current_a=current_a,
                    import_power_w=import_power_w,
                    export_power_w=export_power_w,
                )
            )
        return tuple(readings)

    def _energies(self, field: str) -> dict[str, int]:
        return {
            str(key): round(value)
            for (name, key), value in self._numbers.items()
            if name == field
        }

    def _whole(self, field: str) -> int | None:
        value = self._numbers.get((field, None))
        return None if value is None else round(value)


def directions(
    net: float | None, import_w: float | None, export_w: float | None
) -> tuple[int | None, int | None]:
    """Return import and export, both >= 0, None where the meter did not say it."""
    if net is None and import_w is not None and import_w < 0:
        net = import_w
    if net is not None:
        return max(0, round(net)), max(0, round(-net))
    return (
        None if import_w is None else round(import_w),
        None if export_w is None else abs(round(export_w)),
    )


def _scaled(value: float, unit: str | None, quantity: Quantity) -> float:
    factor = quantity.factors.get(unit.lower() if unit else "")
    if factor is None:
        raise ValueError(f"{value} has the unexpected unit {unit}")
    scaled = value * factor
    if not quantity.low <= scaled <= quantity.high:
        raise ValueError(f"{value} {unit or ''} is out of range")
    return scaled
