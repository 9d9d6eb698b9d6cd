"""The state of a line, told by a clock that a test turns."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
import random

import pytest

from cem_core.meter import TelegramError
from cem_core.model import Reading
from cem_core.transport import (
    Backoff,
    ByteReader,
    ConnectionChange,
    ConnectionState,
    FileSource,
    LineState,
    LineStatus,
    MeterLine,
    OnChange,
    TcpSource,
)
from cem_core.transport.meter_line import UNREADABLE_AFTER_S
from tests.cem_core.transport.conftest import HOST, Talk, serving
from tests.telegrams.compose import DSMR4, DSMR5, EMUCS, telegram
from tests.telegrams.dlms import AIDON, AUTH_KEY, KEY, LLC, hdlc, sealed

CONNECTED = ConnectionChange(ConnectionState.CONNECTED)
LOST = ConnectionChange(ConnectionState.DISCONNECTED, "closed by the other side")
DAMAGED = DSMR4.replace(b"00.487", b"00.787")
AT_ONCE = Backoff(first_s=0.005, most_s=0.02)


class Clock:
    """A monotonic clock that stands until it is turned."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def line(clock: Clock, **keys: bytes) -> MeterLine[bytes]:
    return MeterLine(ByteReader(**keys), clock=clock)  # type: ignore[arg-type]


def numbered(number: int) -> bytes:
    return telegram([f"1-0:1.7.0({number:06}*W)", "1-0:2.7.0(0*W)"])


def test_the_state_counts_what_comes(clock: Clock) -> None:
    meter = line(clock)
    assert meter.state == LineState()
    meter.connection_changed(CONNECTED)
    assert meter.take(DSMR5[:100]) == []
    assert meter.state.status is LineStatus.WAITING
    assert len(meter.take(DSMR5[100:] + DAMAGED + EMUCS)) == 2
    clock.now_s += 2.5
    state = meter.state
    assert state.status is LineStatus.READING
    assert state.format == "dsmr"
    assert (state.telegrams, state.data_age_s) == (2, 2.5)
    assert state.bytes == len(DSMR5 + DAMAGED + EMUCS)
    assert state.damaged == {"checksum …, computed …": 1}


def test_changes_are_told_once(clock: Clock) -> None:
    meter, told = line(clock), list[LineStatus]()
    meter.on_change = lambda state: told.append(state.status)
    meter.connection_changed(CONNECTED)
    for _ in range(3):
        meter.take(DSMR5)
    meter.connection_changed(ConnectionChange(ConnectionState.SILENT, "no bytes"))
    meter.connection_changed(CONNECTED)
    meter.take(DSMR5)
    meter.connection_changed(LOST)
    assert told == [
        LineStatus.WAITING,
        LineStatus.READING,
        LineStatus.SILENT,
        LineStatus.WAITING,
        LineStatus.READING,
        LineStatus.DISCONNECTED,
    ]


def test_half_a_telegram_is_not_continued_on_another_connection(clock: Clock) -> None:
    meter, damaged = line(clock), list[TelegramError]()
    meter.on_damage = damaged.append
    meter.take(DSMR5)
    meter.take(DSMR5[:300])
    meter.connection_changed(LOST)
    meter.connection_changed(CONNECTED)
    assert meter.take(DSMR5[300:]) == []
    assert len(meter.take(EMUCS)) == 1
    assert "unfinished" in damaged[0].cause


def test_bytes_without_a_telegram_are_called_unreadable(clock: Clock) -> None:
    meter = line(clock)
    meter.connection_changed(CONNECTED)
    text = bytes(byte | 0x80 if byte.bit_count() % 2 else byte for byte in DSMR5)
    for _ in range(3):
        assert meter.take(text) == []
        clock.now_s += UNREADABLE_AFTER_S * 0.6
    assert meter.state.status is LineStatus.UNREADABLE
    assert meter.state.cause == "text with even parity, read as 8 bits instead of 7E1"
    readings = meter.take(DSMR5)
    assert len(readings) == 1
    state = meter.state
    assert state.status is LineStatus.READING


def test_a_key_is_asked_for(clock: Clock) -> None:
    meter = line(clock)
    for number in range(1, 4):
        meter.take(hdlc(LLC + sealed(AIDON, counter=number)))
        clock.now_s += UNREADABLE_AFTER_S
    assert meter.state.status is LineStatus.KEY_NEEDED
    assert meter.state.damaged == {"encrypted: a key is needed": 3}


def test_a_wrong_key_is_doubted_after_some_telegrams(clock: Clock) -> None:
    meter = line(clock, key=bytes(16), auth_key=AUTH_KEY)
    for number in range(1, 6):
        meter.take(hdlc(LLC + sealed(AIDON, counter=number, auth_key=AUTH_KEY)))
    assert meter.state.status is LineStatus.KEY_REFUSED
    assert "another key" in meter.state.cause


def test_the_right_key_reads(clock: Clock) -> None:
    meter = line(clock, key=KEY, auth_key=AUTH_KEY)
    [reading] = meter.take(hdlc(LLC + sealed(AIDON, auth_key=AUTH_KEY)))
    assert reading.format == "dlms"
    assert meter.state.status is LineStatus.READING


@dataclass
class Silent:
    """A reader whose telegrams are whole and have no values."""

    def feed(self, piece: bytes, /) -> list[Reading | TelegramError]:
        return [Reading(format="sml")] if piece else []

    def finish(self) -> list[Reading | TelegramError]:
        return []

    def hint(self) -> str:
        return ""


def test_a_telegram_without_values_is_life_and_no_reading(clock: Clock) -> None:
    meter = MeterLine[bytes](Silent(), clock=clock)
    assert meter.take(b"x") == []
    assert meter.state.telegrams == 1
    assert meter.state.status is LineStatus.READING


def test_causes_are_bounded(clock: Clock) -> None:
    class Complaining(Silent):
        def feed(self, piece: bytes, /) -> list[Reading | TelegramError]:
            return [TelegramError(0, piece.decode())]

    meter = MeterLine[bytes](Complaining(), clock=clock)
    for first in "abcdefgh":
        for second in "ijklmnop":
            meter.take(f"{first}{second}z is wrong".encode())
    assert len(meter.state.damaged) <= 33
    assert sum(meter.state.damaged.values()) == 64


async def test_a_file_is_read_to_its_end(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "recording").write_bytes(DSMR5 + EMUCS + DSMR5[:50])
    meter = line(clock)
    source = FileSource(path=tmp_path / "recording")
    readings = [reading async for reading in meter.readings(source)]
    assert [r.version for r in readings] == ["50", "50217"]
    assert meter.state.cause == "the input has ended"
    assert sum(meter.state.damaged.values()) == 1


def dying(numbers: Iterator[int], cut: int | None) -> Talk:
    """Say three telegrams as ser2net does, and die ``cut`` bytes into another."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(3):
            writer.write(numbered(next(numbers)))
            await writer.drain()
            await asyncio.sleep(0.01)
        if cut is None:
            await reader.read()
            return
        writer.write(numbered(999_999)[:cut])
        await writer.drain()
        await asyncio.sleep(0.01)

    return talk


async def test_a_gateway_that_dies_in_mid_telegram_and_returns() -> None:
    numbers = iter(range(1, 100))
    states: list[LineState] = []
    meter = MeterLine(ByteReader(), on_change=states.append)
    talks = [dying(numbers, cut) for cut in (1, 20, -4, None)]
    watts: list[int | None] = []
    async with serving(*talks) as port:
        source = TcpSource(
            host=HOST, port=port, backoff=AT_ONCE, on_change=meter.connection_changed
        )
        async with asyncio.timeout(10), aclosing(meter.readings(source)) as readings:
            async for reading in readings:
                watts.append(reading.import_power_w)
                if len(watts) == 12:
                    break
        await asyncio.sleep(0.05)  # until the gateway has seen that nobody reads
    assert watts == list(range(1, 13))
    assert [s.status for s in states[:4]] == [
        LineStatus.WAITING,
        LineStatus.READING,
        LineStatus.DISCONNECTED,
        LineStatus.WAITING,
    ]
    assert states[2].cause == "closed by the other side"


@dataclass
class Day:
    """A source of one telegram a second, as fast as it is read, with faults."""

    telegrams: int
    on_change: OnChange
    seed: int = 1
    sent: int = 0  # whole and undamaged

    async def stream(self) -> AsyncGenerator[bytes]:
        rand = random.Random(self.seed)  # noqa: S311  no secret
        self.on_change(CONNECTED)
        for number in range(self.telegrams):
            whole = bytearray(numbered(number))
            fault = rand.random()
            if fault < 0.005:  # the line breaks
                yield bytes(whole[: rand.randrange(len(whole) - 2)])
                self.on_change(LOST)
                self.on_change(CONNECTED)
                continue
            if fault < 0.01:
                whole[rand.randrange(whole.index(b"!"))] ^= 1 << rand.randrange(7)
            elif fault < 0.02:
                yield rand.randbytes(rand.randrange(1, 200))
            self.sent += fault < 0.005 or fault >= 0.01
            cut = rand.randrange(len(whole))
            yield bytes(whole[:cut])
            yield bytes(whole[cut:])


def memory_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@pytest.mark.parametrize(
    "telegrams",
    [3_600, pytest.param(86_400, marks=[pytest.mark.soak, pytest.mark.timeout(600)])],
)
async def test_every_good_telegram_of_a_day_is_read_once(telegrams: int) -> None:
    meter = MeterLine(ByteReader())
    day = Day(telegrams, meter.connection_changed)
    read, last, begin = 0, -1, 0
    async with aclosing(meter.readings(day)) as readings:
        async for reading in readings:
            assert reading.import_power_w is not None
            assert reading.import_power_w > last
            last = reading.import_power_w
            read += 1
            if read == 500:
                begin = memory_bytes()
    assert read == day.sent > telegrams * 0.98
    assert memory_bytes() - begin < 5_000_000
    state = meter.state
    assert state.telegrams == read
    assert 0 < sum(state.damaged.values()) < telegrams * 0.03
    assert len(state.damaged) <= 33
