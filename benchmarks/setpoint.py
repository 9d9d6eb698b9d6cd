"""A telegram from bytes to setpoints: decoded, limits arbitrated, dispatched.

What runs is the fast loop of the integration, as Home Assistant runs it, with
near limits and the quarter hour; only the entities are left out.
"""

from datetime import timedelta

from dsmr_parser import telegram_specifications  # type: ignore[import-untyped]
from dsmr_parser.parsers import TelegramParser  # type: ignore[import-untyped]

from benchmarks.figures import Aim, Figure, Samples
from benchmarks.fleet import FREE_W, LIMITED_W, START, Play
from benchmarks.telegrams import telegram
from benchmarks.timing import timed_us
from cem_core.dispatch import DispatchSettings
from cem_core.limits import Contract, OrderBook
from cem_core.meter import Decoder
from cem_core.model import Reading
from custom_components.cem.fast_loop import FastLoop

DEVICES = 20
TELEGRAMS = 2000
AIM = Aim(statistic="p99", below=2000)


class Loop:
    """A home of `DEVICES` that gets its telegrams as bytes."""

    def __init__(self, import_w: int) -> None:
        """Order limits of ``import_w`` in every direction and scope."""
        self.play = Play(DEVICES, import_w)
        self.decoder = Decoder()
        self.orders = OrderBook()
        for limit in self.play.limits:
            self.orders.order(limit)
        self.loop = FastLoop(Contract(), DispatchSettings())

    def telegram(self) -> bytes:
        """Let the devices follow; return what the meter sends next."""
        reading = self.play.telegram()
        return telegram(reading.power_w or 0)

    def take(self, data: bytes) -> None:
        """Come to setpoints."""
        (reading,) = self.decoder.feed(data)
        assert isinstance(reading, Reading)
        play = self.play
        snapshot, _ = self.loop.run(
            reading,
            now=START + timedelta(seconds=play.second),
            monotonic_s=float(play.second),
            orders=self.orders,
            plan=play.plan,
            devices=play.devices,
            states=play.states,
        )
        assert len(snapshot.setpoints) == DEVICES
        play.setpoints = snapshot.setpoints


def figures(*, telegrams: int = TELEGRAMS) -> list[Figure]:
    """Return a row without and a row with limits that bind."""
    base = _dsmr_parser(telegrams)
    found = []
    for name, import_w in (("free", FREE_W), ("limited", LIMITED_W)):
        loop = Loop(import_w)
        loop.take(loop.telegram())
        found.append(
            Figure(
                benchmark="setpoint",
                case=f"bytes to {DEVICES} setpoints, {name}",
                unit="us",
                samples=timed_us(loop.telegram, loop.take, telegrams),
                baseline="dsmr-parser alone",
                base=base,
                aim=AIM,
            )
        )
    return found


def _dsmr_parser(telegrams: int) -> Samples:
    other = TelegramParser(telegram_specifications.BELGIUM_FLUVIUS)
    loop = Loop(FREE_W)
    return timed_us(lambda: loop.telegram().decode("ascii"), other.parse, telegrams)
