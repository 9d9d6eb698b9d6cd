"""Near-limit notices: what can be set, and which rule of the country holds."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from cem_core.limits import TripRule
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from tests.custom_components.conftest import SetUp


@pytest.mark.parametrize(
    ("country", "options", "rule"),
    [
        ("FR", {}, TripRule.LINKY),
        ("BE", {}, TripRule.BREAKER_B),
        ("FR", {"trip_rule": "none"}, TripRule.NONE),
        ("BE", {"trip_rule": "italy", "subscribed_power": 3}, TripRule.ITALY),
    ],
)
async def test_the_country_gives_the_rule_where_nobody_says(
    hass: HomeAssistant,
    set_up: SetUp,
    country: str,
    options: dict[str, Any],
    rule: TripRule,
) -> None:
    hass.config.country = country
    home = await set_up(Kind.METER, options=options)
    settings = home.notices.settings
    assert settings.trip_rule is rule
    assert settings.subscribed_w == options.get("subscribed_power", 9.2) * 1000


async def test_a_breaker_counts_from_the_fuse_where_it_is_known(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    hass.config.country = "BE"
    home = await set_up(Kind.METER, options={"fuse": 25})
    assert home.notices.settings.subscribed_w == 25 * 3 * 230


async def options_form(hass: HomeAssistant, home: Home, **section: Any) -> Any:
    """Fill in the section of the options that is about notices."""
    flow = hass.config_entries.options
    form = await flow.async_init(home.entry.entry_id)
    result = await flow.async_configure(form["flow_id"], {"notices": section})
    await hass.async_block_till_done()
    return result


async def test_the_options_are_kept_and_shown_again(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    result = await options_form(
        hass, home, notify=["notify.mobile_app_phone"], caution_share=70
    )
    assert result["type"] == "create_entry"
    assert "notices" not in home.entry.options
    assert home.entry.state is ConfigEntryState.LOADED
    settings = home.entry.runtime_data.notices.settings
    assert settings.near.caution_share == 0.7
    (told,) = (
        each.settings.notify for each in home.entry.runtime_data.messages.recipients
    )
    assert told == ("notify.mobile_app_phone",)
    form = await hass.config_entries.options.async_init(home.entry.entry_id)
    assert form["data_schema"] is not None
    fields = form["data_schema"].schema["notices"].schema.schema
    (caution,) = [key for key in fields if key == "caution_share"]
    assert caution.description == {"suggested_value": 70}


@pytest.mark.parametrize(
    ("section", "error"),
    [
        ({"caution_share": 95, "warning_share": 90}, "shares_order"),
        ({"notice_topic": "home/#"}, "no_topic"),
        ({"notice_topic": "x" * 300}, "no_topic"),
        ({"quiet_from": "22:00:00"}, "quiet_halves"),
    ],
)
async def test_what_cannot_be_is_refused(
    hass: HomeAssistant, set_up: SetUp, section: dict[str, Any], error: str
) -> None:
    home = await set_up(Kind.METER)
    result = await options_form(hass, home, **section)
    assert result["errors"] == {"base": error}
