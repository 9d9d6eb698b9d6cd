"""Serial ports: bits on a wire, wrong settings, and a cable that is pulled."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress

from hypothesis import assume, given, settings, strategies as st
import pytest

from cem_core.model import Reading
from cem_core.transport import (
    Backoff,
    ByteReader,
    LineState,
    LineStatus,
    MeterLine,
    Parity,
    PortSettings,
)
from cem_core.transport.auto import AutoSerialSource
from cem_core.transport.search import TRIALS, Pace
from cem_core.transport.serial import SerialSource
from tests.cem_core.meter.test_sml import PLAIN
from tests.cem_core.transport.serial_line import SerialLine, bits_of, sampled
from tests.telegrams.compose import DSMR3, DSMR5, telegram
from tests.telegrams.d0 import MODE_D as PUSHED
from tests.telegrams.dlms import AIDON, LLC, hdlc, mbus, sealed
from tests.telegrams.tic import HISTORIQUE, STANDARD

AT_ONCE = Backoff(first_s=0.01, most_s=0.05)
QUICK = Pace(pause_s=0.1, silent_s=0.6, noise_s=0.5, promising_s=3.0, answer_s=0.3)
EVEN = Parity.EVEN
P1, SML = PortSettings(115_200), PortSettings(9600)
DSMR2, TIC = PortSettings(9600, 7, EVEN), PortSettings(1200, 7, EVEN)
KAMSTRUP = PortSettings(2400, 8, EVEN)
MODE_D = PortSettings(2400, 7, EVEN)

type NewLine = Callable[[PortSettings], SerialLine]


class Followed:
    """A line that is read in the background, and all that is known of it."""

    def __init__(self, line: MeterLine[bytes]) -> None:
        self.line = line
        self.readings: list[Reading] = []
        self.states: list[LineState] = []
        self.task: asyncio.Task[None] | None = None

    async def follow(self, source: SerialSource | AutoSerialSource) -> None:
        async with aclosing(self.line.readings(source)) as readings:
            async for reading in readings:
                self.readings.append(reading)

    async def until(self, what: Callable[[], bool], within_s: float = 20) -> None:
        async with asyncio.timeout(within_s):
            while not what():
                assert self.task is not None
                if self.task.done():
                    self.task.result()
                await asyncio.sleep(0.005)

    async def stop(self) -> None:
        assert self.task is not None
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


@pytest.fixture(autouse=True)
async def _end() -> AsyncGenerator[None]:
    """End what a test that failed has left running."""
    yield
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


def follow(
    line: SerialLine, known: PortSettings | None = None, *, key: bytes | None = None
) -> Followed:
    followed = Followed(MeterLine(ByteReader(key=key)))
    followed.line.on_change = followed.states.append
    source: SerialSource | AutoSerialSource
    if known is None:
        source = AutoSerialSource(
            url=str(line.path),
            pace=QUICK,
            backoff=AT_ONCE,
            on_change=followed.line.connection_changed,
        )
    else:
        source = SerialSource(
            url=str(line.path),
            settings=known,
            silence_s=0.3,
            backoff=AT_ONCE,
            on_change=followed.line.connection_changed,
        )
    followed.task = asyncio.create_task(followed.follow(source))
    return followed


def numbered(number: int) -> bytes:
    return telegram(
        [f"0-0:1.0.0(2601151200{number:02}W)", f"1-0:1.7.0(0{number}.5*kW)"]
    )


async def talk(line: SerialLine, said: Sequence[bytes], every_s: float) -> None:
    """Say one after the other, again and again, as a meter does."""
    while True:
        for each in said:
            line.send(each)
            await asyncio.sleep(every_s)


@given(data=st.binary(max_size=40), setting=st.sampled_from(TRIALS))
def test_the_played_wire_is_true_where_both_agree(
    data: bytes, setting: PortSettings
) -> None:
    if setting.data_bits == 7:
        data = bytes(byte & 0x7F for byte in data)
    assert sampled(bits_of(data, setting), setting.baud, setting) == data


@settings(max_examples=20)
@given(sender=st.sampled_from(TRIALS), receiver=st.sampled_from(TRIALS))
def test_and_garbles_at_another_speed(
    sender: PortSettings, receiver: PortSettings
) -> None:
    assume(sender.baud != receiver.baud)
    heard = sampled(bits_of(DSMR5, sender), sender.baud, receiver)
    assert heard[:1000] != DSMR5[:1000]


def test_and_with_another_parity() -> None:
    for sender in (DSMR2, PortSettings(9600, 8, EVEN)):
        heard = sampled(bits_of(DSMR5, sender), 9600, PortSettings(9600))
        assert DSMR5[:40] not in heard


async def test_telegrams_arrive_at_the_settings_that_are_known(
    new_port: NewLine,
) -> None:
    line = new_port(DSMR2)
    followed = follow(line, DSMR2)
    await followed.until(lambda: line.receiver == DSMR2)
    line.send(DSMR3)
    await followed.until(lambda: len(followed.readings) == 1)
    assert followed.line.state.status is LineStatus.READING
    await followed.until(lambda: followed.line.state.status is LineStatus.SILENT)
    await followed.stop()
    assert followed.line.state.cause == "stopped"


@pytest.mark.parametrize("eight_bits_only", [True])
async def test_an_adapter_that_refuses_seven_bits_is_read_all_the_same(
    new_port: NewLine,
) -> None:
    line = new_port(DSMR2)
    followed = follow(line, DSMR2)
    await followed.until(lambda: line.receiver == PortSettings(9600))
    line.send(DSMR3)
    await followed.until(lambda: len(followed.readings) == 1)
    await followed.stop()


@pytest.mark.parametrize("eight_bits_only", [True])
async def test_and_its_settings_are_found(new_port: NewLine) -> None:
    line = new_port(DSMR2)
    followed = follow(line)
    talking = asyncio.create_task(talk(line, [DSMR3], 0.3))
    await followed.until(lambda: len(followed.readings) == 1)
    assert followed.line.state.cause == "9600 7E1: P1"
    talking.cancel()
    await followed.stop()


@pytest.mark.parametrize("pulled_at", [0, 40, len(numbered(1))])
async def test_a_pulled_cable_loses_no_telegram_after_it_is_back(
    new_port: NewLine, pulled_at: int
) -> None:
    line = new_port(P1)
    followed = follow(line, P1)
    await followed.until(lambda: line.receiver is not None)
    for number in (1, 2):
        line.send(numbered(number))
    line.send(numbered(3)[:pulled_at])
    whole = 3 if pulled_at == len(numbered(3)) else 2
    await followed.until(lambda: len(followed.readings) == whole)
    line.unplug()
    await followed.until(lambda: followed.states[-1].cause.startswith("there is no"))
    assert followed.states[-1].status is LineStatus.DISCONNECTED
    assert followed.states[-2].cause == "the port has gone: unplugged?"
    line.plug()
    await followed.until(lambda: line.receiver is not None)
    for number in (4, 5, 6):
        line.send(numbered(number))
    await followed.until(lambda: len(followed.readings) == whole + 3)
    await followed.stop()
    seconds = [r.timestamp.second for r in followed.readings if r.timestamp]
    assert seconds == [*range(1, whole + 1), 4, 5, 6]
    states = [state.status for state in followed.states]
    assert states[-2:] == [LineStatus.READING, LineStatus.DISCONNECTED]


@pytest.mark.parametrize(
    ("sender", "said", "every_s", "seen"),
    [
        (P1, [DSMR5], 0.3, "115200 8N1: P1 50"),
        (SML, [PLAIN], 0.3, "9600 8N1: SML"),
        (KAMSTRUP, [hdlc(LLC + AIDON)], 0.3, "2400 8E1: DLMS"),
        (PortSettings(2400), [mbus(AIDON)], 0.3, "2400 8N1: DLMS"),
        (DSMR2, [DSMR3], 0.3, "9600 7E1: P1"),
        (DSMR2, [STANDARD[:200], STANDARD[200:]], 0.02, "9600 7E1: TIC standard"),
        (MODE_D, [PUSHED], 0.3, "2400 7E1: readout of IEC 62056-21"),
        (TIC, [HISTORIQUE[:50], HISTORIQUE[50:]], 0.02, "1200 7E1: TIC historique"),
    ],
    ids=[
        "P1",
        "SML",
        "HDLC",
        "M-Bus",
        "DSMR 2.2",
        "TIC standard",
        "mode D",
        "TIC historique",
    ],
)
async def test_speed_and_parity_are_found(
    new_port: NewLine,
    sender: PortSettings,
    said: list[bytes],
    every_s: float,
    seen: str,
) -> None:
    line = new_port(sender)
    followed = follow(line)
    talking = asyncio.create_task(talk(line, said, every_s))
    await followed.until(lambda: len(followed.readings) >= 2)
    assert followed.states[0].status is LineStatus.SEARCHING
    assert followed.line.state.status is LineStatus.READING
    assert followed.line.state.cause.startswith(seen)
    assert line.receiver == sender
    talking.cancel()
    await followed.stop()


async def test_an_encrypted_meter_is_found_and_its_key_asked_for(
    new_port: NewLine,
) -> None:
    line = new_port(P1)
    followed = follow(line)
    said = [mbus(sealed(AIDON, counter=n)) for n in range(1, 9)]
    talking = asyncio.create_task(talk(line, said, 0.2))
    await followed.until(lambda: followed.line.state.status is LineStatus.KEY_NEEDED)
    assert "a key is needed" in followed.line.state.cause
    assert followed.readings == []
    talking.cancel()
    await followed.stop()


async def test_a_port_without_a_word_is_called_silent(new_port: NewLine) -> None:
    line = new_port(P1)
    followed = follow(line)
    await followed.until(lambda: followed.line.state.status is LineStatus.SILENT)
    cause = followed.line.state.cause
    assert cause.startswith("silent: no bytes at any speed; no answer to a sign-on")
    told = len(followed.states)
    await asyncio.sleep(2 * (QUICK.silent_s + QUICK.answer_s))  # another round
    assert len(followed.states) == told
    talking = asyncio.create_task(talk(line, [DSMR5], 0.3))
    await followed.until(lambda: len(followed.readings) == 1)
    talking.cancel()
    await followed.stop()


async def test_noise_is_called_noise(new_port: NewLine) -> None:
    line = new_port(PortSettings(19_200))
    followed = follow(line)
    talking = asyncio.create_task(talk(line, [bytes(range(256))], 0.25))
    await followed.until(
        lambda: any("no telegram at any speed" in s.cause for s in followed.states)
    )
    assert followed.line.state.status is LineStatus.SEARCHING
    talking.cancel()
    await followed.stop()


async def test_a_port_that_another_program_has_open_says_so(new_port: NewLine) -> None:
    line = new_port(P1)
    first = follow(line, P1)
    await first.until(lambda: line.receiver is not None)
    second = follow(line, P1)
    await second.until(lambda: bool(second.states))
    assert second.states[-1].cause == "another program has the port open"
    await first.stop()
    await second.stop()


async def test_what_found_settings_no_longer_read_is_searched_again(
    new_port: NewLine,
) -> None:
    line = new_port(P1)
    followed = Followed(MeterLine(ByteReader()))
    given_up = False
    source = AutoSerialSource(
        url=str(line.path),
        pace=QUICK,
        backoff=AT_ONCE,
        unreadable=lambda: given_up,
        on_change=followed.line.connection_changed,
    )
    followed.task = asyncio.create_task(followed.follow(source))
    await followed.until(lambda: line.receiver is not None)
    talking = asyncio.create_task(talk(line, [DSMR5], 0.2))
    await followed.until(lambda: source.found == P1)
    line.sender = DSMR2  # an older meter takes its place
    given_up = True
    await followed.until(lambda: source.found is None)
    given_up = False
    await followed.until(lambda: source.found == DSMR2)
    talking.cancel()
    await followed.stop()
