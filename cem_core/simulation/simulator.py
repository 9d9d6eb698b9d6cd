"""Runs a home in time: steps, telegrams, and the devices' messages."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import time
from typing import Final

from cem_core.simulation.faults import METER, Fault
from cem_core.simulation.home import STEP, Home
from cem_core.simulation.mqtt_bridge import MqttBridge
from cem_core.simulation.p1_server import P1Server

# Faster than life, several seconds are played at once; not more often than
# this a second, for the sake of the other processes.
SHORTEST_SLEEP_S: Final = 0.02
LONGEST_SLEEP_S: Final = 1.0
# After the computer slept, the meter does not send what it missed.
LONGEST_CATCH_UP: Final = timedelta(minutes=1)


type Clock = Callable[[], datetime]


def scaled_clock(start: datetime, speed: float) -> Clock:
    """Return a clock that shows ``start`` now and runs ``speed`` times as fast."""
    began_s = time.monotonic()
    return lambda: start + timedelta(seconds=speed * (time.monotonic() - began_s))


def wall_clock() -> datetime:
    """Return the time of day, also after the computer has slept."""
    return datetime.now(UTC)


class Simulator:
    """A home, its meter's port and its devices' messages.

    ``clock`` shows simulated time, ``speed`` is how fast it runs.
    """

    def __init__(self, home: Home, *, clock: Clock, speed: float = 1.0) -> None:
        """Play ``home`` by ``clock``."""
        self.home = home
        self._clock = clock
        self._speed = speed
        self._p1 = P1Server()
        self._mqtt = MqttBridge(home.setup.mqtt, home) if home.setup.mqtt else None
        self.p1_port = 0

    async def start(self) -> None:
        """Open what is served; raises OSError when that is not possible."""
        p1 = self.home.setup.p1
        self.p1_port = await self._p1.start(p1.host, p1.port)
        if self._mqtt is not None:
            try:
                await self._mqtt.start()
            except OSError:
                await self._p1.stop()
                raise

    async def run(self, stop: asyncio.Event) -> None:
        """Play until ``stop`` is set."""
        while not stop.is_set():
            self._catch_up(self._clock())
            if self._mqtt is not None:
                self._mqtt.publish()
            ahead_s = (self.home.now + STEP - self._clock()).total_seconds()
            sleep_s = min(LONGEST_SLEEP_S, max(SHORTEST_SLEEP_S, ahead_s / self._speed))
            try:
                await asyncio.wait_for(stop.wait(), sleep_s)
            except TimeoutError:
                continue

    async def stop(self) -> None:
        """Close what was opened."""
        if self._mqtt is not None:
            await self._mqtt.stop()
        await self._p1.stop()

    def _catch_up(self, until: datetime) -> None:
        while self.home.now + STEP <= until:
            self.home.step()
            self._serve_meter(send=until - self.home.now <= LONGEST_CATCH_UP)

    def _serve_meter(self, *, send: bool) -> None:
        home = self.home
        gone = home.faults.active(Fault.DISCONNECT, METER, home.now)
        self._p1.reachable = not gone
        if gone:
            self._p1.disconnect()
        if send and self._p1.clients:
            telegram = home.telegram()
            if telegram is not None:
                self._p1.send(telegram)
