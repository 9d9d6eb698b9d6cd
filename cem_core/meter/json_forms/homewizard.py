"""HomeWizard energy meters: ``GET /api/v1/data`` and ``GET /api/measurement`` (v2).

Source: api-documentation.homewizard.com. Powers are net, import positive. Times
are local without an offset, and so are left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from cem_core.meter.json_forms.fields import (
    PHASES,
    Document,
    Leaf,
    Register,
    leaves,
    number,
    phase_code,
    reading,
    text,
)
from cem_core.meter.value import decoded
from cem_core.model import Peak, PowerFailures, Reading, Submeter, SubmeterKind

_TARIFFS: Final = range(1, 5)
_KINDS: Final = {
    "gas_meter": SubmeterKind.GAS,
    "heat_meter": SubmeterKind.HEAT,
    "inlet_heat_meter": SubmeterKind.HEAT,
    "water_meter": SubmeterKind.WATER,
    "warm_water_meter": SubmeterKind.WATER,
}


def _table(power: str, energy: str, instant: str) -> Iterator[tuple[str, Register]]:
    """Yield the names of one version, which differ by their beginnings."""
    yield f"{power}_w", Register("1-0:16.7.0", "W")
    yield f"{instant}frequency_hz", Register("1-0:14.7.0", "Hz")
    yield f"{instant}power_factor", Register("1-0:13.7.0")
    yield f"{instant}tariff", Register("0-0:96.14.0")
    yield f"{instant}voltage_v", Register(phase_code(32, 1), "V")
    for phase in PHASES:
        yield f"{power}_l{phase}_w", Register(phase_code(36, phase), "W")
        yield f"{instant}voltage_l{phase}_v", Register(phase_code(32, phase), "V")
        yield f"{instant}current_l{phase}_a", Register(phase_code(31, phase), "A")
    for direction, value in (("import", 1), ("export", 2)):
        yield f"{energy}_{direction}_kwh", Register(f"1-0:{value}.8.0", "kWh")
        for tariff in _TARIFFS:
            name = f"{energy}_{direction}_t{tariff}_kwh"
            yield name, Register(f"1-0:{value}.8.{tariff}", "kWh")


_V1: Final = dict(_table("active_power", "total_power", "active_")) | {
    "active_power_average_w": Register("1-0:1.4.0", "W"),
}
_V2: Final = dict(_table("power", "energy", "")) | {
    "average_power_15m_w": Register("1-0:1.4.0", "W"),
}


def read_v1(document: Document) -> Reading:
    """Return the reading in an answer of version 1; ValueError says what is wrong."""
    return _rest(
        reading("homewizard", document, _V1), document, "smr_version", "montly"
    )


def read_v2(document: Document) -> Reading:
    """Return the reading in an answer of version 2; ValueError says what is wrong."""
    return _rest(
        reading("homewizard", document, _V2), document, "protocol_version", "monthly"
    )


def _rest(read: Reading, document: Document, version: str, month: str) -> Reading:
    said = leaves(document)
    meter_id = text(said, "unique_id")
    peak_w = number(said, f"{month}_power_peak_w")
    return replace(
        read,
        version=text(said, version),
        meter_id=None if meter_id is None else decoded(meter_id),
        month_peak=None if peak_w is None else Peak(at=None, power_w=round(peak_w)),
        power_failures=_failures(said),
        voltage_sags=_counts(said, "sag"),
        voltage_swells=_counts(said, "swell"),
        submeters=tuple(_submeters(document)),
    )


def _failures(said: Mapping[str, Leaf]) -> PowerFailures | None:
    short, long = (
        _count(said, "any_power_fail_count"),
        _count(said, "long_power_fail_count"),
    )
    return (
        None
        if short is None and long is None
        else PowerFailures(short=short, long=long)
    )


def _count(said: Mapping[str, Leaf], path: str) -> int | None:
    value = number(said, path)
    return None if value is None else round(value)


def _counts(said: Mapping[str, Leaf], what: str) -> dict[int, int]:
    found = {p: _count(said, f"voltage_{what}_l{p}_count") for p in PHASES}
    return {phase: count for phase, count in found.items() if count is not None}


def _submeters(document: Document) -> Iterator[Submeter]:
    """Yield the meters behind; one that is not named or not known is left out."""
    external = document.get("external")
    if not isinstance(external, list):
        return
    for channel, meter in enumerate(external, start=1):
        if not isinstance(meter, Mapping):
            continue
        said = leaves(meter)
        kind = _KINDS.get(str(said.get("type")))
        meter_id, value = text(said, "unique_id"), number(said, "value")
        unit = text(said, "unit")
        if kind is None or None in (meter_id, value, unit):
            continue
        yield Submeter(
            channel=channel,
            kind=kind,
            meter_id=decoded(str(meter_id)),
            value=value,
            unit=unit,
        )
