"""Whole processes: `cem optimize` from its start to its end, and the worker."""

from collections.abc import Iterator, Mapping, Sequence
import csv
from dataclasses import dataclass
import json
import os
from pathlib import Path
import socket
import subprocess
import sys
from time import perf_counter
from typing import Any, Final, Self

from benchmarks.peers.canonical import Canonical
from benchmarks.peers.missing import MissingError
from benchmarks.peers.rows import Row, at_most
import optimizer

_COMMAND: Final = Path(sys.executable).with_name("cem")
_WORKER: Final = Path(optimizer.__file__).with_name("worker.py")
_KB: Final = 1024
_LONGEST_S: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A process that has ended well."""

    output: str
    seconds: float
    cpu_seconds: float
    peak_mb: float


def optimized(home_file: str, series_file: str) -> Ended:
    """Run `cem optimize` and return what it took and its PLAN."""
    command = [
        str(_COMMAND),
        "optimize",
        home_file,
        "--series",
        series_file,
        "--plan",
        "-",
    ]
    began = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise MissingError(f"cem optimize {home_file} ended with {process.returncode}")
    return Ended(
        output=output,
        seconds=seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss / _KB,
    )


class Worker:
    """The integration's worker, asked as the integration asks it."""

    def __init__(self) -> None:
        """Start it and say hello."""
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(_LONGEST_S)
        self._answers = self._socket.makefile("rb")
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, _WORKER, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stderr=subprocess.DEVNULL,
            )
        self.ask({"type": "hello", "sys_path": sys.path})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._answers.close()
        self._socket.close()
        self._process.wait()

    def ask(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the answer to ``message``."""
        body = json.dumps(message).encode()
        self._socket.sendall(len(body).to_bytes(4) + body)
        length = int.from_bytes(self._answers.read(4))
        answer = json.loads(self._answers.read(length))
        if answer["type"] == "error":
            raise MissingError(f"the worker: {answer['detail']}")
        found: Mapping[str, Any] = answer
        return found

    def memory_mb(self, field: str) -> float:
        """Return a field of the process's status: VmRSS is now, VmHWM the most."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        (line,) = (line for line in lines if line.startswith(f"{field}:"))
        return int(line.split()[1]) / _KB


def whole(canonical: Canonical, times: int) -> Iterator[Row]:
    """Yield time and memory of `cem optimize`, and memory of the worker."""
    for problem, seconds, worker_mb in (("P1", 3.0, 150.0), ("P2", None, 300.0)):
        files = canonical.written(canonical.home(problem))
        ended = [optimized(*files) for _ in range(times)]
        what = f"cem optimize, {problem}, whole process"
        yield at_most(f"{what}: time", [each.seconds for each in ended], "s", seconds)
        cpu = [each.cpu_seconds for each in ended]
        yield at_most(f"{what}: processor time", cpu, "s")
        yield at_most(f"{what}: memory", [each.peak_mb for each in ended], "MB")
        home = json.loads(Path(files[0]).read_text(encoding="utf-8"))
        series = _columns(files[1])
        with Worker() as worker:
            idle_mb = worker.memory_mb("VmRSS")
            for _ in range(times):
                worker.ask(
                    {"type": "optimize", "id": 1, "home": home, "series": series}
                )
            peak_mb, rests_mb = (worker.memory_mb(name) for name in ("VmHWM", "VmRSS"))
        yield at_most(f"worker, {problem}: most memory", [peak_mb], "MB", worker_mb)
        yield at_most(f"worker, {problem}: memory before any plan", [idle_mb], "MB")
        yield at_most(f"worker, {problem}: memory at rest after", [rests_mb], "MB")


def _columns(series_file: str) -> Mapping[str, Sequence[str | float]]:
    with Path(series_file).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        name: [row[name] if name == "time" else float(row[name]) for row in rows]
        for name in rows[0]
    }
