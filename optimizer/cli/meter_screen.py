"""What `cem meter watch` shows on a terminal: a state and a reading -> lines."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from cem_core.model import PhaseReading, Reading
from cem_core.transport import LineState

_LABEL: Final = 16
_MOST_CAUSES: Final = 5
_MINUTE_S: Final = 120


def lines(
    address: str,
    state: LineState,
    reading: Reading | None,
    damage: Sequence[str],
    size: tuple[int, int],
) -> list[str]:
    """Return the screen, no more than ``size`` (columns, rows) holds.

    ``damage`` are the last damaged telegrams in words.
    """
    columns, rows = size
    content = [
        *_about(address, state),
        "",
        *([] if reading is None else _values(reading)),
        *_damaged(state, damage),
    ]
    return [_plain(line)[:columns] for line in content[:rows]]


def _about(address: str, state: LineState) -> Iterator[str]:
    yield f"cem meter watch {address}    Ctrl-C ends"
    yield ""
    cause = f": {state.cause}" if state.cause else ""
    yield _row("line", f"{state.status}{cause}")
    yield _row("format", state.format or "not known yet")
    age = "none yet" if state.data_age_s is None else f"{_time(state.data_age_s)} ago"
    yield _row("last telegram", age)
    damaged = sum(state.damaged.values())
    yield _row("so far", f"{state.telegrams} telegrams, {damaged} damaged")
    yield _row("", f"{state.bytes} bytes")


def _values(reading: Reading) -> Iterator[str]:
    for label, text in _said(reading):
        if text:
            yield _row(label, text)
    yield _row("values in all", str(len(reading.raw)))
    yield ""


def _said(reading: Reading) -> Iterator[tuple[str, str | None]]:
    """Yield what the reading says, each with its label; None is not said."""
    time, peak = reading.timestamp, reading.month_peak
    yield "meter", reading.meter_id
    yield "its time", None if time is None else time.isoformat(" ")
    yield "power", _watts(reading.power_w, " (import is positive)")
    for phase in reading.phases:
        yield f"phase {phase.phase}", _phase(phase)
    yield "import", _energy(reading.import_energy_wh)
    yield "export", _energy(reading.export_energy_wh)
    yield "tariff", None if reading.tariff is None else str(reading.tariff)
    yield "quarter hour", _watts(reading.demand_w)
    yield "month's peak", _watts(None if peak is None else peak.power_w)
    for submeter in reading.submeters:
        if submeter.value is not None:
            yield submeter.kind, f"{submeter.value:g} {submeter.unit or ''}"


def _watts(power_w: int | None, note: str = "") -> str | None:
    return None if power_w is None else f"{power_w} W{note}"


def _phase(phase: PhaseReading) -> str:
    powers = (phase.import_power_w, phase.export_power_w)
    net = None if powers == (None, None) else (powers[0] or 0) - (powers[1] or 0)
    said = ((phase.voltage_v, "V"), (phase.current_a, "A"), (net, "W"))
    return "  ".join(f"{value:8g} {unit}" for value, unit in said if value is not None)


def _energy(energy: Mapping[str, int]) -> str:
    return "  ".join(f"{name} {wh / 1000:.3f} kWh" for name, wh in energy.items())


def _damaged(state: LineState, damage: Sequence[str]) -> Iterator[str]:
    often = sorted(state.damaged.items(), key=lambda kind: -kind[1])[:_MOST_CAUSES]
    for cause, count in often:
        yield _row("damaged", f"{count} x {cause}")
    if damage:
        yield ""
        yield from damage


def _row(label: str, text: str) -> str:
    return f"{label:<{_LABEL}}{text}"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < _MINUTE_S else f"{seconds / 60:.0f} min"


def _plain(line: str) -> str:
    """Return ``line`` without what a terminal would obey: a meter may say anything."""
    return "".join(c if c.isprintable() else "?" for c in line)
