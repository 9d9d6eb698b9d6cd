"""How long a telegram takes from bytes to values, next to dsmr-parser.

.venv/bin/python benchmarks/meter.py
"""

from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from time import perf_counter

from dsmr_parser import telegram_specifications  # type: ignore[import-untyped]
from dsmr_parser.parsers import TelegramParser  # type: ignore[import-untyped]

from cem_core.meter import Decoder

TELEGRAM = Path(__file__).parents[1] / "tests" / "telegrams" / "emucs.txt"
RUNS = 3000


def timed(read: Callable[[], object]) -> tuple[float, float]:
    """Return median and 99th percentile of ``read`` in microseconds."""
    seconds = []
    for _ in range(RUNS):
        start = perf_counter()
        read()
        seconds.append(perf_counter() - start)
    percentiles = quantiles(seconds, n=100)
    return percentiles[49] * 1e6, percentiles[98] * 1e6


def main() -> None:
    """Print both and their ratio."""
    data = TELEGRAM.read_bytes()
    text = data.decode("ascii")
    other = TelegramParser(telegram_specifications.BELGIUM_FLUVIUS)
    ours, ours_p99 = timed(lambda: Decoder().feed(data))
    theirs, theirs_p99 = timed(lambda: other.parse(text))
    print(f"cem          {ours:6.0f} us median {ours_p99:6.0f} us p99")
    print(f"dsmr-parser  {theirs:6.0f} us median {theirs_p99:6.0f} us p99")
    print(f"ratio        {theirs / ours:6.1f}")


if __name__ == "__main__":
    main()
