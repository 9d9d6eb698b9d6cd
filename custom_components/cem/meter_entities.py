"""Entities for what the meter says: made when it first says it, kept from then on.

What a telegram leaves out stays as it was, for meters that say some values seldom;
but a power that has not been said for a minute is unknown.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.sensor import SensorEntity, SensorStateClass
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from cem_core.meter.line_judge import NAMES
from cem_core.model import Quality, Reading
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.entity import Recorded, is_leaving
from custom_components.cem.home import Home
from custom_components.cem.meter_values import MeterSensorDescription, Value
from custom_components.cem.meters import EntityMeter
from custom_components.cem.subentries import only

_HELD_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Heard:
    """The last reading, and whether the meter has been silent since."""

    reading: Reading
    silent: bool


class MeterEntity(Entity):
    """A value of the meter, kept up to date by `MeterEntities`."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self, home: Home, owner: ConfigSubentry, description: EntityDescription
    ) -> None:
        """Belong to the meter's own device."""
        self.home = home
        self.owner = owner
        self.entity_description = description
        self._attr_unique_id = f"{owner.subentry_id}_{description.key}"
        self._attr_available = True
        self._is_added = False

    @property
    @override
    def device_info(self) -> DeviceInfo:
        """Describe the meter as its last telegram does."""
        reading = self.home.snapshot.reading or Reading(format="")
        name = NAMES.get(reading.format, reading.format)
        return DeviceInfo(
            identifiers={(DOMAIN, self.owner.subentry_id)},
            name=self.owner.title,
            model=f"{name} {reading.version or ''}".strip(),
            serial_number=reading.meter_id,
        )

    @override
    async def async_added_to_hass(self) -> None:
        """Write from now on."""
        self._is_added = True

    @callback
    def follow(self, heard: Heard) -> None:
        """Write what was heard, if it is due."""
        available = not heard.silent
        due = self._take(heard.reading) or available != self._attr_available
        self._attr_available = available
        if due and self._is_added:
            self.async_write_ha_state()

    def _take(self, reading: Reading) -> bool:
        """Take a reading, maybe the last one again; tell whether to write it."""
        raise NotImplementedError


class MeterSensor(MeterEntity, SensorEntity):
    """A number or a word of the telegram: unmodified, with its meter, time and mark."""

    # New with each telegram: shown, not recorded.
    _unrecorded_attributes = frozenset({"measured_at"})

    entity_description: MeterSensorDescription

    def __init__(
        self, home: Home, owner: ConfigSubentry, description: MeterSensorDescription
    ) -> None:
        """Write at most as often as the user wants it recorded."""
        super().__init__(home, owner, description)
        self._attr_translation_placeholders = description.placeholders
        self._now = home.hass.loop.time
        interval_s = home.settings.record_interval_s * description.slowly
        self._recorded = Recorded(self._now, interval_s, step=description.step)
        self._value: Value = None
        self._said_s = self._now()
        self._attributes: dict[str, Any] = {}
        self._quality: Quality | None = None

    @override
    def _take(self, reading: Reading) -> bool:
        description = self.entity_description
        value, now_s = description.value_fn(reading), self._now()
        if value is not None:
            self._value, self._said_s = value, now_s
            self._attributes = self._about(reading)
        elif (
            description.state_class is SensorStateClass.MEASUREMENT
            and now_s - self._said_s >= _HELD_S
        ):
            self._value = None
        quality = self._attributes.get("quality")
        marked, self._quality = quality != self._quality, quality
        if not self._recorded.due(self._value) and not marked:
            return False
        self._attr_native_value = self._value
        self._attr_extra_state_attributes = self._attributes
        return True

    def _about(self, reading: Reading) -> dict[str, Any]:
        description = self.entity_description
        at = reading.timestamp or self.home.snapshot.time
        about: dict[str, Any] = {
            "meter_id": description.meter_id_fn(reading),
            "measured_at": at.isoformat(),
            "quality": description.quality_fn(reading),
        }
        if description.attributes_fn is not None:
            about |= description.attributes_fn(reading)
        return about


type Offer = tuple[str, Callable[[Home, ConfigSubentry], MeterEntity]]
type Offers = Callable[[Reading], Iterator[Offer]]


class MeterEntities:
    """Makes a platform's entities for the meter that the home reads by itself."""

    def __init__(
        self,
        home: Home,
        owner: ConfigSubentry,
        offers: Offers,
        add: AddConfigEntryEntitiesCallback,
    ) -> None:
        """Make whatever ``offers`` finds in a reading, once, by its key."""
        self._home = home
        self._owner = owner
        self._offers = offers
        self._add = add
        self._made: dict[str, MeterEntity] = {}
        self._heard: Heard | None = None

    @callback
    def update(self) -> None:
        """Take the home's last reading."""
        snapshot = self._home.snapshot
        if snapshot.reading is None or is_leaving(self._home):
            return
        heard, last = Heard(snapshot.reading, snapshot.meter_silent), self._heard
        if last and last.reading is heard.reading and last.silent == heard.silent:
            return
        self._heard = heard
        made = {
            key: make(self._home, self._owner)
            for key, make in self._offers(heard.reading)
            if key not in self._made
        }
        self._made |= made
        for entity in self._made.values():
            entity.follow(heard)
        if made:
            subentry_id = self._owner.subentry_id
            self._add(made.values(), config_subentry_id=subentry_id)


def follow_meter(
    home: Home, offers: Offers, add: AddConfigEntryEntitiesCallback
) -> None:
    """Make entities of ``offers`` for as long as the home is loaded.

    A meter of entities has them already.
    """
    owner = only(home.entry, Kind.METER)
    if owner is None or isinstance(home.meter, EntityMeter):
        return
    entities = MeterEntities(home, owner, offers, add)
    home.entry.async_on_unload(home.listen(entities.update))
    entities.update()
