"""evcc is asked and told over HTTP; every failure is one sentence."""

from collections.abc import AsyncGenerator
import socket

from aiohttp import ClientSession, web
import pytest

from cem_core.evcc.error import EvccError, EvccGoneError
from cem_core.evcc.loadpoint import ChargeMode
from cem_core.evcc.steering import Setting
from cem_core.transport import evcc_client
from cem_core.transport.evcc_client import EvccClient
from tests.cem_core.evcc.served import HOST, Evcc, serving

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
async def session() -> AsyncGenerator[ClientSession]:
    async with ClientSession() as made:
        yield made


async def test_a_loadpoint_is_read_and_set(session: ClientSession) -> None:
    evcc = Evcc(chargePower=1380)
    async with serving(evcc) as address:
        client = EvccClient(session, address)
        assert (await client.loadpoint(1)).power_w == 1380
        for key, value in (("maxcurrent", "8.5"), ("phases", "1"), ("mode", "now")):
            await client.set(1, Setting(key, value))
        said = await client.loadpoint(1)
    assert evcc.set == [("maxcurrent", "8.5"), ("phases", "1"), ("mode", "now")]
    assert (said.mode, said.max_current_a) == (ChargeMode.NOW, 8.5)
    assert said.phases_configured == 1


async def test_a_refusal_says_why(session: ClientSession) -> None:
    async with serving(Evcc()) as address:
        client = EvccClient(session, address)
        with pytest.raises(EvccError, match="greater or equal than min current"):
            await client.set(1, Setting("maxcurrent", "3"))
        with pytest.raises(EvccError, match="invalid value: later"):
            await client.set(1, Setting("mode", "later"))
        with pytest.raises(EvccError, match="404"):
            await client.set(7, Setting("mode", "now"))


async def test_what_is_no_json_or_too_long_is_no_answer(
    session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    evcc = Evcc()
    async with serving(evcc) as address:
        client = EvccClient(session, address)
        evcc.babbles = 1
        with pytest.raises(EvccError, match="answers 200, and no JSON"):
            await client.loadpoint(1)
        monkeypatch.setattr(evcc_client, "_LONGEST", 10)
        with pytest.raises(EvccError, match="more than 10 bytes"):
            await client.loadpoint(1)


async def test_one_that_is_away_is_gone(session: ClientSession) -> None:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    with pytest.raises(EvccGoneError):
        await EvccClient(session, f"http://{HOST}:{port}").loadpoint(1)


async def test_a_redirect_is_not_followed(session: ClientSession) -> None:
    async def away(_: web.Request) -> web.Response:
        raise web.HTTPFound("http://elsewhere.invalid/")

    app = web.Application()
    app.router.add_get("/api/state", away)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()
    address = f"http://{HOST}:{runner.addresses[0][1]}"
    with pytest.raises(EvccError, match="302"):
        await EvccClient(session, address).loadpoint(1)
    await runner.cleanup()


@pytest.mark.parametrize(
    "address", ["evcc.local:7070", "", "http://", "ftp://a", "http://a:b"]
)
async def test_what_is_no_address_is_refused(
    session: ClientSession, address: str
) -> None:
    with pytest.raises(EvccError, match="is no address"):
        EvccClient(session, address)
