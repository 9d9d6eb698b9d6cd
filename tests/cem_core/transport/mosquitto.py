"""A broker of our own that can be stopped and started again on its port."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
import shutil
import socket
import subprocess
from typing import Final

import pytest

from tests.cem_core.transport.conftest import HOST

_LOOK_IN: Final = "/usr/sbin:/usr/local/sbin:/usr/bin"


@dataclass
class Mosquitto:
    """Runs in ``folder``; ``settings`` are further lines of its configuration."""

    folder: Path
    settings: tuple[str, ...] = ("allow_anonymous true",)
    port: int = field(init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Choose a free port; Debian's own broker on 1883 is left alone."""
        with socket.socket() as listener:
            listener.bind((HOST, 0))
            self.port = int(listener.getsockname()[1])

    async def start(self) -> None:
        """Start, and wait until it listens."""
        program = shutil.which("mosquitto", path=_LOOK_IN)
        if program is None:
            pytest.fail("mosquitto is missing: script/packages mosquitto")
        file = self.folder / "mosquitto.conf"
        lines = (f"listener {self.port} {HOST}", "persistence false", "user root")
        file.write_text("\n".join((*lines, *self.settings, "")))
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220  it returns at once
                [program, "-c", file], stdout=log, stderr=log
            )
        async with asyncio.timeout(10):
            while not self._listens():  # noqa: ASYNC110  another process's
                await asyncio.sleep(0.02)

    def stop(self) -> None:
        """Stop, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0
