"""Runs a home in time: steps, telegrams, and the devices' messages."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from cem_core.simulation.faults import METER, Fault
from cem_core.simulation.home import STEP, Home
from cem_core.simulation.mqtt_bridge import MqttBridge
from cem_core.simulation.p1_server import P1Server

# Faster than life, several seconds are played at once; not more often than
# this a second, for the sake of the other processes.
SHORTEST_SLEEP_S: Final = 0.02
# After the computer slept, the meter does not send what it missed.
LONGEST_CATCH_UP: Final = timedelta(minutes=1)


class Simulator:
    """A home, its meter's port and its devices' messages.

    ``epoch`` is the simulated time at the call of `start`.
    """

    def __init__(self, home: Home, *, epoch: datetime, speed: float) -> None:
        """Play ``home`` at ``speed`` simulated seconds a second."""
        self.home = home
        self._epoch = epoch
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
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        while not stop.is_set():
            passed_s = (loop.time() - started_s) * self._speed
            self._catch_up(self._epoch + timedelta(seconds=passed_s))
            if self._mqtt is not None:
                self._mqtt.publish()
            due_s = (self.home.now + STEP - self._epoch).total_seconds() / self._speed
            sleep_s = max(SHORTEST_SLEEP_S, started_s + due_s - loop.time())
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
