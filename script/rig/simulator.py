"""The simulated home: `cem simulate` as a process, and orders for faults."""

import json
from pathlib import Path
import socket
from typing import Final

from script.rig.processes import Child
from script.rig.topics import TopicListener
from script.rig.waiting import RigError, until

HOST: Final = "127.0.0.1"
PREFIX: Final = "cem_home"


class Simulator:
    """Plays a HOME.yaml on given ports."""

    def __init__(
        self, *, cem: Path, home: Path, folder: Path, p1_port: int, mqtt_port: int
    ) -> None:
        self.cem = cem
        self.home = home
        self.p1_port = p1_port
        self.mqtt_port = mqtt_port
        self.memory = folder / "simulator.json"
        self.child = Child("the simulated home", folder / "simulator.log")

    async def start(self) -> None:
        """Start it and wait until its meter can be read."""
        await self.child.start(
            [
                *(str(self.cem), "simulate", str(self.home)),
                *("--p1-port", str(self.p1_port)),
                *("--mqtt-port", str(self.mqtt_port)),
                *("--memory", str(self.memory)),
            ],
            cwd=self.home.parent,
        )
        await until("the simulated meter", self._listens, within_s=30)

    async def stop(self) -> None:
        """End it."""
        await self.child.stop(within_s=10)

    def _listens(self) -> bool:
        self.child.check()
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((HOST, self.p1_port)) == 0


async def order_fault(
    devices: TopicListener, fault: str, device: str | None = None, *, seconds: float
) -> None:
    """Order a fault; 0 seconds end it. Raises `RigError` when it is refused."""
    answer_topic = f"{devices.prefix}/fault/answer"
    devices.last.pop(answer_topic, None)
    order: dict[str, str | float] = {"fault": fault, "seconds": seconds}
    if device is not None:
        order["device"] = device
    devices.publish("fault", order)
    text = await until(
        f"the simulator's answer to {order}",
        lambda: devices.last.get(answer_topic),
        within_s=5,
    )
    answer = json.loads(text)
    if not answer["accepted"]:
        message = f"the simulator refused {order}: {answer['reason']}"
        raise RigError(message)
