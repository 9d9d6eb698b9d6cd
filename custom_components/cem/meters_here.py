"""The meters of this system that a home may begin with, whoever found them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.core import HomeAssistant

from custom_components.cem.const import Kind
from custom_components.cem.forms.meter import SPEED
from custom_components.cem.meter_discovery import FoundMeter, offered_meters
from custom_components.cem.presets import on_this_system

_WHERE: Final = ("device", "host", "topic")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHere:
    """A meter as it is offered; ``meter`` None: another integration reads it."""

    label: str
    answers: Mapping[str, Any]
    meter: FoundMeter | None = None


def found_here(hass: HomeAssistant) -> dict[str, FoundHere]:
    """Return what was found, by the id of the flow or of the device that tells it.

    First those that nobody reads yet: the CEM reads them itself, each second at best.
    """
    announced = {
        flow_id: FoundHere(
            label=_labelled(meter), answers=_usual(meter) | meter.data, meter=meter
        )
        for flow_id, meter in offered_meters(hass).items()
    }
    return announced | {
        found.device_id: FoundHere(
            label=found.label,
            answers={k: v for k, v in found.answers.items() if k != "name"},
        )
        for found in on_this_system(hass, Kind.METER)
    }


def _labelled(meter: FoundMeter) -> str:
    """Name a meter with where it is: two cables of one maker differ by that."""
    where = next(iter(meter.answers[k] for k in _WHERE if k in meter.answers), "")
    return f"{meter.name} ({where})" if where != meter.name else meter.name


def _usual(meter: FoundMeter) -> dict[str, Any]:
    """Return what a form would fill in that is not asked here."""
    return {SPEED.key: SPEED.default} if meter.method == "serial" else {}
