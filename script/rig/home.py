"""The whole home: broker, simulated devices, Home Assistant, one after another."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
import json
from pathlib import Path
import subprocess
import time
from typing import Final

from script.rig.api import Api
from script.rig.broker import Broker
from script.rig.home_assistant import RESTART_WANTED, HomeAssistant
from script.rig.processes import Child, free_port
from script.rig.simulator import Simulator
from script.rig.waiting import RigError, until

ROOT: Final = Path(__file__).resolve().parents[2]
DEMO_HOME: Final = ROOT / "examples/demo/home.yaml"
CEM: Final = ROOT / ".venv/bin/cem"
HOME_ASSISTANT_PYTHON: Final = ROOT / ".venv-e2e/bin/python"
START_WITHIN_S: Final = 180.0


def build_release(folder: Path) -> Path:
    """Build the release zip; return its path."""
    built = subprocess.run(
        [ROOT / "script/release", folder],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    if built.returncode:
        message = f"script/release failed:\n{built.stdout}{built.stderr}"
        raise RigError(message)
    return folder / "cem.zip"


class Home:
    """The processes of one home and their ports, which stay the same for ever."""

    def __init__(
        self,
        folder: Path,
        *,
        python: Path = HOME_ASSISTANT_PYTHON,
        plays: Path = DEMO_HOME,
        host: str = "127.0.0.1",
        port: int = 0,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.environment = environment
        ports = self._ports()
        self.broker = Broker(folder / "mosquitto")
        self.broker.port = ports["mqtt"]
        self.simulator = Simulator(
            cem=CEM,
            home=plays,
            folder=folder,
            p1_port=ports["p1"],
            mqtt_port=ports["mqtt"],
        )
        self.home_assistant = HomeAssistant(
            python=python,
            config=folder / "config",
            host=host,
            port=port or free_port(host),
        )

    @property
    def parts(self) -> tuple[Child, ...]:
        """The processes, in the order in which they start."""
        return (
            self.broker.child,
            self.simulator.child,
            self.home_assistant.child,
        )

    @property
    def placeholders(self) -> dict[str, str | int]:
        """What the flows' bodies leave open."""
        return {
            "mqtt_host": "127.0.0.1",
            "mqtt_port": self.broker.port,
            "p1_host": "127.0.0.1",
            "p1_port": self.simulator.p1_port,
        }

    async def start(self, say: Callable[[str], None] = lambda _: None) -> None:
        """Start all parts; Home Assistant serves when this returns."""
        self.home_assistant.prepare()
        say("starting the broker and the simulated home")
        await self.broker.start()
        await self.simulator.start()
        say(f"starting Home Assistant on {self.home_assistant.url}")
        await self.home_assistant.start(self.environment)
        await self.home_assistant.serving(within_s=START_WITHIN_S)

    async def stop(self) -> None:
        """End all parts, the last first, whatever happens on the way."""
        errors: list[Exception] = []
        for part in reversed(self.parts):
            try:
                await part.stop(within_s=40)
            except OSError as error:
                errors.append(error)
        if errors:
            message = "not everything could be ended"
            raise ExceptionGroup(message, errors)

    async def first_death(self) -> Child:
        """Return the first part that ends by itself.

        Home Assistant may ask to be started again: that is no death.
        """
        while True:
            waits = {asyncio.create_task(part.wait()): part for part in self.parts}
            done, pending = await asyncio.wait(
                waits, return_when=asyncio.FIRST_COMPLETED
            )
            for task in pending:
                task.cancel()
            dead = waits[done.pop()]
            if (
                dead is not self.home_assistant.child
                or dead.exit_status != RESTART_WANTED
            ):
                return dead
            await self.home_assistant.start(self.environment)

    def _ports(self) -> dict[str, int]:
        """Return the ports that the set-up CEM knows, chosen once."""
        stored = self.folder / "ports.json"
        if stored.exists():
            return {
                name: int(port) for name, port in json.loads(stored.read_text()).items()
            }
        self.folder.mkdir(parents=True, exist_ok=True)
        mqtt = free_port()
        ports = {"mqtt": mqtt, "p1": free_port(wanted=mqtt + 1)}
        stored.write_text(json.dumps(ports))
        return ports


@asynccontextmanager
async def user_of(home: Home) -> AsyncIterator[Api]:
    """Log in, making the first user where there is none, once it runs."""
    async with Api(home.home_assistant.url) as api:
        if not await api.onboard():
            await api.login()
        await running(home, api)
        yield api


async def running(home: Home, api: Api) -> float:
    """Wait until Home Assistant has started; return how long that took."""

    async def state() -> bool:
        home.home_assistant.child.check()
        found = await api.get("/api/config")
        return bool(found["state"] == "RUNNING")

    await until("Home Assistant to have started", state, within_s=START_WITHIN_S)
    return time.monotonic() - home.home_assistant.started_at
