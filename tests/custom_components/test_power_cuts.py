"""After a power cut the devices of a home come back one after the other."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from cem_core.model import Cause, PhaseReading, PowerFailure, PowerFailures, Reading
from custom_components.cem import power_cuts
from custom_components.cem.const import Kind, Mode
from custom_components.cem.home import Home
from custom_components.cem.live import LiveView
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import add_states, make_entry

ENTRY: Final = "home_entry"
BEFORE: Final[dict[str, Any]] = {
    "orders": {"version": 1, "limits": []},
    "mode": "control",
    "uncontrolled": [],
    "commanded": [],
    "charging": {},
    "month_peak": None,
    "plan": None,
    "stopped": False,
    "boot": "boot-1",
    "failures": {"meter_id": "1SAG", "short": 6, "long": 2, "logged": None},
}


def telegram(short: int | None = None, **about: Any) -> Reading:
    failures = None if short is None else PowerFailures(short=short, long=2)
    return Reading(
        format="dsmr",
        meter_id="1SAG",
        timestamp=dt_util.utcnow(),
        import_power_w=400,
        **({"power_failures": failures} | about),
    )


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Say which run of the machine this is: another than the stored one."""
    monkeypatch.setattr(power_cuts, "boot_id", lambda: "boot-2")
    monkeypatch.setattr("custom_components.cem.boot_id", lambda: "boot-2")
    return monkeypatch


async def started(
    hass: HomeAssistant, hass_storage: dict[str, Any], **changes: Any
) -> Home:
    """Start a home on what its last run has stored."""
    hass_storage[f"cem.{ENTRY}"] = {
        "version": 1,
        "minor_version": 1,
        "key": f"cem.{ENTRY}",
        "data": BEFORE | changes,
    }
    add_states(hass)
    hass.states.async_remove("sensor.grid")  # the meter is to speak when we say
    async_mock_service(hass, "number", "set_value")
    entry = make_entry(Kind.METER, Kind.EV_CHARGER, Kind.HEAT_PUMP)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(ENTRY)
    await hass.async_block_till_done()
    home: Home = entry.runtime_data
    return home


def causes(home: Home) -> set[Cause]:
    return {order.cause for order in home.snapshot.setpoints.values()}


def told(hass: HomeAssistant) -> str | None:
    state = hass.states.get("event.home_power_cuts")
    assert state is not None
    sign: str | None = state.attributes.get("sign")
    return sign


@pytest.mark.usefixtures("machine")
async def test_after_a_start_without_a_clean_stop_devices_wait_and_say_so(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    home = await started(hass, hass_storage)
    assert causes(home) == {Cause.POWER_CUT}  # at once: no telegram is needed for it
    assert told(hass) is None
    home.on_reading(telegram(7))
    await hass.async_block_till_done()
    assert causes(home) == {Cause.POWER_CUT}
    assert told(hass) == "counted"
    live = LiveView(home).as_json()
    assert live["power_cut"]["sign"] == "counted"
    for device in live["devices"]:
        assert device["setpoint_w"] == 0
        waits = dt_util.parse_datetime(device["waits_until"])
        assert waits is not None
        wait = waits - dt_util.utcnow()
        assert timedelta(seconds=55) < wait <= timedelta(seconds=301)
        assert device["reason"].startswith("The power was cut: waits until ")
    # It is on the way to people and in the log.
    texts = [entry.message.key for entry in home.action_log.entries]
    assert "log_power_returned" in texts
    assert "waits_after_power_cut" in texts


@pytest.mark.usefixtures("machine")
async def test_a_crash_delays_nothing_once_the_meter_counts_no_failure(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    home = await started(hass, hass_storage)
    assert causes(home) == {Cause.POWER_CUT}
    home.on_reading(telegram(6))
    await hass.async_block_till_done()
    assert Cause.POWER_CUT not in causes(home)
    assert told(hass) is None
    assert LiveView(home).as_json()["power_cut"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"boot": "boot-2"},  # the machine ran on while Home Assistant crashed
        {"stopped": True},
    ],
)
@pytest.mark.usefixtures("machine")
async def test_without_a_sign_of_a_cut_nothing_waits(
    hass: HomeAssistant, hass_storage: dict[str, Any], changes: dict[str, Any]
) -> None:
    home = await started(hass, hass_storage, **changes)
    assert Cause.POWER_CUT not in causes(home)
    home.on_reading(telegram())
    assert Cause.POWER_CUT not in causes(home)
    assert told(hass) is None


@pytest.mark.usefixtures("machine")
async def test_a_store_of_an_older_version_is_no_sign(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    old = {k: v for k, v in BEFORE.items() if k not in ("stopped", "boot", "failures")}
    hass_storage[f"cem.{ENTRY}"] = {"version": 1, "key": f"cem.{ENTRY}", "data": old}
    entry = make_entry(Kind.METER, Kind.EV_CHARGER)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(ENTRY)
    home: Home = entry.runtime_data
    assert Cause.POWER_CUT not in causes(home)


@pytest.mark.usefixtures("machine")
async def test_a_meter_that_counts_nothing_leaves_it_to_the_machine(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    home = await started(hass, hass_storage, failures=None)
    home.on_reading(telegram())
    await hass.async_block_till_done()
    assert told(hass) == "stopped"
    assert causes(home) == {Cause.POWER_CUT}


@pytest.mark.usefixtures("machine")
async def test_a_meter_that_says_nothing_refutes_nothing(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    home = await started(hass, hass_storage)
    home.power_cuts._started_s -= 31
    home.cycle()
    await hass.async_block_till_done()
    assert told(hass) == "stopped"
    assert causes(home) == {Cause.POWER_CUT}


async def test_a_cut_that_this_machine_lived_through_is_counted(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    home = await started(hass, hass_storage, stopped=True)
    home.on_reading(telegram(6))
    assert Cause.POWER_CUT not in causes(home)
    home.on_reading(telegram(7))
    await hass.async_block_till_done()
    assert causes(home) == {Cause.POWER_CUT}
    assert told(hass) == "counted"
    assert home.store.failures is not None
    assert home.store.failures["short"] == 7
    first = home.store.power_back
    home.on_reading(telegram(8))  # the same cut, said in two telegrams
    assert home.store.power_back is first


async def test_a_cut_is_seen_in_the_voltages(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    home = await started(hass, hass_storage, stopped=True)
    for volts in (230.0, 0.0, 229.0):
        phase = PhaseReading(phase=1, voltage_v=volts)
        home.on_reading(telegram(phases=(phase,)))
    await hass.async_block_till_done()
    assert told(hass) == "voltage"
    assert causes(home) == {Cause.POWER_CUT}


@pytest.mark.parametrize(("ago_s", "waits"), [(30, True), (3600, False)])
async def test_the_meters_log_says_since_when_the_power_is_back(
    hass: HomeAssistant, hass_storage: dict[str, Any], ago_s: int, *, waits: bool
) -> None:
    # Shut down cleanly by a UPS, and started when the power was there again.
    home = await started(hass, hass_storage, stopped=True)
    end = dt_util.utcnow() - timedelta(seconds=ago_s)
    log = (PowerFailure(end=end, duration_s=900),)
    failures = PowerFailures(short=7, long=3, log=log)
    home.on_reading(telegram(power_failures=failures))
    await hass.async_block_till_done()
    assert (causes(home) == {Cause.POWER_CUT}) is waits
    assert told(hass) == ("counted" if waits else None)


@pytest.mark.usefixtures("machine")
async def test_a_reload_goes_on_waiting(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    home = await started(hass, hass_storage)
    home.on_reading(telegram(7))
    await hass.async_block_till_done()
    assert await hass.config_entries.async_reload(ENTRY)
    await hass.async_block_till_done()
    home = home.entry.runtime_data
    assert causes(home) == {Cause.POWER_CUT}
    assert LiveView(home).as_json()["power_cut"]["sign"] == "counted"


async def test_a_clean_end_is_written_down(
    hass: HomeAssistant, hass_storage: dict[str, Any], set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    key = f"cem.{home.entry.entry_id}"
    assert hass_storage[key]["data"]["stopped"] is False
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=1))
    await hass.async_block_till_done()
    assert hass_storage[key]["data"]["stopped"] is True


async def test_an_unload_is_a_clean_end(
    hass: HomeAssistant, hass_storage: dict[str, Any], set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert hass_storage[f"cem.{home.entry.entry_id}"]["data"]["stopped"] is True


async def test_an_observing_home_tells_and_holds_nothing(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    home = await started(hass, hass_storage, stopped=True, mode=Mode.OBSERVE)
    home.on_reading(telegram(7))
    await hass.async_block_till_done()
    assert told(hass) == "counted"
    assert Cause.POWER_CUT not in causes(home)
    assert all(order.power_w is None for order in home.snapshot.setpoints.values())


def test_this_machine_tells_which_run_of_it_this_is() -> None:
    assert power_cuts.boot_id() == power_cuts.boot_id()


def test_a_machine_that_does_not_tell_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(power_cuts, "_BOOT_ID", Path("nowhere/boot_id"))
    assert power_cuts.boot_id() is None


async def test_the_fine_tuning_says_how_long_it_takes(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    tuned = {"return_least": 60, "return_after_cut": 60, "reconnect_ramp": 100}
    home = await set_up(Kind.METER, Kind.EV_CHARGER, options=tuned)
    for short in (6, 7):
        home.on_reading(telegram(short))
    comeback = home.power_cuts.comeback
    assert comeback is not None
    assert comeback.free_s["wallbox"] - comeback.since_s == 60
    live = LiveView(home).as_json()["power_cut"]
    since, until = (datetime.fromisoformat(live[key]) for key in ("since", "until"))
    assert until - since == timedelta(seconds=120)
