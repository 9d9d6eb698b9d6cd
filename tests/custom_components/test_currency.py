"""Prices in forms are in the home's currency."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import NumberSelector
import probatio
import pytest

from custom_components.cem.const import Kind
from custom_components.cem.forms import FORMS
from tests.custom_components.conftest import SetUp


def units(schema: probatio.Schema) -> dict[str, str]:
    """Return the units of the numbers that a form asks for, by field."""
    found: dict[str, str] = {}
    for key, value in schema.schema.items():
        if isinstance(value, section):
            found |= units(value.schema)
        elif isinstance(value, NumberSelector):
            found[str(key)] = str(value.config.get("unit_of_measurement", ""))
    return found


@pytest.mark.parametrize("kind", list(FORMS))
async def test_no_price_is_asked_for_without_its_currency(
    hass: HomeAssistant, kind: Kind
) -> None:
    await hass.config.async_update(currency="NOK")
    for form in FORMS[kind].values():
        asked = units(await form.shown(hass))
        assert not [key for key, unit in asked.items() if unit.startswith("/")]
        prices = [key for key in asked if key.endswith(("_price", "per_kwh"))]
        assert all(asked[key].startswith(("NOK", "kg/")) for key in prices)


async def test_a_tariff_is_asked_for_in_the_homes_currency(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await hass.config.async_update(currency="SEK")
    home = await set_up(Kind.METER)
    subentry: Any = await hass.config_entries.subentries.async_init(
        (home.entry.entry_id, Kind.TARIFF), context={"source": SOURCE_USER}
    )
    fixed: Any = await hass.config_entries.subentries.async_configure(
        subentry["flow_id"], {"next_step_id": "fixed"}
    )
    asked = units(fixed["data_schema"])
    assert asked["import_price"] == asked["export_price"] == "SEK/kWh"
    assert asked["capacity_price_per_kw"] == "SEK/kW"
