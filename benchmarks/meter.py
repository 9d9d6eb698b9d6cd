"""A frame of each format from bytes to values, next to the libraries that read it.

dsmr-parser is always here; the others only in .venv-cross, made by script/setup.
"""

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

from dsmr_parser import telegram_specifications  # type: ignore[import-untyped]
from dsmr_parser.parsers import TelegramParser  # type: ignore[import-untyped]

from benchmarks.figures import Aim, Figure
from benchmarks.telegrams import EMUCS
from benchmarks.timing import timed_in_turn_us
from benchmarks.varied import anew, minute
from cem_core.meter import Decoder, dlms, sml, tic
from tests.telegrams.dlms import AIDON, LLC, hdlc
from tests.telegrams.sml import TWO_WAY
from tests.telegrams.tic import HISTORIQUE

type Read = Callable[[bytes], object]

RUNS = 2000
_CORE_SHARE = 0.005  # of one reader at 1 Hz
_SECOND_US = 1e6


class Library(NamedTuple):
    """Another decoder, by name."""

    name: str
    read: Read


class Case(NamedTuple):
    """What is decoded, by ours and by those that read it too."""

    name: str
    ours: Read
    frames: Sequence[bytes]
    others: Sequence[Library | None]


def figures(*, runs: int = RUNS) -> list[Figure]:
    """Return a row for each format and each library that reads it too."""
    cases = (
        Case("a Belgian telegram", Decoder().feed, [EMUCS], _dsmr_parser()),
        Case(
            *("a minute of Belgian telegrams", Decoder().feed),
            *(minute(EMUCS), _dsmr_parser()),
        ),
        Case(
            *("Belgian telegrams, every number different", Decoder().feed),
            *(anew(EMUCS), _dsmr_parser()),
        ),
        Case("an SML file", _sml, [TWO_WAY], [*_smllib(), *_pysml()]),
        Case("an Aidon list in HDLC", _dlms, [hdlc(LLC + AIDON)], [*_amshan()]),
        Case("a TIC frame", _tic, [HISTORIQUE], [*_pyteleinfo()]),
    )
    return [
        _row(case, library, runs)
        for case in cases
        for library in case.others or (None,)
    ]


def _row(case: Case, library: Library | None, runs: int) -> Figure:
    theirs = None if library is None else library.read
    samples, base = timed_in_turn_us(case.ours, theirs, case.frames, runs)
    return Figure(
        benchmark="meter",
        case=f"decode {case.name}",
        unit="us",
        samples=samples,
        baseline="" if library is None else library.name,
        base=base,
        aim=Aim(statistic="median", below=_CORE_SHARE * _SECOND_US),
    )


def _sml(data: bytes) -> object:
    return sml.Decoder().feed(data)


def _dlms(data: bytes) -> object:
    return dlms.Decoder().feed(data)


def _tic(data: bytes) -> object:
    decoder = tic.Decoder()
    return [*decoder.feed(data), *decoder.finish()]


def _dsmr_parser() -> list[Library]:
    parser = TelegramParser(telegram_specifications.BELGIUM_FLUVIUS)
    return [Library("dsmr-parser", lambda data: parser.parse(data.decode("ascii")))]


def _smllib() -> Iterator[Library]:
    if find_spec("smllib"):
        stream_reader = import_module("smllib").SmlStreamReader

        def read(data: bytes) -> object:
            reader = stream_reader()
            reader.add(data)
            return reader.get_frame().get_obis()

        yield Library("smllib", read)


def _pysml() -> Iterator[Library]:
    if find_spec("sml"):
        yield Library("pysml", import_module("sml").SmlBase.parse_frame)


def _amshan() -> list[Library]:
    if not find_spec("han"):
        return []
    frames, messages = import_module("han.hdlc"), import_module("han.autodecoder")
    decoder = messages.AutoDecoder()

    def read(data: bytes) -> object:
        [frame] = frames.HdlcFrameReader(False).read(data)
        return decoder.decode_message(frame)

    return [Library("amshan", read)]


def _pyteleinfo() -> list[Library]:
    if not find_spec("teleinfo"):
        return []
    decode = import_module("teleinfo.codec").decode
    return [Library("pyteleinfo", lambda data: decode(data.decode("ascii")))]
