"""A telegram from bytes to values, next to dsmr-parser."""

from dsmr_parser import telegram_specifications  # type: ignore[import-untyped]
from dsmr_parser.parsers import TelegramParser  # type: ignore[import-untyped]

from benchmarks.figures import Figure
from benchmarks.telegrams import EMUCS
from benchmarks.timing import timed_us
from cem_core.meter import Decoder

RUNS = 2000


def figures(*, runs: int = RUNS) -> list[Figure]:
    """Return the row of a Belgian telegram."""
    other = TelegramParser(telegram_specifications.BELGIUM_FLUVIUS)
    text = EMUCS.decode("ascii")
    return [
        Figure(
            benchmark="meter",
            case="decode a Belgian telegram",
            unit="us",
            samples=timed_us(Decoder, lambda decoder: decoder.feed(EMUCS), runs),
            baseline="dsmr-parser",
            base=timed_us(lambda: text, other.parse, runs),
        )
    ]
