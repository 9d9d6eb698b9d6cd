"""What is foretold for a plan: prices, weather, sun, load and where cars leave."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from cem_core.model import DeviceKind, Series
from custom_components.cem.home import Home
from custom_components.cem.learning.learner import Learner
from custom_components.cem.planning.capacity import async_peaks
from custom_components.cem.planning.car_calendar import async_ask_calendar
from custom_components.cem.planning.forecasts import Forecasts
from custom_components.cem.planning.house_load import HouseLoad
from custom_components.cem.planning.outlook import Outlook
from custom_components.cem.planning.prices import Prices, async_prices
from custom_components.cem.planning.steps import Steps
from custom_components.cem.planning.weather import async_outdoor, async_solar

SERVES: Final = timedelta(minutes=6)  # a plan is made every five


class Foresight:
    """Asks everybody who foretells something, and keeps what the last plan was told."""

    def __init__(self, home: Home, forecasts: Forecasts, learner: Learner) -> None:
        """Look ahead for ``home``; nobody is asked yet."""
        self._home = home
        self._hass = home.hass
        self._forecasts = forecasts
        self._learner = learner
        self._seen: Outlook | None = None

    async def async_for_plan(self, now: datetime) -> Outlook:
        """Return what is foretold, and keep it for who asks soon."""
        self._seen = await self.async_outlook(now)
        return self._seen

    def last(self, now: datetime) -> Outlook | None:
        """Return what was foretold for the last plan, None if that is long ago.

        To ask for prices, weather and loads takes longer than a limit can wait.
        """
        seen = self._seen
        if seen is None or now - seen.steps.now > SERVES:
            return None
        return replace(
            seen,
            steps=Steps.from_now(now, seen.steps.known_until),
            load=seen.load.seen_at(now),
            present_load_w=self._home.snapshot.load_w,
        )

    async def async_outlook(self, now: datetime) -> Outlook:
        """Return what is foretold now. Raises `SeriesError` or `WorkerError`."""
        home, hass = self._home, self._hass
        home.prices_refused = True
        prices = await self._prices()
        home.take_prices(prices)
        await self._learner.async_start_values()
        solar, outdoor = {}, {}
        for device in home.by_kind(DeviceKind.SOLAR):
            solar[device.device_id] = await async_solar(hass, device.data)
        for device in home.by_kind(DeviceKind.HEAT_PUMP):
            forecast = device.data.get("outdoor_forecast")
            outdoor[device.device_id] = await async_outdoor(hass, forecast)
        for device in home.by_kind(DeviceKind.EV_CHARGER):
            await async_ask_calendar(hass, device, now)
        home.foretold_until = {
            home.devices[device_id].model.name: series.end
            for device_id, series in (solar | outdoor).items()
            if series.end is not None
        }
        foretold = await self._forecasts.async_foretold(now, solar, outdoor)
        return Outlook(
            steps=Steps.from_now(now, prices.imported.end),
            prices=prices,
            load=HouseLoad(foretold.load, now=now),
            present_load_w=home.snapshot.load_w,
            solar=foretold.solar,
            outdoor=outdoor,
            heating=foretold.heating,
            walls_apart_k=foretold.walls_apart_k,
            peaks=await async_peaks(home, now),
        )

    async def _prices(self) -> Prices:
        tariff = self._home.tariff
        if tariff is None:
            # Without prices every kWh is worth the same: use what is one's own.
            none = Series(())
            return Prices(
                imported=none, exported=none, fixed_import=0.25, fixed_export=0.05
            )
        return await async_prices(self._hass, tariff)
