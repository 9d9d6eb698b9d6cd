"""The central system, with charging stations in other processes."""

import asyncio
import base64
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
import json
from pathlib import Path
import ssl
import sys
from typing import Any, Final

import aiohttp
import pytest

from cem_core.ocpp.admission import Card, Cards
from cem_core.ocpp.error import StationGoneError, StationRefusedError
from cem_core.ocpp.profile import Allowance, Wiring
from cem_core.ocpp.station import ConnectorState
from cem_core.transport.ocpp_server import CentralSystem, StationAccess
from cem_core.transport.ocpp_station import StationSettings
from tests.cem_core.transport.test_mqtt import self_signed

_HOST: Final = "127.0.0.1"
_PASSWORD: Final = "a-long-password"
_CARDS: Final = Cards.of(
    [Card(id_tag="04A1", name="Ada"), Card(id_tag="04B2", blocked=True)]
)

pytestmark = pytest.mark.parametrize("version", ["ocpp1.6", "ocpp2.0.1"])


@pytest.fixture(autouse=True)
def expected_lingering_timers() -> bool:
    """Let aiohttp end its heartbeat by itself: it is due once more after a close."""
    return True


@asynccontextmanager
async def serving(**settings: Any) -> AsyncGenerator[CentralSystem]:
    """Run a central system to which the station `wall` may connect."""
    access = StationAccess(
        id="wall", password=_PASSWORD, settings=StationSettings(**settings)
    )
    central = CentralSystem(address=_HOST, port=0, access=[access], cards=_CARDS)
    await central.start()
    try:
        yield central
    finally:
        await central.stop()


class Wall:
    """A station in its own process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Read what it prints."""
        self.process = process

    async def hears(self, event: str) -> dict[str, Any]:
        """Return the next line about ``event``."""
        output = self.process.stdout
        async with asyncio.timeout(20):
            while output is not None and (line := await output.readline()):
                said: dict[str, Any] = json.loads(line)
                if said["event"] == event:
                    return said
        raise AssertionError(f"it ended without {event}")

    async def does(self, line: str) -> None:
        """Have it do something."""
        if self.process.stdin is not None:
            self.process.stdin.write(f"{line}\n".encode())
            await self.process.stdin.drain()


@asynccontextmanager
async def station(
    central: CentralSystem, version: str, password: str = _PASSWORD
) -> AsyncGenerator[Wall]:
    """Run a station that connects to ``central`` and has got the profile that stays."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.cem_core.ocpp.charging_station"),
        *(f"http://{_HOST}:{central.port}/ocpp", "wall", password, version),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield Wall(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def ready(central: CentralSystem, version: str) -> AsyncGenerator[Wall]:
    """Run a station that has said what it is, and was asked what it can."""
    async with station(central, version) as wall:
        await wall.hears("booted")
        found = central.stations["wall"]
        await until(lambda: found.switches_phases and found.connector(1).state)
        yield wall


async def until(holds: Callable[[], object]) -> None:
    """Wait until ``holds`` does."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - any condition
            await asyncio.sleep(0.01)


def schedule(said: dict[str, Any]) -> dict[str, Any]:
    """Return the one schedule of a profile."""
    found = said["profile"]["charging_schedule"]
    schedule: dict[str, Any] = found[0] if isinstance(found, list) else found
    return schedule


async def test_it_boots_and_is_told_nothing_that_binds(version: str) -> None:
    async with serving() as central, station(central, version) as wall:
        await wall.hears("booted")
        found = central.stations["wall"]
        await until(lambda: found.switches_phases)
        await until(lambda: found.connector(1).state is ConnectorState.AVAILABLE)
        assert (found.maker, found.model, found.version) == ("Maker", "Wall", version)
        assert found.in_ampere


async def test_an_order_comes_with_what_stays_without_us(version: str) -> None:
    async with serving(fallback_w=4140.0) as central, ready(central, version) as wall:
        await central.allow("wall", 1, Allowance(power_w=7000.0))
        assert (await wall.hears("profile"))["profile"]["stack_level"] == 1
        said = await wall.hears("profile")
        assert said["connector"] == 0
        assert said["profile"]["stack_level"] == 0
        (period,) = schedule(said)["charging_schedule_period"]
        assert period == {"start_period": 0, "limit": 6.0, "number_phases": 3}
        assert "duration" not in schedule(said)


async def test_a_charger_that_is_freed_has_no_bound_left(version: str) -> None:
    async with serving() as central, ready(central, version) as wall:
        await central.allow("wall", 1, Allowance(power_w=0.0))
        await wall.hears("profile")
        await wall.hears("profile")
        await central.link("wall").free(1)
        said = await wall.hears("profile")
        assert (said["connector"], said["profile"]["stack_level"]) == (0, 0)
        (period,) = schedule(said)["charging_schedule_period"]
        assert period["limit"] == 16
        assert (await wall.hears("cleared"))["id"] == 101
        await central.allow("wall", 1, Allowance(power_w=0.0))
        await wall.hears("profile")
        assert (await wall.hears("profile"))["profile"]["stack_level"] == 0


async def test_a_connector_that_is_freed_leaves_the_other_its_fallback(
    version: str,
) -> None:
    async with serving(several=True) as central, ready(central, version) as wall:
        for connector in (1, 2):
            await central.allow("wall", connector, Allowance(power_w=7000.0))
            assert (await wall.hears("profile"))["connector"] == connector
            if connector == 1:  # what is left of a time when it was the only one
                assert (await wall.hears("cleared"))["id"] == 1
            said = await wall.hears("profile")
            assert (said["connector"], said["profile"]["stack_level"]) == (connector, 0)
        await central.link("wall").free(1)
        said = await wall.hears("profile")
        assert (said["connector"], said["profile"]["stack_level"]) == (1, 0)
        (period,) = schedule(said)["charging_schedule_period"]
        assert period["limit"] == 16
        assert (await wall.hears("cleared"))["id"] == 101
        # The other one keeps what it has: it is not told again.
        await central.allow("wall", 2, Allowance(power_w=0.0))
        assert (await wall.hears("profile"))["profile"]["stack_level"] == 1
        await central.allow("wall", 1, Allowance(power_w=0.0))
        assert (await wall.hears("profile"))["connector"] == 1


async def test_a_car_charges_by_short_profiles(version: str) -> None:
    async with serving() as central, ready(central, version) as wall:
        await wall.does("plug")
        assert (await wall.hears("started"))["status"] == "Accepted"
        found = central.stations["wall"]
        await until(lambda: found.connector(1).transaction)
        await central.allow("wall", 1, Allowance(power_w=7000.0))
        said = await wall.hears("profile")
        assert said["connector"] == 1
        assert said["profile"]["charging_profile_purpose"] == "TxProfile"
        assert schedule(said)["duration"] == 600
        (period,) = schedule(said)["charging_schedule_period"]
        assert period["limit"] == 10.1  # 7000 W / 3 / 230 V, rounded down
        await wall.does("measure 6900")
        await until(lambda: found.connector(1).measured.power_w == 6900)
        assert found.connector(1).charged_wh == 500
        assert found.connector(1).plugged is True
        await central.link("wall").end(1)
        await wall.hears("stopped")
        await until(lambda: found.connector(1).transaction is None)
        await wall.does("unplug")
        await until(lambda: found.connector(1).plugged is False)


async def test_less_than_6_a_pauses_and_one_phase_is_said(version: str) -> None:
    wiring = Wiring(most_a=32.0)
    async with serving(wiring=wiring) as central, ready(central, version) as wall:
        await central.allow("wall", 1, Allowance(power_w=4000.0))
        (period,) = schedule(await wall.hears("profile"))["charging_schedule_period"]
        assert period["limit"] == 0
        await wall.hears("profile")
        await central.allow("wall", 1, Allowance(power_w=4000.0, phases=1))
        (period,) = schedule(await wall.hears("profile"))["charging_schedule_period"]
        assert (period["limit"], period["number_phases"]) == (17.3, 1)


async def test_cards_are_admitted_or_not(version: str) -> None:
    async with serving() as central, ready(central, version) as wall:
        for card, expected in (
            ("04a1", "Accepted"),
            ("04B2", "Blocked"),
            ("9", "Invalid"),
        ):
            await wall.does(f"card {card}")
            assert (await wall.hears("card"))["status"] == expected


async def test_a_station_that_asks_for_cards_does_not_start_itself(
    version: str,
) -> None:
    settings = {"starts_itself": False}
    async with serving(**settings) as central, ready(central, version) as wall:
        await wall.does("plug")
        found = central.stations["wall"]
        await until(lambda: found.connector(1).plugged)
        assert found.connector(1).transaction is None
        await central.link("wall").start(1, "04A1")
        assert (await wall.hears("started"))["status"] == "Accepted"
        await until(lambda: found.connector(1).transaction)
        begun = found.connector(1).transaction
        assert begun is not None
        assert central.cards.name(begun.id_tag) == "Ada"


async def test_the_cards_are_kept_by_the_station(version: str) -> None:
    async with serving() as central, ready(central, version) as wall:
        assert (await wall.hears("cards"))["cards"] == ["04A1", "04B2"]


async def test_a_profile_that_is_refused_is_said(version: str) -> None:
    async with serving() as central, ready(central, version) as wall:
        await wall.does("refuse reject")
        with pytest.raises(StationRefusedError, match="Rejected to a profile"):
            await central.allow("wall", 1, Allowance(power_w=0.0))
        assert central.stations["wall"].refused == "Rejected"


async def test_a_station_that_hangs_is_told_of(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cem_core.transport.ocpp_base.ANSWERS_WITHIN_S", 0.5)
    async with serving() as central, ready(central, version) as wall:
        wall.process.send_signal(19)  # SIGSTOP
        with pytest.raises(StationRefusedError, match="did not answer in time"):
            await central.allow("wall", 1, Allowance(power_w=0.0))


async def test_a_station_that_dies_may_come_back(version: str) -> None:
    async with serving() as central:
        async with station(central, version) as wall:
            await wall.hears("booted")
        await until(lambda: not central.connected("wall"))
        with pytest.raises(StationGoneError, match="is not connected over OCPP"):
            await central.allow("wall", 1, Allowance(power_w=0.0))
        async with station(central, version) as wall:
            await wall.hears("booted")
            await central.allow("wall", 1, Allowance(power_w=None))
            assert await wall.hears("profile")


_RUBBISH: Final = (
    *("rubbish", "[]", "{}", "[2]", "null", '[9, "1", "x", {}]'),
    *('[2, "1", "Heartbeat", 7]', '[2, "1", "NoSuchAction", {}]'),
    *('[2, "1", "BootNotification", {"a": []}]', '[3, "never asked", {}]'),
)


async def test_rubbish_neither_ends_the_server_nor_is_taken(version: str) -> None:
    async with serving() as central:
        for text in _RUBBISH:
            async with raw(central, version) as socket:
                await socket.send_str(text)
                await socket.send_str('[2, "2", "Heartbeat", {}]')
                async with asyncio.timeout(10):
                    while '"2"' not in str((await socket.receive()).data):
                        if socket.closed:
                            break
            assert not central.stations["wall"].booted
        async with station(central, version) as wall:
            assert await wall.hears("booted")


@asynccontextmanager
async def raw(
    central: CentralSystem, version: str, password: str = _PASSWORD, name: str = "wall"
) -> AsyncGenerator[aiohttp.ClientWebSocketResponse]:
    """Connect without any knowledge of OCPP."""
    known = base64.b64encode(f"wall:{password}".encode()).decode()
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Basic {known}"}) as session,
        session.ws_connect(
            f"http://{_HOST}:{central.port}/{name}", protocols=[version]
        ) as socket,
    ):
        yield socket


@pytest.mark.parametrize(
    ("password", "name"), [("wrong-one", "wall"), (_PASSWORD, "x")]
)
async def test_nobody_connects_without_the_password(
    version: str, password: str, name: str
) -> None:
    async with serving() as central:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
            async with raw(central, version, password, name):
                pass
        assert central.refused == 1


async def test_over_tls_a_station_boots_and_the_clear_text_is_refused(
    version: str, tmp_path: Path
) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate = self_signed(tmp_path)
    tls.load_cert_chain(certificate, tmp_path / "key")
    trusted = ssl.create_default_context(cafile=certificate)
    access = StationAccess(id="wall", password=_PASSWORD, settings=StationSettings())
    central = CentralSystem(address=_HOST, port=0, access=[access], tls=tls)
    await central.start()
    at = f"{_HOST}:{central.port}/ocpp/wall"
    known = base64.b64encode(f"wall:{_PASSWORD}".encode()).decode()
    charger = {"model": "Wall", "vendorName": "Maker"}
    boot = {
        "ocpp1.6": {"chargePointModel": "Wall", "chargePointVendor": "Maker"},
        "ocpp2.0.1": {"chargingStation": charger, "reason": "PowerUp"},
    }
    try:
        async with aiohttp.ClientSession(
            headers={"Authorization": f"Basic {known}"}
        ) as session:
            with pytest.raises(aiohttp.ClientError):
                await session.ws_connect(f"http://{at}", protocols=[version])
            async with session.ws_connect(
                f"https://{at}", protocols=[version], ssl=trusted
            ) as wall:
                await wall.send_json([2, "1", "BootNotification", boot[version]])
                answer = await wall.receive_json(timeout=20)
                assert answer[:2] == [3, "1"]
                assert answer[2]["status"] == "Accepted"
                assert central.connected("wall")
    finally:
        await central.stop()


async def test_a_flood_ends_the_connection(version: str) -> None:
    async with serving() as central, raw(central, version) as socket:
        for _ in range(200):
            await socket.send_str('[2, "1", "Heartbeat", {}]')
        await until(lambda: central.why("wall"))
        assert "messages a second" in central.why("wall")


async def test_another_version_is_refused_in_words(version: str) -> None:
    async with serving() as central, raw(central, f"{version}0") as socket:
        await socket.receive()
        await until(lambda: central.why("wall"))
        assert central.why("wall") == "it does not offer to speak ocpp2.0.1 or ocpp1.6"


def test_settings_are_what_they_are_said_to_be(version: str) -> None:
    del version
    with pytest.raises(ValueError, match="8 characters"):
        StationAccess(id="wall", password="short")
    assert StationSettings().profile_lasts == timedelta(minutes=10)
