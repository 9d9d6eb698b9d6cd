"""Runs a home in time: steps, telegrams, and the devices' messages."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import time
from typing import TYPE_CHECKING, Final

from cem_core.simulation.faults import METER
from cem_core.simulation.home import STEP, Home
from cem_core.simulation.modbus_server import ModbusServer
from cem_core.simulation.mqtt_bridge import MqttBridge
from cem_core.simulation.p1_server import P1Server

if TYPE_CHECKING:
    from cem_core.simulation.eebus_device import EebusDevice
    from cem_core.simulation.networks import Face

# Faster than life, several seconds are played at once; not more often than
# this a second, for the sake of the other processes.
SHORTEST_SLEEP_S: Final = 0.02
LONGEST_SLEEP_S: Final = 1.0
# After the computer slept, the meter does not send what it missed.
# At a higher speed that is so much the longer for the home.
LONGEST_CATCH_UP: Final = timedelta(minutes=1)
LONGEST_BUSY_S: Final = 0.05


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
        self._sends = LONGEST_CATCH_UP * max(1.0, speed)
        self._p1 = P1Server()
        self._mqtt = MqttBridge(home.setup.mqtt, home) if home.setup.mqtt else None
        self._modbus = ModbusServer(home) if home.setup.modbus else None
        self.faces = _faces(home)
        self.p1_port = 0
        self.modbus_port = 0

    @property
    def eebus(self) -> EebusDevice | None:
        """The device on the EEBUS network, None: there is none."""
        if self.home.setup.eebus is None:
            return None
        from cem_core.simulation.eebus_device import EebusDevice  # noqa: PLC0415

        return next((f for f in self.faces if isinstance(f, EebusDevice)), None)

    async def start(self) -> None:
        """Open what is served; raises OSError when that is not possible."""
        p1 = self.home.setup.p1
        self.p1_port = await self._p1.start(p1.host, p1.port)
        try:
            modbus = self.home.setup.modbus
            if self._modbus is not None and modbus is not None:
                self.modbus_port = await self._modbus.start(modbus.host, modbus.port)
            if self._mqtt is not None:
                await self._mqtt.start()
            for face in self.faces:
                await face.start()
        except OSError:
            await self._close_ports()
            raise

    async def run(self, stop: asyncio.Event) -> None:
        """Play until ``stop`` is set."""
        while not stop.is_set():
            until = self._clock()
            while not self._catch_up(until):  # noqa: ASYNC110 (it is we who are busy)
                await asyncio.sleep(0)
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
        await self._close_ports()

    async def _close_ports(self) -> None:
        for face in self.faces:
            await face.stop()
        if self._modbus is not None:
            await self._modbus.stop()
        await self._p1.stop()

    def _catch_up(self, until: datetime) -> bool:
        """Play up to ``until``; False: that took long, and there is more to play."""
        enough_s = time.monotonic() + LONGEST_BUSY_S
        while self.home.now + STEP <= until:
            if time.monotonic() > enough_s:
                return False
            self.home.step()
            if self._modbus is not None:
                self._modbus.tick()
            for face in self.faces:
                face.tick()
            self._serve_meter(send=until - self.home.now <= self._sends)
        return True

    def _serve_meter(self, *, send: bool) -> None:
        home = self.home
        gone = home.faults.absent(METER, home.now)
        self._p1.reachable = not gone
        if gone:
            self._p1.disconnect()
        if send and self._p1.clients:
            telegram = home.telegram()
            if telegram is not None:
                self._p1.send(telegram)


def _faces(home: Home) -> list[Face]:
    setup = home.setup
    if not any((setup.ocpp, setup.s2, setup.eebus)):
        return []
    # Their packages take as long to load as all else.
    from cem_core.simulation.networks import faces_of  # noqa: PLC0415

    return faces_of(home)
