"""A mosquitto of our own: loopback only, its own port, its own folder."""

from pathlib import Path
import shutil
import socket
from typing import Final

from script.rig.processes import Child, free_port
from script.rig.waiting import RigError, until

HOST: Final = "127.0.0.1"
# Debian installs it where a user's PATH does not look.
USUAL_PLACE: Final = "/usr/sbin/mosquitto"


class Broker:
    """The MQTT broker of the simulated home."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.child = Child("mosquitto", folder / "mosquitto.log")

    async def start(self) -> None:
        """Start it, on the port it had before if it ran before."""
        binary = shutil.which("mosquitto") or USUAL_PLACE
        if not Path(binary).exists():
            message = "mosquitto is missing. Install it: apt-get install mosquitto"
            raise RigError(message)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_port(HOST)
        config = self.folder / "mosquitto.conf"
        config.write_text(self._config())
        # -c keeps it away from the system's own configuration.
        await self.child.start([binary, "-c", str(config)], cwd=self.folder)
        await until("mosquitto to accept", self._accepts, within_s=15)

    async def stop(self) -> None:
        """End it; what is retained is on disk afterwards."""
        await self.child.stop(within_s=10)

    def _config(self) -> str:
        # As root mosquitto would become the user "mosquitto", who cannot
        # write here; "user root" keeps it who it is.
        return "\n".join(
            (
                f"listener {self.port} {HOST}",
                "allow_anonymous true",
                "user root",
                "persistence true",
                f"persistence_location {self.folder}/",
                "autosave_interval 30",
                "log_type warning",
                "log_type error",
                "",
            )
        )

    def _accepts(self) -> bool:
        self.child.check()
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((HOST, self.port)) == 0
