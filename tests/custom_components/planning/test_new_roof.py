"""A roof of which nothing is known yet is planned with what it usually gives there."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from cem_core.model import DeviceKind, Series
from custom_components.cem.const import Kind
from custom_components.cem.planning.forecasts import Forecasts
from tests.custom_components.conftest import SetUp
from tests.custom_components.foretelling import Foretelling

HOUR = timedelta(hours=1)


async def test_the_first_day_has_sun_by_place_and_season(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to("2026-06-21T05:30:00+00:00")
    await hass.config.async_update(latitude=52.4, longitude=4.9)
    home = await set_up(Kind.METER, Kind.SOLAR)
    (roof,) = home.by_kind(DeviceKind.SOLAR)
    now = dt_util.utcnow()
    foretold = await Forecasts(home, Foretelling()).async_foretold(
        now, {roof.device_id: Series(())}, {}
    )
    coming = foretold.solar[roof.device_id]
    noon, night = now.replace(hour=12, minute=0), now.replace(hour=23, minute=0)
    at_noon_w = coming.mean(noon, noon + HOUR)
    assert at_noon_w is not None
    assert 0.3 < at_noon_w / roof.model.rated_power_w < 0.6
    assert coming.mean(night, night + HOUR) == 0
