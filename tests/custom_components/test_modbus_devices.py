"""Devices over Modbus are read, told and handed back, against a real server."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from fractions import Fraction
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest

from cem_core.devices import DeviceError
from cem_core.modbus import load, names
from cem_core.modbus.quantity import Field, Quantity
from cem_core.modbus.register_map import Kind as MapKind
from cem_core.modbus.steering import Sizes, Wish, steps
from cem_core.model import Action, Cause, HeatUse, Setpoint
from cem_core.transport.modbus import ModbusConnection, TcpLink
from cem_core.transport.modbus_device import ModbusDevice
from custom_components.cem import modbus_devices
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers import ModbusDriver
from custom_components.cem.drivers.modbus_told import ToldBySunSpec
from custom_components.cem.forms.modbus_device import MAPS, SHOW_THE_CAR, refusals
from custom_components.cem.home import Home
from tests.cem_core.modbus.served import HOST, Words, device, serving, words_of
from tests.cem_core.transport.test_sunspec_device import SAID, Clock, at, inverter
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_control_box import until
from tests.custom_components.test_listeners import without_entities

pytestmark = pytest.mark.usefixtures("socket_enabled")


def order(power_w: int | None, *, limit: str | None = None) -> Setpoint:
    return Setpoint(
        device_id="wallbox",
        action=Action.HOLD,
        power_w=power_w,
        cause=Cause.HANDED_BACK if power_w is None else Cause.PLAN,
        limit_id=limit,
    )


def box(port: int, name: str, **changes: Any) -> dict[str, Any]:
    return without_entities(
        Kind.EV_CHARGER,
        modbus_map=name,
        modbus_host=HOST,
        modbus_port=port,
        **changes,
    )


def held(name: str, **said: float) -> Words:
    """Return a device whose every register is 0, but for ``said``."""
    known = load(name)
    words = {
        (register.table, address): 0
        for register in known.registers.values()
        for address in range(register.address, register.end)
    }
    return words | words_of(known, {k: Fraction(str(v)) for k, v in said.items()})


@asynccontextmanager
async def running(
    set_up: SetUp, kind: Kind, data: dict[str, Any]
) -> AsyncGenerator[tuple[Home, ControlledDevice, ModbusDriver]]:
    with (
        patch.dict(DATA, {kind: data}),
        patch("custom_components.cem.modbus_devices.EVERY_S", 0.05),
    ):
        home = await set_up(kind)
        [one] = home.devices.values()
        driver = one.driver
        assert isinstance(driver, ModbusDriver)
        await until(lambda: driver.available)
        yield home, one, driver
        await home.hass.config_entries.async_unload(home.entry.entry_id)


async def test_a_charger_is_read_and_told_a_current(set_up: SetUp) -> None:
    name = "heidelberg_energy_control"
    words = held(name, power=4200, charging_state=7)
    async with (
        serving(device(words)) as port,
        running(set_up, Kind.EV_CHARGER, box(port, name)) as (_, one, driver),
    ):
        assert (one.power_w, one.connected) == (4200, True)
        await driver.obey(order(6900, limit="grid"))
        await until(lambda: driver.held_w() == 6900)
        await driver.obey(order(1000))
        await until(lambda: driver.held_w() == 0)
        await driver.obey(order(None))
        await until(lambda: driver.held_w() == 11040)
        assert driver.is_as(order(None))
        assert driver.fallback == "falls to its failsafe current"


@pytest.mark.parametrize(
    ("kind", "data", "words", "address"),
    [
        pytest.param(
            Kind.EV_CHARGER,
            {"modbus_map": "heidelberg_energy_control"},
            held("heidelberg_energy_control", power=4200, charging_state=7),
            261,
            id="map",
        ),
        pytest.param(
            Kind.SOLAR,
            {"modbus_map": "sunspec", "peak_power": 8},
            inverter(SAID),
            at(123, "WMaxLimPct"),
            id="sunspec",
        ),
    ],
)
async def test_an_order_does_not_cover_up_what_another_set(
    set_up: SetUp, kind: Kind, data: dict[str, Any], words: Words, address: int
) -> None:
    async with serving(device(words)) as port:
        known = without_entities(kind, modbus_host=HOST, modbus_port=port, **data)
        async with running(set_up, kind, known) as (_, _, driver):
            with patch.multiple(modbus_devices, EVERY_S=60, SOON_S=60):
                await asyncio.sleep(0.2)  # it is read no more by now
                await driver.obey(order(4140))
                await driver.obey(order(5520))
                assert driver.meddled() is None
                other = ModbusConnection(link=TcpLink(host=HOST, port=port))
                await other.unit(1).write_registers(address, [61])
                await other.close()
                await driver.obey(order(6900))
                meddled = driver.meddled()
            assert meddled is not None
            assert f"({address})" in meddled.setting


@pytest.mark.parametrize(
    ("name", "said", "current_at", "amperes", "phases_at", "one", "three"),
    [
        pytest.param(
            "keba_p30",
            {"phase_switch_source": 0, "three_phases": 1},
            5004,
            {16: 16_000, 8: 8000},
            1552,
            0,
            1,
            id="keba",
        ),
        pytest.param(
            "alfen_ng9xx",
            {"phases": 3, "mode_3_state": "C2"},
            1210,
            {16: 0x4180, 8: 0x4100},  # the upper word of a float
            1215,
            1,
            3,
            id="alfen",
        ),
    ],
)
async def test_phases_are_switched_while_no_current_is_meant_for_one_flows_on_three(  # noqa: PLR0917 (a table)
    set_up: SetUp,
    name: str,
    said: dict[str, Any],
    current_at: int,
    amperes: dict[int, int],
    phases_at: int,
    one: int,
    three: int,
) -> None:
    known = load(name)
    numbers = {k: v for k, v in said.items() if not isinstance(v, str)}
    texts = {k: v for k, v in said.items() if isinstance(v, str)}
    words = held(name, **numbers) | words_of(known, texts)
    told: list[tuple[int, int]] = []

    async def act(function: int, *rest: Any) -> None:
        _, address, _, _, written = rest
        if function in {6, 16} and written is not None:
            told.append((address, written[0]))

    server = device(words, action=act)
    async with serving(server) as port:
        data = box(port, name, modbus_switches_phases=True)
        async with running(set_up, Kind.EV_CHARGER, data) as (_, car, driver):
            assert car.choice is not None
            assert driver.phases == 3
            await driver.obey(order(3680))
            assert (current_at, amperes[16]) not in told  # 3.7 kW on each of three
            told.clear()
            driver.use_phases(1)
            await driver.obey(order(3680))
            assert (current_at, amperes[16]) not in told
            if name == "keba_p30":
                assert told[-2:] == [(5050, 3), (5052, one)]
                other = ModbusConnection(link=TcpLink(host=HOST, port=port))
                await other.unit(1).write_registers(phases_at, [0, one])
                await other.close()
            else:
                assert told[-1] == (phases_at, one)
            await until(lambda: driver.phases == 1)
            told.clear()
            await driver.obey(order(3680))
            assert (current_at, amperes[16]) in told
            assert phases_at not in dict(told)
            told.clear()
            driver.use_phases(3)
            await driver.obey(order(5520))
            at = {"keba_p30": 5052, "alfen_ng9xx": phases_at}[name]
            assert [each for each in told if each[0] in {current_at, at}] == [
                (current_at, amperes[8]),  # less current first
                (at, three),
            ]
            told.clear()
            driver.use_phases(1)
            await driver.obey(order(None))  # the charger's own: all its phases
            assert (at, one) not in told


async def test_phases_are_not_switched_over_modbus_unless_asked_for(
    set_up: SetUp,
) -> None:
    words = held("alfen_ng9xx", phases=3)
    async with serving(device(words)) as port:
        data = box(port, "alfen_ng9xx")
        async with running(set_up, Kind.EV_CHARGER, data) as (_, car, driver):
            assert car.choice is None
            driver.use_phases(1)  # an entity may switch them
            await driver.obey(order(6900))
            other = ModbusConnection(link=TcpLink(host=HOST, port=port))
            assert await other.unit(1).read_holding_registers(1215, 1) == [3]
            await other.close()


async def test_registers_that_a_device_of_the_model_refuses_are_not_said(
    set_up: SetUp,
) -> None:
    words = {
        key: word
        for key, word in held("keba_p30", active_power=4_200_000).items()
        if key[1] not in {1550, 1551, 1552, 1553}
    }
    async with serving(device(words, all_else=None)) as port:
        data = box(port, "keba_p30", modbus_switches_phases=True)
        async with running(set_up, Kind.EV_CHARGER, data) as (_, one, driver):
            assert (one.power_w, driver.phases) == (4200, None)
            driver.use_phases(1)
            await driver.obey(order(6900))  # and counts on three
            assert driver.spared is None


async def test_stored_registers_are_spared_but_for_limits(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    words = held("go_e_charger", car_state=1)
    async with serving(device(words)) as port:
        data = box(port, "go_e_charger", writes_a_day=1)
        async with running(set_up, Kind.EV_CHARGER, data) as (home, one, driver):
            assert one.connected is False
            await driver.obey(order(6900))
            assert driver.spared is None
            assert driver.writes_left()["allow"] == 0
            await driver.obey(order(0))
            assert "1 times today" in (driver.spared or "")
            await until(lambda: driver.held_w() == 6900)
            await driver.obey(order(0, limit="grid"))
            await until(lambda: driver.held_w() == 0)
            kept: Mapping[str, Any] = home.store.writes[one.subentry_id]
            assert kept["written"]["allow"] == 2
            entry = home.entry
            assert await hass.config_entries.async_reload(entry.entry_id)
            [again] = entry.runtime_data.devices.values()
            await until(lambda: again.available)
            assert again.driver.writes_left()["allow"] == 0


async def test_a_lost_device_is_away_and_says_why(set_up: SetUp) -> None:
    name = "heidelberg_energy_control"
    async with (
        serving(device(held(name))) as port,
        running(set_up, Kind.EV_CHARGER, box(port, name)) as (_, _, driver),
    ):
        driver.lost("no connection to it")
        with pytest.raises(DeviceError, match="no connection to it"):
            await driver.obey(order(0))
        await until(lambda: driver.available)


async def test_a_sunspec_inverter_is_curtailed_and_let_go(set_up: SetUp) -> None:
    data = DATA[Kind.SOLAR] | {
        "modbus_map": "sunspec",
        "modbus_host": HOST,
        "peak_power": 8,
    }
    del data["curtailment"]
    async with serving(device(inverter(SAID), all_else=None)) as port:
        data["modbus_port"] = port
        async with running(set_up, Kind.SOLAR, data) as (_, _, driver):
            told: Any = driver._told
            await driver.obey(order(2000, limit="grid"))
            enabled = at(123, "WMaxLim_Ena")
            assert await told.unit.read_holding_registers(enabled, 1) == [1]
            share = at(123, "WMaxLimPct")
            assert await told.unit.read_holding_registers(share, 1) == [2500]
            assert "by itself within 60 s" in driver.fallback
            await driver.obey(order(None))
            assert await told.unit.read_holding_registers(enabled, 1) == [0]
            assert not told._device._orders


BANK = {"SoC": 550, "SoC_SF": -1, "ChaState": 55, "W": 150, "W_SF": 1}
PORTS = {
    "Prt.1.PrtTyp": 0,
    "Prt.1.DCW": 3000,
    "Prt.2.PrtTyp": 1,
    "Prt.2.DCW": -1200,
}


@pytest.mark.parametrize(
    ("lengths", "said", "power_w"),
    [
        ({124: 24, 802: 62}, {}, -1500),
        ({124: 24, 802: 62}, {"ChaSt": 4}, 1500),
        ({124: 24, 713: 7, 714: 68}, PORTS, 1200),
        ({124: 24}, {}, None),  # that of the whole inverter is not the battery's
    ],
)
async def test_a_sunspec_battery_is_read_with_its_sign(
    set_up: SetUp, lengths: dict[int, int], said: dict[str, int], power_w: int | None
) -> None:
    words = inverter(SAID | BANK | said, {1: 66, 103: 50} | lengths)
    async with serving(device(words, all_else=None)) as port:
        data = without_entities(
            Kind.BATTERY,
            modbus_map="sunspec",
            modbus_host=HOST,
            modbus_port=port,
        )
        async with running(set_up, Kind.BATTERY, data) as (_, one, driver):
            assert driver.state_of_charge == 0.55
            assert one.power_w == power_w


@pytest.mark.parametrize("sign", [1, -1])
async def test_a_sunspec_battery_that_counts_the_other_way_is_turned(sign: int) -> None:
    """It is ordered to charge with 1.2 kW, and does so."""
    clock = Clock()
    lengths = {1: 66, 124: 24, 713: 7, 714: 68}
    words = inverter(SAID | PORTS | {"Prt.2.DCW": sign * -1200}, lengths)
    async with serving(device(words)) as port:
        link = ModbusConnection(link=TcpLink(host=HOST, port=port))
        size = Sizes(most_w=5000, discharge_w=5000)
        told = ToldBySunSpec(link.unit(1), Kind.BATTERY, size, clock)
        assert (await told.read()).power_w == sign * 1200
        await told.obey(Wish(power_w=1200))
        for _ in range(6):
            await told.read()
            clock.now_s += 5
        assert (await told.read()).power_w == 1200
        await link.close()


async def test_a_phase_switch_that_lags_is_told_once(set_up: SetUp) -> None:
    """KEBA's register 1552 follows when the contactor has switched."""
    told: list[int] = []

    async def act(function: int, *rest: Any) -> None:
        _, address, _, _, written = rest
        if function == 6 and address == 5052 and written is not None:
            told.append(written[0])

    words = held("keba_p30", phase_switch_source=3, three_phases=1)
    async with serving(device(words, action=act)) as port:
        data = box(port, "keba_p30", modbus_switches_phases=True)
        async with running(set_up, Kind.EV_CHARGER, data) as (_, _, driver):
            driver.use_phases(1)
            for power_w in (1400, 1600, 1800):
                await driver.obey(order(power_w))
            assert told == [0]
            assert driver.writes_left()["set_three_phases"] == 49
            other = ModbusConnection(link=TcpLink(host=HOST, port=port))
            await other.unit(1).write_registers(1552, [0, 0])
            await other.close()
            await until(lambda: driver.phases == 1)
            await driver.obey(order(1800))
            assert told == [0]


async def test_a_heat_pump_that_refuses_its_power_is_told_all_the_same(
    set_up: SetUp,
) -> None:
    """Some Navigator 2.0 have no register 4122 (Xerolux/idm-heatpump-hass)."""
    words = {
        key: word
        for key, word in held("idm_navigator_2").items()
        if key[1] not in {4122, 4123}
    }
    async with serving(device(words, all_else=None)) as port:
        data = without_entities(
            Kind.HEAT_PUMP,
            modbus_map="idm_navigator_2",
            modbus_host=HOST,
            modbus_port=port,
        )
        async with running(set_up, Kind.HEAT_PUMP, data) as (_, one, driver):
            assert one.power_w is None
            await driver.obey(order(None))


def test_every_device_map_can_be_chosen() -> None:
    offered = {name for kind in MAPS.values() for name in kind} - {"sunspec"}
    assert offered == {n for n in names() if load(n).kind is not MapKind.METER}
    says = {
        n
        for n in offered
        if any(register.plugged for register in load(n).registers.values())
    }
    assert says == set(SHOW_THE_CAR)


@pytest.mark.parametrize(
    ("name", "most_c", "least_c"),
    [
        ("stiebel_eltron_isg", 55, 45),
        ("idm_navigator_2", 55, 45),
        ("lambda_eureka", 55, 45),
    ],
)
async def test_a_heat_pump_is_told_how_hot_its_tank_is_to_be(
    set_up: SetUp, name: str, most_c: float, least_c: float
) -> None:
    words = held(name, hot_water_temperature=48.5)
    async with serving(device(words)) as port:
        data = without_entities(
            Kind.HEAT_PUMP,
            modbus_map=name,
            modbus_host=HOST,
            modbus_port=port,
            own_tank=True,
        )
        async with running(set_up, Kind.HEAT_PUMP, data) as (_, one, driver):
            assert one.model.heats_water
            assert one.water_c == pytest.approx(48.5)
            known = load(name)
            other = ModbusConnection(link=TcpLink(host=HOST, port=port))
            device_ = ModbusDevice(unit=other.unit(1), register_map=known)
            set_c = Field(Quantity.HOT_WATER_SETPOINT)
            for use, wanted_c in (
                (HeatUse.WATER, most_c),
                (HeatUse.ROOM, least_c),
                (HeatUse.ROOM | HeatUse.WATER, most_c),
            ):
                told = replace(order(2500), use=use)
                await driver.obey(told)
                assert driver.is_as(told)
                assert (await device_.read())[set_c] == wanted_c
            # Nobody plans it: the usual temperature.
            await driver.obey(order(None))
            assert (await device_.read())[set_c] == 50
            await other.close()


async def test_water_alone_asks_for_no_more_in_the_rooms() -> None:
    known, sizes = load("stiebel_eltron_isg"), Sizes(most_w=2500)
    wish = Wish(power_w=2500, water_c=55, water_alone=True)
    asked = {step.field: step.value for step in steps(known, wish, sizes)}
    assert asked[Field(Quantity.SG_READY_INPUT, "2")] == 0
    both = replace(wish, water_alone=False)
    asked = {step.field: step.value for step in steps(known, both, sizes)}
    assert asked[Field(Quantity.SG_READY_INPUT, "2")] == 1


async def test_a_tank_that_may_not_be_set_any_more_holds_no_order_up(
    set_up: SetUp, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(device(held("lambda_eureka"))) as port:
        data = without_entities(
            Kind.HEAT_PUMP,
            modbus_map="lambda_eureka",
            modbus_host=HOST,
            modbus_port=port,
            own_tank=True,
            writes_a_day=1,
        )
        async with running(set_up, Kind.HEAT_PUMP, data) as (_, _, driver):
            await driver.obey(replace(order(2500), use=HeatUse.WATER))
            await driver.obey(replace(order(2500), use=HeatUse.ROOM))
            assert driver.available
            assert driver.spared is None
            assert "The hot water was not set" in caplog.text


@pytest.mark.parametrize(
    ("name", "changes", "refused"),
    [
        ("idm_navigator_2", {"tank_min": 30}, {"tank_min": "range_min"}),
        ("lambda_eureka", {"tank_max": 70}, {"tank_max": "range_max"}),
        ("stiebel_eltron_isg", {}, {}),
    ],
)
async def test_a_tank_is_kept_within_what_its_register_takes(
    hass: HomeAssistant,
    name: str,
    changes: dict[str, float],
    refused: dict[str, str],
) -> None:
    async with serving(device(held(name))) as port:
        answers = {
            "modbus_map": name,
            "modbus_host": HOST,
            "modbus_port": port,
            "own_tank": True,
            "tank_min": 45,
            "tank_max": 55,
            **changes,
        }
        assert await refusals(hass, Kind.HEAT_PUMP, answers) == refused
