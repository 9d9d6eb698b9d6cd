"""A meter that is asked through an optical head, at the speeds of its mode."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from cem_core.model import Reading
from cem_core.transport import ByteReader, LineStatus, MeterLine, Parity, PortSettings
from cem_core.transport.auto import AutoSerialSource
from cem_core.transport.handshake import (
    START,
    Action,
    Give,
    Handshake,
    Mode,
    Send,
    SetPort,
)
from cem_core.transport.optical_head import OpticalHeadSource
from cem_core.transport.search import Pace
from tests.cem_core.transport.serial_line import SerialLine
from tests.telegrams.d0 import LINES, readout

type NewLine = Callable[[PortSettings], SerialLine]

PLAIN = readout(*LINES)
DATA = PLAIN.partition(b"\r\n")[2]
CHECKED = readout(*LINES, mode_c=True).partition(b"\r\n")[2]
AT_4800 = PortSettings(4800, 7, Parity.EVEN)
QUICK = Pace(pause_s=0.1, silent_s=0.4, noise_s=0.5, promising_s=3.0)


def spoken(handshake: Handshake, *said: bytes) -> list[Action]:
    """Return all that the reader does when a meter says this."""
    done = list(handshake.start())
    for each in said:
        done += handshake.feed(each)
    return done


def test_mode_c_selects_the_speed_and_reads_at_it() -> None:
    handshake = Handshake()
    assert spoken(handshake, b"/LGZ4ZMF100AC.M23\r\n", CHECKED) == [
        SetPort(START),
        Send(b"/?!\r\n"),
        Give(b"/LGZ4ZMF100AC.M23\r\n"),
        Send(b"\x06040\r\n"),
        SetPort(AT_4800),
        Give(CHECKED),
    ]
    assert handshake.done
    who = handshake.identification
    assert who is not None
    assert (who.maker, who.speed, who.type) == ("LGZ", "4", "ZMF100AC.M23")


def test_mode_b_changes_its_speed_unasked() -> None:
    handshake = Handshake("123")
    actions = spoken(handshake, b"/ABCCxyz\r\n", DATA)
    assert actions[1] == Send(b"/?123!\r\n")
    assert actions[3] == SetPort(PortSettings(2400, 7, Parity.EVEN))
    assert handshake.done


def test_mode_a_goes_on_as_it_began() -> None:
    handshake = Handshake()
    actions = spoken(handshake, b"/ABC\\xyz\r\n", DATA)
    assert actions == [
        SetPort(START),
        Send(b"/?!\r\n"),
        Give(b"/ABC\\xyz\r\n"),
        Give(DATA),
    ]
    assert handshake.done


def test_a_meter_whose_speed_does_not_arrive_is_read_slowly() -> None:
    actions = spoken(Handshake(faster=False), b"/LGZ4ZMF100AC.M23\r\n")
    assert actions[3:] == [Send(b"\x06000\r\n"), SetPort(START)]


@pytest.mark.parametrize(
    ("speed", "mode"), [("0", Mode.C), ("6", Mode.C), ("A", Mode.B), ("Z", Mode.A)]
)
def test_the_speed_character_tells_the_mode(speed: str, mode: Mode) -> None:
    handshake = Handshake()
    spoken(handshake, f"/ABC{speed}type\r\n".encode())
    assert handshake.identification is not None
    assert handshake.identification.mode is mode


@given(cuts=st.lists(st.integers(0, 600), max_size=8))
def test_nothing_depends_on_the_cut_or_on_echoes(cuts: list[int]) -> None:
    answer = b"/?!\r\n/LGZ4ZMF100AC.M23\r\n\x06040\r\n" + CHECKED
    edges = sorted({0, len(answer), *(c for c in cuts if c < len(answer))})
    pieces = [answer[a:b] for a, b in pairwise(edges)]
    handshake = Handshake()
    actions = spoken(handshake, *pieces)
    given_on = b"".join(a.data for a in actions if isinstance(a, Give))
    assert given_on == answer.removeprefix(b"/?!\r\n")
    assert handshake.done
    [reading] = ByteReader(["d0"]).feed(given_on)
    assert isinstance(reading, Reading)
    assert reading.import_energy_wh["total"] == 1_234_567


@given(data=st.binary(max_size=200))
def test_whatever_comes_the_reader_asks_once(data: bytes) -> None:
    actions = spoken(Handshake(), data)
    assert sum(isinstance(a, Send) for a in actions) <= 2


class Meter:
    """A meter of mode C below the head: it hears what it can at its own speed."""

    def __init__(self, line: SerialLine, *, changes_speed: bool = True) -> None:
        self.line = line
        self.changes_speed = changes_speed
        self.asked = 0

    async def live(self) -> None:
        heard = b""
        while True:
            await asyncio.sleep(0.01)
            with suppress(AssertionError):  # nobody has the port open
                heard += self.line.sent_to_meter(self.line.sender)
            if b"/?!\r\n" in heard:
                heard, self.asked = b"", self.asked + 1
                self.line.send(b"/LGZ4ZMF100AC.M23\r\n")
            elif b"\x06040\r\n" in heard:
                heard = b""
                if not self.changes_speed:
                    continue
                await self.answer(AT_4800)
            elif b"\x06000\r\n" in heard:
                heard = b""
                await self.answer(START)

    async def answer(self, settings: PortSettings) -> None:
        await asyncio.sleep(0.3)  # a meter waits 200 ms at least
        self.line.sender = settings
        for index in range(0, len(CHECKED), 100):
            self.line.send(CHECKED[index : index + 100])
            await asyncio.sleep(0.01)
        self.line.sender = START


@contextmanager
def living(meter: Meter) -> Iterator[None]:
    task = asyncio.create_task(meter.live())
    try:
        yield
    finally:
        task.cancel()


async def first(
    line: MeterLine[bytes], source: OpticalHeadSource | AutoSerialSource, count: int = 1
) -> list[Reading]:
    readings: list[Reading] = []
    async with asyncio.timeout(30), aclosing(line.readings(source)) as stream:
        async for reading in stream:
            readings.append(reading)
            if len(readings) == count:
                break
    return readings


async def test_a_meter_is_asked_again_and_again(new_port: NewLine) -> None:
    meter = Meter(new_port(START))
    line = MeterLine(ByteReader())
    source = OpticalHeadSource(
        url=str(meter.line.path), every_s=0.05, on_change=line.connection_changed
    )
    states: list[str] = []
    line.on_change = lambda state: states.append(f"{state.status} {state.cause}")
    with living(meter):
        readings = await first(line, source, count=3)
    assert [r.format for r in readings] == ["d0"] * 3
    assert readings[0].import_energy_wh["total"] == 1_234_567
    assert "reading 4800 7E1: LGZ, mode C" in states
    assert line.state.damaged == {}


async def test_a_head_that_cannot_change_speed_reads_at_300_baud(
    new_port: NewLine,
) -> None:
    meter = Meter(new_port(START), changes_speed=False)
    line = MeterLine(ByteReader())
    source = OpticalHeadSource(
        url=str(meter.line.path), every_s=0.05, on_change=line.connection_changed
    )
    with living(meter):
        await first(line, source)
    assert meter.asked == 2


async def test_the_search_finds_an_optical_head(new_port: NewLine) -> None:
    meter = Meter(new_port(START))
    line = MeterLine(ByteReader())
    source = AutoSerialSource(
        url=str(meter.line.path),
        pace=QUICK,
        every_s=0.05,
        on_change=line.connection_changed,
    )
    with living(meter):
        await first(line, source, count=2)
    assert line.state.telegrams == 2


async def test_a_head_without_a_meter_says_so(new_port: NewLine) -> None:
    line = MeterLine(ByteReader())
    source = OpticalHeadSource(
        url=str(new_port(START).path), every_s=0.05, on_change=line.connection_changed
    )
    silent = asyncio.Event()

    def note(_: object) -> None:
        if line.state.status is LineStatus.SILENT:
            silent.set()

    line.on_change = note
    task = asyncio.create_task(first(line, source))
    await asyncio.wait_for(silent.wait(), 10)
    assert line.state.cause.endswith("is the head in its place?")
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
