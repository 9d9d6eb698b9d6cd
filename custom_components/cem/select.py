"""Selects: the home's mode and profile, and how the car is charged."""

from typing import Final, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from cem_core.insight.season import Season
from cem_core.model import DeviceKind
from cem_core.model.profile import Profile, ProfileChoice
from cem_core.model.role import Right
from custom_components.cem import CemConfigEntry, wishes
from custom_components.cem.const import Charging, Mode
from custom_components.cem.entity import DeviceEntity, HomeEntity
from custom_components.cem.home_profile import async_set_profile, effects
from custom_components.cem.language import renderer
from custom_components.cem.season import async_set_season

PARALLEL_UPDATES = 0

MODE: Final = SelectEntityDescription(
    key="mode", translation_key="mode", options=[mode.value for mode in Mode]
)
PROFILE: Final = SelectEntityDescription(
    key="profile",
    translation_key="profile",
    options=[profile.value for profile in Profile],
)
BY_WEATHER: Final = "by_weather"
SEASON: Final = SelectEntityDescription(
    key="season",
    translation_key="season",
    options=[BY_WEATHER, *(season.value for season in Season)],
)
CHARGING: Final = SelectEntityDescription(
    key="charging",
    translation_key="charging",
    options=[charging.value for charging in Charging],
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CemConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the mode, and each charger's wish."""
    home = entry.runtime_data
    async_add_entities([ModeSelect(home, MODE), ProfileSelect(home, PROFILE)])
    if home.by_kind(DeviceKind.HEAT_PUMP):
        async_add_entities([SeasonSelect(home, SEASON)])
    for device in home.by_kind(DeviceKind.EV_CHARGER):
        async_add_entities(
            [ChargingSelect(home, device, CHARGING)],
            config_subentry_id=device.subentry_id,
        )


class ModeSelect(HomeEntity, SelectEntity):
    """Observe, advise or control."""

    @callback
    @override
    def update(self) -> None:
        """Write the mode if it changed."""
        if self._attr_current_option != self.home.mode:
            self._attr_current_option = self.home.mode.value
            self.async_write_ha_state()

    _attr_current_option: str | None = None

    @override
    async def async_select_option(self, option: str) -> None:
        """Change what the CEM may do; to take its hands off is a resident's right."""
        controls = option == Mode.CONTROL
        await self.async_require(Right.CONTROL if controls else Right.STEP_BACK)
        await wishes.async_set_mode(self.home, Mode(option))


class ProfileSelect(HomeEntity, SelectEntity):
    """How the home is lived in; its attributes say until when, and what that means."""

    _attr_current_option: str | None = None
    _shown: tuple[Profile, ProfileChoice] | None = None

    @callback
    @override
    def update(self) -> None:
        """Write the profile if it, or its end, is another."""
        shown = (self.home.profile, self.home.store.profile)
        if shown == self._shown:
            return
        self._shown, (profile, choice) = shown, shown
        lasts = profile is not Profile.HOME and choice.until is not None
        said = renderer(self.hass)
        self._attr_current_option = profile.value
        self._attr_extra_state_attributes = {
            "until": choice.until if lasts else None,
            "effects": [
                said.text(effect)
                for effect in effects(self.home.devices.values(), profile)
            ],
        }
        self.async_write_ha_state()

    @override
    async def async_select_option(self, option: str) -> None:
        """Live by another profile until somebody says so."""
        await self.async_require(Right.WISH)
        choice = ProfileChoice(profile=Profile(option))
        await async_set_profile(self.home, choice)


class SeasonSelect(HomeEntity, SelectEntity):
    """By the weather, or what somebody says; its attributes say what holds, and why."""

    _attr_current_option: str | None = None
    _shown: tuple[Season | None, Season, float | None] | None = None

    @callback
    @override
    def update(self) -> None:
        """Write the season if it, or what the weather says, is another."""
        weather = self.home.weather
        shown = (self.home.store.season, weather.season, weather.mean_c)
        if shown == self._shown:
            return
        self._shown = shown
        self._attr_current_option = self.home.store.season or BY_WEATHER
        self._attr_extra_state_attributes = {
            "in_force": self.home.season.value,
            "outdoor_mean_c": weather.mean_c,
        }
        self.async_write_ha_state()

    @override
    async def async_select_option(self, option: str) -> None:
        """Leave it to the weather, or say what it is until somebody says otherwise."""
        await self.async_require(Right.WISH)
        chosen = None if option == BY_WEATHER else Season(option)
        await async_set_season(self.home, chosen)


class ChargingSelect(DeviceEntity, SelectEntity):
    """As planned, now, or not tonight."""

    _attr_current_option: str | None = None

    @callback
    @override
    def update(self) -> None:
        """Write the wish if it changed."""
        if self._attr_current_option != self.device.charging:
            self._attr_current_option = self.device.charging.value
            self.async_write_ha_state()

    @override
    async def async_select_option(self, option: str) -> None:
        """Change the wish."""
        await self.async_require(Right.WISH)
        await wishes.async_set_charging(self.home, self.device, Charging(option))
