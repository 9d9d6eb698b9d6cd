"""Sentences are said in Home Assistant's language, where there is a translation."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import translation
import pytest

from cem_core.model import Message
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.language import home_clock, renderer
from custom_components.cem.live import LiveView
from tests.custom_components.conftest import SetUp

NOON = datetime(2026, 1, 15, 11, 0, tzinfo=UTC)  # 12:00 in Brussels
ESPERANTO = {
    "decimal_mark": ",",
    "clock_tomorrow": "morgaŭ je {clock}",
    "no_meter": "Neniu mezurilo.",
    "solar_produces": "Produktas {ĉion}.",  # not the values of the original
    "turned_down_until": "Ĝis {end_time} limo {limit}: {limit_kw} kW, {flow}.",
}


@pytest.fixture
async def in_esperanto(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Home Assistant speak a language that is translated in part."""
    load = translation.load_json

    def load_json(path: Path) -> Any:
        return {"common": ESPERANTO} if path.name == "eo.json" else load(path)

    monkeypatch.setattr(translation, "load_json", load_json)
    hass.config.language = "eo"
    await translation.async_load_integrations(hass, {DOMAIN})


async def test_clocks_are_the_homes_and_name_another_day(
    hass: HomeAssistant, freezer: Any
) -> None:
    freezer.move_to(NOON)
    await hass.config.async_set_time_zone("Europe/Brussels")

    def starts(days: int) -> Message:
        return Message.of("appliance_starts", start_time=NOON + timedelta(days=days))

    say = renderer(hass)
    assert say.text(starts(0)) == "Starts at 12:00."
    assert say.text(starts(1)) == "Starts at 12:00 tomorrow."
    assert say.text(starts(2)) == "Starts at 12:00 on 17 January."
    assert renderer(hass, home_clock).text(starts(2)) == "Starts at 12:00."


@pytest.mark.usefixtures("in_esperanto")
async def test_what_is_not_translated_stays_english(
    hass: HomeAssistant, freezer: Any
) -> None:
    freezer.move_to(NOON)
    await hass.config.async_set_time_zone("Europe/Brussels")
    limited = Message.of(
        "turned_down_until",
        limit=Message.of("ordered_by", issuer="Demo"),
        flow=Message.of("import_at_connection"),
        limit_kw=4.2,
        end_time=NOON + timedelta(days=1),
    )
    say = renderer(hass)
    assert say.text(limited) == (
        "Ĝis morgaŭ je 12:00 limo ordered by Demo: 4,2 kW,"
        " the import at the grid connection."
    )
    assert say.text(Message.of("no_car")) == "No car is plugged in."
    # One with other values than the original's could not be filled in.
    assert say.text(Message.of("solar_produces")) == "Produces all it can."


@pytest.mark.usefixtures("in_esperanto")
async def test_the_dashboard_gets_both_the_sentence_and_what_it_is_made_of(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.HEAT_PUMP)
    live = LiveView(home).as_json()
    assert live["problems"][0] == {
        "code": "no_meter",
        "text": "Neniu mezurilo.",
        "key": "no_meter",
        "values": {},
    }
    (device,) = live["devices"]
    assert device["reason"] == "The energy manager only observes."
    assert device["reason_message"] == {"key": "only_observes", "values": {}}
