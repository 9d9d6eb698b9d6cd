"""A meter made of power and energy entities that exist already."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event

from cem_core.model import Message, PhaseReading, Quality, Reading
from custom_components.cem.describe import number_of, power_of
from custom_components.cem.meters.meter import MeterListener
from custom_components.cem.numbers import ATTR_UNIT

_WH_PER: Final = {"Wh": 1, "kWh": 1000, "MWh": 1_000_000}
_A_PER: Final = {"A": 1.0, "mA": 0.001}
_NO_ENERGY_WH: Final = 1e15  # no counter has come this far
_SAY_NOTHING: Final = Message.of("entities_say_nothing")
_POWERS: Final = ("power", "import_power", "export_power")
# One of two entities may be late: their difference is what is shown.
_CALCULATED: Final = dict.fromkeys(
    ("import_power_w", "export_power_w"), Quality.CALCULATED
)


class EntityMeter:
    """Makes a reading of each change of a power entity."""

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Use the entities that the user picked."""
        self._hass = hass
        self._data = data
        self._unsubscribe: Callable[[], None] | None = None
        self._listener: MeterListener | None = None

    @property
    def source(self) -> str:
        """Where the readings come from."""
        return ", ".join(self._entities)

    @property
    def silent_after_s(self) -> float:
        """As the user set it: entities are slower than a P1 port."""
        return float(self._data.get("silent_after", 60))

    @property
    def _entities(self) -> tuple[str, ...]:
        return tuple(self._data[key] for key in _POWERS if key in self._data)

    def start(self, listener: MeterListener) -> None:
        """Listen to the power entities and report what they say now."""
        self._listener = listener
        self._unsubscribe = async_track_state_change_event(
            self._hass, self._entities, self._changed
        )
        self._report()

    async def stop(self) -> None:
        """Listen no more."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        del event
        self._report()

    def _report(self) -> None:
        if self._listener is None:
            return
        reading = self.read()
        self._listener.connected(reading is not None, _SAY_NOTHING)
        if reading is not None:
            self._listener.reading(reading)

    def read(self) -> Reading | None:
        """Return what the entities say, or None while one of them is silent."""
        powers = {
            key: power_of(self._hass.states.get(self._data[key]))
            for key in _POWERS
            if key in self._data
        }
        if None in powers.values():
            return None
        net_w = powers.get("power")
        if net_w is not None and self._data["power_sign"] == "export_positive":
            net_w = -net_w
        if net_w is None:
            net_w = (powers.get("import_power") or 0) - (
                powers.get("export_power") or 0
            )
        return Reading(
            format="entity",
            import_power_w=max(0, net_w),
            export_power_w=max(0, -net_w),
            import_energy_wh=self._energy("import_energy"),
            export_energy_wh=self._energy("export_energy"),
            phases=self._phases(),
            quality={} if "power" in powers else _CALCULATED,
        )

    def _energy(self, key: str) -> dict[str, int]:
        state = self._hass.states.get(self._data[key]) if key in self._data else None
        value = number_of(state)
        if state is None or value is None:
            return {}
        per_unit = _WH_PER.get(state.attributes.get(ATTR_UNIT, ""))
        energy_wh = 0.0 if per_unit is None else value * per_unit
        if per_unit is None or not 0 <= energy_wh < _NO_ENERGY_WH:
            return {}
        return {"total": round(energy_wh)}

    def _phases(self) -> tuple[PhaseReading, ...]:
        phases = []
        for phase in (1, 2, 3):
            entity_id = self._data.get(f"current_l{phase}")
            state = self._hass.states.get(entity_id) if entity_id else None
            value = number_of(state)
            if state is None or value is None:
                continue
            ampere = _A_PER.get(state.attributes.get(ATTR_UNIT, ""))
            if ampere is not None:
                phases.append(PhaseReading(phase=phase, current_a=value * ampere))
        return tuple(phases)
