"""The CO2 of the grid's energy, for each step, from where the home's settings say.

An entity of Electricity Maps, or any other that tells of the mass per energy, as it was
recorded; a number of the settings where that says nothing. What is imported counts
with it, what is exported takes nothing off: who used it instead of what is not known.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import State

from custom_components.cem.describe import number_of
from custom_components.cem.forms.carbon import factor_of
from custom_components.cem.home import Home
from custom_components.cem.planning.steps import STEP
from custom_components.cem.saving.past_states import async_states

_MOST_KG_PER_KWH: Final = 3.0


def is_set(home: Home) -> bool:
    """Tell whether the settings name anything that tells of the grid's CO2."""
    settings = home.settings
    return settings.co2_entity is not None or settings.co2_kg_per_kwh is not None


async def async_intensity(
    home: Home, start: datetime, count: int
) -> Sequence[float] | None:
    """Return the kg/kWh of ``count`` quarter hours, None where nothing tells of it."""
    entity, fixed = home.settings.co2_entity, home.settings.co2_kg_per_kwh
    said: list[tuple[datetime, float]] = []
    if entity is not None:
        states = await async_states(home.hass, entity, start, start + count * STEP)
        said = [
            (state.last_updated, kg)
            for state in states
            if (kg := _kg_per_kwh(state)) is not None
        ]
    if said:
        return held(said, start, count)
    return None if fixed is None else [fixed] * count


def held(
    said: Sequence[tuple[datetime, float]], start: datetime, count: int
) -> list[float]:
    """Return what was said last by the middle of each step; the first also before.

    ``said`` in order, at least one.
    """
    column, place = [], 0
    for step in range(count):
        middle = start + step * STEP + STEP / 2
        while place + 1 < len(said) and said[place + 1][0] <= middle:
            place += 1
        column.append(said[place][1])
    return column


def emitted_kg(
    import_kw: Sequence[float], left_kwh: float, intensity: Sequence[float]
) -> float:
    """Return the CO2 of the imports in kg; what devices hold more counts at the mean."""
    step_h = STEP.total_seconds() / 3600
    drawn = sum(kw * kg for kw, kg in zip(import_kw, intensity, strict=True)) * step_h
    return drawn - left_kwh * sum(intensity) / len(intensity)


def _kg_per_kwh(state: State) -> float | None:
    """Return what the state says, None for nothing and for nonsense."""
    factor = factor_of(state.attributes.get(ATTR_UNIT_OF_MEASUREMENT))
    value = number_of(state)
    if factor is None or value is None:
        return None
    kg = value * factor
    return kg if 0 <= kg <= _MOST_KG_PER_KWH else None
