"""The meter's last reading as a monitoring appliance reads it over EEBUS."""

from collections.abc import Callable, Mapping

from cem_core.eebus.grid_point import GridValues
from cem_core.model import PhaseReading, Reading
from custom_components.cem.fast_loop import Snapshot

type Phases = tuple[float | None, float | None, float | None]


def grid_values(snapshot: Snapshot) -> GridValues:
    """Return what the meter said last, stale where it has fallen silent."""
    reading = snapshot.reading
    if reading is None:
        return GridValues(time=snapshot.time, stale=True)
    return GridValues(
        time=reading.timestamp or snapshot.time,
        stale=snapshot.meter_silent,
        power_w=reading.power_w,
        import_energy_wh=total_wh(reading.import_energy_wh),
        export_energy_wh=total_wh(reading.export_energy_wh),
        current_a=_phases(reading, lambda phase: phase.current_a),
        voltage_v=_phases(reading, lambda phase: phase.voltage_v),
        frequency_hz=reading.frequency_hz,
    )


def total_wh(registers: Mapping[str, int]) -> int | None:
    """Return the total, which is the sum of the tariffs where the meter says no other."""
    if "total" in registers:
        return registers["total"]
    return sum(registers.values()) if registers else None


def _phases(reading: Reading, value: Callable[[PhaseReading], float | None]) -> Phases:
    found = {phase.phase: value(phase) for phase in reading.phases}
    return found.get(1), found.get(2), found.get(3)
