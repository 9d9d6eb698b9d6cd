"""The form that asks for a meter shows what it says before it is kept."""

import asyncio
from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import (
    EVENT_DATA_ENTRY_FLOW_PROGRESSED,
    FlowResultType,
)
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    async_fire_mqtt_message,
)
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.forms.meter import METHODS as FORMS
from custom_components.cem.meter_dialog import LOOKS
from custom_components.cem.meter_flow import MeterFlow
from tests.custom_components.gateway import asked, gateway, pseudo_terminal, until
from tests.custom_components.test_config_flow import start
from tests.telegrams.compose import DSMR4, DSMR5, EMUCS, telegram
from tests.telegrams.dlms import AUTH_KEY, KEY, sealed

pytestmark = pytest.mark.usefixtures("socket_enabled")

GOOD_KEYS = {"key": KEY.hex(), "auth_key": AUTH_KEY.hex()}


@pytest.fixture(autouse=True)
def soon_given_up_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no second telegram where the first is closed."""
    monkeypatch.setattr("custom_components.cem.meters.preview._ONE_MORE_S", 0.05)


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let Home Assistant's MQTT client keep its own."""
    return True


async def answer(hass: HomeAssistant, form: dict[str, Any], said: Any) -> Any:
    """Fill in a step of the meter's flow."""
    return await asked(hass.config_entries.subentries, form, said)


async def choose(hass: HomeAssistant, form: dict[str, Any], step: str) -> Any:
    """Choose from a menu."""
    return await answer(hass, form, {"next_step_id": step})


async def unload(hass: HomeAssistant) -> Any:
    """End the home, and return the data of its meter."""
    await hass.async_block_till_done()
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    (subentry,) = entry.subentries.values()
    assert await hass.config_entries.async_unload(entry.entry_id)
    return dict(subentry.data)


def test_each_method_has_a_form_and_each_form_a_step() -> None:
    assert {*LOOKS, "entities"} == set(FORMS)
    assert all(hasattr(MeterFlow, f"async_step_{method}") for method in FORMS)


async def test_what_a_meter_says_is_shown_and_then_kept(hass: HomeAssistant) -> None:
    form = await start(hass, Kind.METER, "tcp")
    async with gateway(EMUCS) as port:
        at = {"host": "127.0.0.1", "port": port}
        shown = await answer(hass, form, at)
        assert (shown["type"], shown["step_id"]) == (FlowResultType.MENU, "telegram")
        said = shown["description_placeholders"]
        assert said["format"] == "P1 50217"
        assert said["damaged"] == "0"
        assert said["import_power"].endswith(" W")
        assert said["phases"].startswith("L1 ")
        assert "1: " in said["import_energy"]
        assert "m3" in said["submeters"]
        again = await choose(hass, form, "look_again")
        assert again["step_id"] == "telegram"
        back = await choose(hass, form, "change")
        assert (back["step_id"], back["errors"]) == ("tcp", {})
        suggested = {
            str(key): key.description["suggested_value"]
            for key in back["data_schema"].schema
            if key.description
        }
        assert suggested == {**at, "advanced": {}}
        await answer(hass, form, at)
        result = await choose(hass, form, "keep")
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert await unload(hass) == {"method": "tcp"} | at


async def test_telegrams_are_shown_as_they_come_before_it_is_asked(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.cem.meter_dialog._WATCHED_S", 10)
    flows = hass.config_entries.subentries
    told = async_capture_events(hass, EVENT_DATA_ENTRY_FLOW_PROGRESSED)
    form = await start(hass, Kind.METER, "tcp")
    sent = [telegram(["0-0:96.1.1(31)", f"1-0:1.7.0(0.{n}00*kW)"]) for n in range(9)]
    async with gateway(*sent) as port:
        said = {"host": "127.0.0.1", "port": port}
        shown = await flows.async_configure(form["flow_id"], said)
        assert shown["type"] is FlowResultType.SHOW_PROGRESS
        assert (shown["step_id"], shown["progress_action"]) == ("live", "live")
        seen = []
        while shown["type"] is FlowResultType.SHOW_PROGRESS:
            seen.append((shown["description_placeholders"] or {})["import_power"])
            # A browser asks again for each such event.
            count = len(told)
            await until(hass, lambda: len(told) > count, settle=False)  # noqa: B023
            shown = await flows.async_configure(form["flow_id"])
        assert len(set(seen)) > 2
        assert all(event.data["flow_id"] == form["flow_id"] for event in told)
        assert (shown["type"], shown["step_id"]) == (FlowResultType.MENU, "telegram")
        await choose(hass, form, "keep")
        await unload(hass)


async def test_a_dialog_that_is_closed_lets_go_of_the_meter(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.cem.meter_dialog._WATCHED_S", 60)
    flows = hass.config_entries.subentries
    form = await start(hass, Kind.METER, "tcp")
    async with gateway(DSMR5, every_s=20) as port:
        shown = await flows.async_configure(
            form["flow_id"], {"host": "127.0.0.1", "port": port}
        )
        assert shown["type"] is FlowResultType.SHOW_PROGRESS
        flows.async_abort(form["flow_id"])
        async with asyncio.timeout(5):
            await hass.async_block_till_done()


async def test_a_meter_that_speaks_seldom_is_silent_later(hass: HomeAssistant) -> None:
    form = await start(hass, Kind.METER, "tcp")
    async with gateway(DSMR4) as port:
        await answer(hass, form, {"host": "127.0.0.1", "port": port})
        await choose(hass, form, "keep")
        assert (await unload(hass))["silent_after"] == 25


@pytest.mark.usefixtures("impatient")
async def test_each_failure_can_be_put_right(hass: HomeAssistant) -> None:
    form = await start(hass, Kind.METER, "tcp")
    async with gateway() as port:
        at = {"host": "127.0.0.1", "port": port}
        result = await answer(hass, form, at)
        assert result["errors"] == {"base": "no_bytes"}
    result = await answer(hass, form, at)
    assert result["errors"] == {"base": "cannot_connect"}
    assert result["description_placeholders"]["cause"] == (
        "nothing listens at this address and port"
    )
    async with gateway(b"hello, hello, hello\r\n") as port:
        result = await answer(hass, form, at | {"port": port})
        assert result["errors"] == {"base": "no_telegram"}
        assert "text" in result["description_placeholders"]["cause"]
    async with gateway(DSMR5[:-6] + b"0000\r\n") as port:
        result = await answer(hass, form, at | {"port": port})
        assert result["errors"] == {"base": "no_telegram"}
        assert "damaged" in result["description_placeholders"]["cause"]
    async with gateway(DSMR5) as port:
        result = await answer(hass, form, at | {"port": port})
        assert result["step_id"] == "telegram"
        await choose(hass, form, "keep")
        await unload(hass)


async def test_keys_are_asked_for_and_a_wrong_one_is_refused(
    hass: HomeAssistant,
) -> None:
    form = await start(hass, Kind.METER, "tcp")
    telegrams = [sealed(DSMR5, counter=n) for n in range(1, 200)]
    async with gateway(*telegrams) as port:
        result = await answer(hass, form, {"host": "127.0.0.1", "port": port})
        assert (result["step_id"], result["errors"]) == ("meter_keys", {})
        for said, error in (
            ({"key": "secret"}, {"key": "key_malformed"}),
            ({"key": KEY.hex(), "auth_key": "0"}, {"auth_key": "key_malformed"}),
            ({"key": "00" * 16}, {"base": "key_refused"}),
            ({"key": KEY.hex(), "auth_key": "00" * 16}, {"base": "key_refused"}),
        ):
            result = await answer(hass, form, said)
            assert (result["step_id"], result["errors"]) == ("meter_keys", error)
        result = await answer(hass, form, GOOD_KEYS)
        assert result["step_id"] == "telegram"
        await choose(hass, form, "keep")
        assert (await unload(hass)).items() >= GOOD_KEYS.items()


async def test_a_meter_that_is_read_is_changed_by_listening_in(
    hass: HomeAssistant,
) -> None:
    form = await start(hass, Kind.METER, "tcp")
    flows = hass.config_entries.subentries
    served: list[int] = []
    telegrams = [sealed(DSMR5, counter=n) for n in range(1, 400)]
    async with gateway(*telegrams, connected=served) as port:
        at = {"host": "127.0.0.1", "port": port}
        await answer(hass, form, at)
        await answer(hass, form, GOOD_KEYS)
        await choose(hass, form, "keep")
        (entry,) = hass.config_entries.async_entries(DOMAIN)
        await until(hass, lambda: entry.runtime_data.snapshot.reading is not None)
        (subentry,) = entry.subentries.values()
        connections = len(served)
        changed = await flows.async_init(
            (entry.entry_id, "meter"),
            context={
                "source": SOURCE_RECONFIGURE,
                "subentry_id": subentry.subentry_id,
            },
        )
        form = dict(changed)
        result = await answer(hass, form, at | {"advanced": {"silent_after": 20}})
        # With the keys that are known, and without a connection of its own.
        assert result["step_id"] == "telegram"
        assert len(served) == connections
        result = await choose(hass, form, "keep")
        assert result["reason"] == "reconfigure_successful"
        data = await unload(hass)
        assert data == {"method": "tcp", "silent_after": 20} | at | GOOD_KEYS


@pytest.mark.parametrize(
    ("payload", "form", "kind"),
    [
        (DSMR5, "any", "P1 50"),
        (b'{"power": 500, "energy": 12.5}', "zigbee2mqtt", "zigbee2mqtt"),
    ],
    ids=["bytes", "json"],
)
async def test_a_meter_over_mqtt(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    payload: bytes,
    form: str,
    kind: str,
) -> None:
    subscribed = mqtt_mock.async_subscribe
    step = await start(hass, Kind.METER, "mqtt")
    waits = hass.async_create_task(
        answer(hass, step, {"topic": "home/meter", "form": form})
    )
    await until(hass, lambda: "home/meter" in str(subscribed.mock_calls), settle=False)
    async_fire_mqtt_message(hass, "home/meter", payload, retain=True)  # not of now
    async_fire_mqtt_message(hass, "home/meter", payload)
    shown = await waits
    assert shown["step_id"] == "telegram"
    assert shown["description_placeholders"]["format"].replace("\\", "") == kind
    assert (await choose(hass, step, "keep"))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    async_fire_mqtt_message(hass, "home/meter", payload)
    await until(hass, lambda: entry.runtime_data.snapshot.reading is not None)
    await unload(hass)


@pytest.mark.usefixtures("impatient")
async def test_without_mqtt_the_form_says_so(hass: HomeAssistant) -> None:
    form = await start(hass, Kind.METER, "mqtt")
    shown = await answer(hass, form, {"topic": "home/meter", "form": "any"})
    assert shown["errors"] == {"base": "cannot_connect"}
    assert "MQTT is not set up" in shown["description_placeholders"]["cause"]


async def test_a_meter_on_a_serial_port(hass: HomeAssistant) -> None:
    with pseudo_terminal(DSMR5) as port:
        form = await start(hass, Kind.METER, "serial")
        there = {"device": port, "settings": "115200 8N1"}
        shown = await answer(hass, form, there | {"settings": "fast"})
        assert shown["errors"] == {"settings": "wrong_settings"}
        shown = await answer(hass, form, there | {"device": "/dev/cem-none"})
        assert shown["errors"] == {"base": "cannot_connect"}
        shown = await answer(hass, form, there | {"settings": "auto"})
        assert shown["step_id"] == "telegram"
        await choose(hass, form, "change")
        shown = await answer(hass, form, there)
        assert shown["description_placeholders"]["format"] == "P1 50"
        await choose(hass, form, "keep")
        await hass.async_block_till_done()
        (entry,) = hass.config_entries.async_entries(DOMAIN)
        await until(hass, lambda: entry.runtime_data.snapshot.reading is not None)
        assert await unload(hass) == {"method": "serial"} | there


@pytest.mark.usefixtures("impatient")
async def test_what_was_tried_on_a_serial_port_is_told(hass: HomeAssistant) -> None:
    with pseudo_terminal(b"\x00\xff\x80" * 20, every_s=0.02) as port:
        form = await start(hass, Kind.METER, "serial")
        shown = await answer(hass, form, {"device": port, "settings": "auto"})
        assert shown["errors"] == {"base": "no_telegram"}
        assert "115200 8N1" in shown["description_placeholders"]["cause"]
