"""A day as it was measured: columns by the quarter hour, from five-minute statistics."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from homeassistant.const import Platform
from homeassistant.helpers import entity_registry as er

from cem_core.model.units import kw
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.learning.statistics import FIVE_MINUTES, Column, async_means
from custom_components.cem.planning.steps import STEP
from custom_components.cem.recorded import charge_entity, power_entity, sign

_PER_STEP: Final = STEP // FIVE_MINUTES
_MOVES_KW: Final = 0.05
_STEP_H: Final = STEP / timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Means in kW by the quarter hour from ``start`` on; charge from 0 to 1.

    ``measured_share`` of the quarter hours were measured; the others stand in for
    them as the ones before. ``charge`` is that of each battery at the start.
    """

    start: datetime
    measured_share: float
    imported: Sequence[float]
    exported: Sequence[float]
    solar: Mapping[str, Sequence[float]]
    batteries: Mapping[str, Sequence[float]]
    cars: Mapping[str, Sequence[float]]
    charge: Mapping[str, float] = field(default_factory=dict)

    @property
    def produced_kwh(self) -> float:
        """What the roofs gave."""
        return sum(map(sum, self.solar.values())) * _STEP_H

    @property
    def batteries_move(self) -> bool:
        """Whether any battery did something."""
        return any(abs(kw_) > _MOVES_KW for b in self.batteries.values() for kw_ in b)

    def load_kw(self, cars: Iterable[Sequence[float]]) -> list[float]:
        """Return what nobody plays: the grid's balance without roofs, batteries, cars."""
        apart = (
            *((1, column) for column in self.solar.values()),
            *((-1, column) for column in self.batteries.values()),
            *((-1, column) for column in cars),
        )
        return [
            max(0.0, into - out + sum(sign * column[t] for sign, column in apart))
            for t, (into, out) in enumerate(
                zip(self.imported, self.exported, strict=True)
            )
        ]


async def async_observed(home: Home, start: datetime, end: datetime) -> Observed | None:
    """Return what was measured from ``start`` to ``end``, None without a grid meter."""
    grid = er.async_get(home.hass).async_get_entity_id(
        Platform.SENSOR, DOMAIN, f"{home.entry.entry_id}_grid_power"
    )
    if grid is None:
        return None
    measured, entities, charges = _apart(home)
    rows = (end - start) // FIVE_MINUTES
    wanted = [grid, *entities.values(), *charges.values()]
    found = await async_means(home.hass, wanted, start, rows, FIVE_MINUTES)
    columns = {name: found[entity] for name, entity in entities.items()}
    known = [
        None not in values
        for values in zip(found[grid], *columns.values(), strict=True)
    ]
    drawn = _filled(found[grid])
    by_kind: dict[Kind, dict[str, list[float]]] = {
        kind: {} for kind in (Kind.SOLAR, Kind.BATTERY, Kind.EV_CHARGER)
    }
    for name, device in measured.items():
        signed = [sign(device) * power_w for power_w in _filled(columns[name])]
        if device.kind is not Kind.BATTERY:
            signed = [max(0.0, power_w) for power_w in signed]
        by_kind[device.kind][name] = _quarters(signed)
    first = {
        name: next((p / 100 for p in found[entity] if p is not None), None)
        for name, entity in charges.items()
    }
    return Observed(
        start=start,
        measured_share=sum(known) / rows if rows else 0.0,
        imported=_quarters([max(0.0, power_w) for power_w in drawn]),
        exported=_quarters([max(0.0, -power_w) for power_w in drawn]),
        solar=by_kind[Kind.SOLAR],
        batteries=by_kind[Kind.BATTERY],
        cars=by_kind[Kind.EV_CHARGER],
        charge={name: share for name, share in first.items() if share is not None},
    )


def _apart(
    home: Home,
) -> tuple[dict[str, ControlledDevice], dict[str, str], dict[str, str]]:
    """Return what is played, and where the power of each, and a charge, is recorded.

    It is measured, and a roof or something that a plan can move.
    """
    measured: dict[str, ControlledDevice] = {}
    powers: dict[str, str] = {}
    charges: dict[str, str] = {}
    for name, device in home.devices.items():
        power = power_entity(home.hass, device)
        if power is None:
            continue
        if device.kind is Kind.BATTERY:
            charge = charge_entity(home.hass, device)
            if charge is None or not device.controllable:
                continue
            charges[name] = charge
        elif device.kind not in {Kind.SOLAR, Kind.EV_CHARGER}:
            continue
        measured[name], powers[name] = device, power
    return measured, powers, charges


def _filled(column: Column) -> list[float]:
    """Let what was measured last stand for what was not."""
    filled, last = [], 0.0
    for value in column:
        last = last if value is None else value
        filled.append(last)
    return filled


def _quarters(powers_w: Sequence[float]) -> list[float]:
    """Return means in kW by the quarter hour of means in W by five minutes."""
    return [
        kw(sum(powers_w[k : k + _PER_STEP]) / _PER_STEP)
        for k in range(0, len(powers_w), _PER_STEP)
    ]
