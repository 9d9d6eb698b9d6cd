"""Child processes that never outlive the rig."""

import asyncio
from collections.abc import Mapping, Sequence
import errno
import os
from pathlib import Path
from random import SystemRandom
import signal
import socket
from typing import Final

from script.rig.waiting import RigError

TAIL_LINES: Final = 60
_BELOW_CONNECTIONS: Final = range(20_000, 32_768)
# Nothing the rig starts may ask a proxy for what is on this machine.
PROXIES: Final = frozenset({"http_proxy", "https_proxy", "all_proxy"})


def free_port(host: str = "127.0.0.1", wanted: int = 0, *, tries: int = 100) -> int:
    """Return ``wanted`` or the next free port after it; 0 takes any.

    Any is one below those that Linux gives to connections: until somebody listens at
    it, no connection of another process comes to stand there.
    """
    ports = range(wanted, wanted + tries)
    for port in ports if wanted else SystemRandom().sample(_BELOW_CONNECTIONS, tries):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    continue
                message = f"cannot listen on {host}, port {port}: {error.strerror}"
                raise RigError(message) from error
            return int(probe.getsockname()[1])
    if tries == 1:
        message = f"port {wanted} of {host} is taken"
    else:
        message = f"no free port on {host} from {wanted} on"
    raise RigError(message)


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """Return the end of a log, for an error message."""
    if not log.exists():
        return f"({log.name} was never written)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


class Child:
    """One process: its log, and an end that leaves nothing behind."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    @property
    def exit_status(self) -> int | None:
        """How it ended, None while it runs or before it starts."""
        return None if self._process is None else self._process.returncode

    @property
    def pid(self) -> int:
        """The process id."""
        if self._process is None:
            message = f"{self.name} was not started"
            raise RigError(message)
        return self._process.pid

    async def start(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it; what it prints is appended to its log.

        A session of its own keeps the terminal's Ctrl-C away from it, so that
        the rig ends things in order. setpriv has the kernel end it should the
        rig itself be killed.
        """
        clean = {k: v for k, v in os.environ.items() if k.lower() not in PROXIES}
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self._process = await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "TERM", "--", *command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=asyncio.subprocess.STDOUT,
                cwd=cwd,
                env={**clean, "PYTHONUNBUFFERED": "1", **(environment or {})},
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise when it is not running, with the end of its log."""
        if self.running:
            return
        message = (
            f"{self.name} is not running (exit status {self.exit_status}).\n"
            f"--- the end of {self.log}\n{tail(self.log)}"
        )
        raise RigError(message)

    async def wait(self) -> int:
        """Wait until it ends by itself; return its exit status."""
        if self._process is None:
            message = f"{self.name} was not started"
            raise RigError(message)
        return await self._process.wait()

    async def stop(self, within_s: float = 30.0) -> None:
        """Ask it to end, insist after a while, and end what it left behind."""
        if self._process is None:
            return
        if self.running:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), within_s)
            except TimeoutError:
                await self.kill()
        self._end_group()

    async def kill(self) -> None:
        """End it as a power cut would: at once."""
        if self._process is None or not self.running:
            return
        self._process.kill()
        await self._process.wait()

    def _end_group(self) -> None:
        # The process led its own group: whoever is still in it was its child.
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def children(pid: int) -> dict[int, str]:
    """Return the live descendants of a process: id to command line."""
    found: dict[int, str] = {}
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            for child in map(int, task.read_text().split()):
                command = Path(f"/proc/{child}/cmdline").read_bytes()
                found[child] = command.replace(b"\0", b" ").decode(errors="replace")
                waiting.append(child)
    return found
