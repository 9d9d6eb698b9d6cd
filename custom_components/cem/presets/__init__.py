"""Presets for well-known integrations: data, and what finds their devices."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from custom_components.cem.const import Kind
from custom_components.cem.presets import (
    appliances,
    ev_chargers,
    heat_pumps,
    inverters,
    meters,
    water_heaters,
)
from custom_components.cem.presets.preset import Find, Preset

PRESETS: Final = (
    *ev_chargers.PRESETS,
    *inverters.PRESETS,
    *heat_pumps.PRESETS,
    *water_heaters.PRESETS,
    *appliances.PRESETS,
    *meters.PRESETS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A device of this system that a preset knows, and the answers it gives."""

    device_id: str
    preset: Preset
    answers: Mapping[str, Any]

    @property
    def label(self) -> str:
        """How the device is offered: its name and its integration."""
        return f"{self.answers['name']} ({self.preset.integration})"


def on_this_system(hass: HomeAssistant, kind: Kind) -> tuple[Found, ...]:
    """Return the devices that a preset can fill in the form of ``kind`` for."""
    devices = dr.async_get(hass).devices
    entities = er.async_get(hass)
    return tuple(
        Found(device_id=device.id, preset=preset, answers={"name": name} | answers)
        for device in devices
        if not device.disabled
        for preset in PRESETS
        if preset.kind is kind
        and preset.model_id in (None, device.model_id)
        and (name := device.name_by_user or device.name)
        and (answers := _answers(entities, device, preset))
    )


def _answers(
    entities: er.EntityRegistry, device: dr.DeviceEntry, preset: Preset
) -> dict[str, Any] | None:
    own = er.async_entries_for_device(entities, device.id)
    if not preset.beside:
        return preset.fill(own)
    others = [
        entry
        for entry in er.async_entries_for_config_entry(entities, device.config_entry_id)
        if entry.platform == preset.integration
    ]
    return preset.fill(own, others)


def unused(found: Iterable[Found], used: Iterable[object]) -> tuple[Found, ...]:
    """Return what is ``found`` without the devices that are set up already."""
    taken = set(map(str, used))
    return tuple(
        one
        for one in found
        if not taken & {str(one.answers[name]) for name in one.preset.needs}
    )


__all__ = ["PRESETS", "Find", "Found", "Preset", "on_this_system", "unused"]
