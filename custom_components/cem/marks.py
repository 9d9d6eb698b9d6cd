"""How each figure that is shown came about: metered, calculated or estimated."""

from typing import Final

from cem_core.model import Quality, Reading
from custom_components.cem.fast_loop import Snapshot

_WORST_LAST: Final = (Quality.METERED, Quality.CALCULATED, Quality.ESTIMATED)


def grid_quality(reading: Reading | None) -> Quality | None:
    """Mark the net power: a difference where the meter says two powers that flow."""
    if reading is None or reading.power_w is None:
        return None
    marks = [
        reading.quality_of("import_power_w"),
        reading.quality_of("export_power_w"),
    ]
    if reading.import_power_w and reading.export_power_w:
        marks.append(Quality.CALCULATED)
    return _worst(marks)


def load_quality(snapshot: Snapshot) -> Quality | None:
    """Mark the house load, which is always computed, at best of metered figures."""
    if snapshot.load_w is None:
        return None
    if snapshot.load_estimated:
        return Quality.ESTIMATED
    grid = grid_quality(snapshot.reading)
    return _worst([Quality.CALCULATED, *([] if grid is None else [grid])])


def energy_quality(reading: Reading, name: str, register: str | None = None) -> Quality:
    """Mark ``register`` of ``name`` (``import_energy_wh``), or the total for None.

    The total is a sum where the meter says only its tariffs.
    """
    registers = (
        reading.import_energy_wh
        if name == "import_energy_wh"
        else reading.export_energy_wh
    )
    if register is None and "total" not in registers:
        marks = [reading.quality_of(f"{name}.{each}") for each in registers]
        return _worst([*marks, *([Quality.CALCULATED] if len(marks) > 1 else [])])
    return reading.quality_of(f"{name}.{register or 'total'}")


def _worst(marks: list[Quality]) -> Quality:
    return max(marks, key=_WORST_LAST.index)
