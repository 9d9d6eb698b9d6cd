from collections.abc import Iterator
import json
import os
from pathlib import Path
import resource
import signal
import socket
import subprocess
import sys
from tempfile import TemporaryFile
import time
from typing import Any

import pytest

import optimizer
from tests.optimizer.homes import BATTERY, CAR, at, home, series

WORKER = Path(optimizer.__file__).with_name("worker.py")


class Worker:
    """The parent's side of a worker."""

    def __init__(self, *arguments: str, cwd: Path) -> None:
        self.socket, child = socket.socketpair()
        self.socket.settimeout(30)
        self._said = TemporaryFile()  # noqa: SIM115 - until close()
        self.process = subprocess.Popen(
            [sys.executable, *arguments, str(WORKER), str(child.fileno())],
            pass_fds=[child.fileno()],
            cwd=cwd,
            stderr=self._said,
        )
        child.close()

    def send(self, message: Any) -> None:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.socket.sendall(len(body).to_bytes(4) + body)

    def receive(self) -> dict[str, Any]:
        with self.socket.makefile("rb", buffering=0) as file:
            length = int.from_bytes(file.read(4))
            body = b""
            while len(body) < length and (more := file.read(length - len(body))):
                body += more
        if not body:
            self._said.seek(0)
            said = self._said.read().decode()[-2000:]
            pytest.fail(f"the worker ended with {self.process.wait(5)}: {said}")
        found: dict[str, Any] = json.loads(body)
        return found

    def ask(self, message: Any) -> dict[str, Any]:
        self.send(message)
        return self.receive()

    def close(self) -> None:
        self.socket.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self._said.close()


@pytest.fixture
def worker(tmp_path: Path, socket_enabled: None) -> Iterator[Worker]:
    running = Worker(cwd=tmp_path)
    yield running
    running.close()


def request(number: int, **changes: object) -> dict[str, Any]:
    rows = series([0.1, 0.1, 0.3, 0.3])
    return {
        "type": "optimize",
        "id": number,
        "home": home(BATTERY),
        "series": rows,
        "time_limit_s": 5,
        "gap": 1e-3,
        **changes,
    }


def test_it_says_hello_plans_and_survives_what_it_cannot_use(worker: Worker) -> None:
    assert worker.ask(request(1))["error"] == "missing"
    ready = worker.ask({"type": "hello", "sys_path": sys.path})
    assert ready["type"] == "ready"
    assert ready["pid"] == worker.process.pid
    assert {"pyomo", "highspy", "numpy", "python"} <= ready["versions"].keys()
    assert os.getpriority(os.PRIO_PROCESS, ready["pid"]) >= 10

    answer = worker.ask(request(7))
    assert (answer["type"], answer["id"]) == ("plan", 7)
    assert answer["plan"]["status"] == "optimal"
    assert sum(answer["plan"]["devices"]["battery"]["charge_kw"]) > 0

    bad = [
        (b"{", "bad_message"),
        (b"\xff\xfe", "bad_message"),
        (b"[" * 100_000, "bad_message"),
        ([1], "bad_message"),
        ({"type": "dance", "id": 3}, "bad_message"),
        ({"type": "hello", "sys_path": 3}, "bad_message"),
        (request(4, home={"schema": 1}), "invalid_home"),
        (request(5, home=None), "invalid_home"),
        (request(6, series=3), "invalid_series"),
        (request(6, series={"time": ["x"]}), "invalid_series"),
        (request(6, series={"time": []}), "invalid_series"),
        (request(8, gap="x"), "invalid_home"),
        (request(9, time_limit_s=0), "invalid_home"),
    ]
    for message, expected in bad:
        answer = worker.ask(message)
        assert (answer["type"], answer["error"]) == ("error", expected), message
        assert answer["detail"]
        if isinstance(message, dict) and "id" in message:
            assert answer["id"] == message["id"]
    worker.ask({"type": "hello", "sys_path": sys.path})
    assert worker.ask(request(10))["type"] == "plan"

    worker.socket.close()
    assert worker.process.wait(10) == 0


def test_an_error_names_the_field(worker: Worker) -> None:
    worker.ask({"type": "hello", "sys_path": sys.path})
    wrong = home({**BATTERY, "capacity_kwh": -1})
    detail = worker.ask(request(1, home=wrong))["detail"]
    assert detail == "devices[0].capacity_kwh: must be above 0, not -1"


def test_it_says_what_is_missing(tmp_path: Path, socket_enabled: None) -> None:
    # -S leaves out site-packages, and hello brings no folder that has them.
    worker = Worker("-S", "-E", cwd=tmp_path)
    try:
        answer = worker.ask({"type": "hello", "sys_path": []})
        assert answer == {"type": "error", "error": "missing", "detail": "highspy"}
        # Once they can be had, hello says so.
        assert worker.ask({"type": "hello", "sys_path": sys.path})["type"] == "ready"
    finally:
        worker.close()


def test_a_killed_worker_is_seen_at_once(worker: Worker) -> None:
    worker.ask({"type": "hello", "sys_path": sys.path})
    worker.process.kill()
    assert worker.socket.recv(4) == b""
    assert worker.process.wait(10) == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_it_dies_with_its_parent(tmp_path: Path, socket_enabled: None) -> None:
    # The parent lets the worker inherit both ends, so that no EOF can end it.
    script = f"""
import os, socket, subprocess, sys, time
a, b = socket.socketpair()
os.set_inheritable(a.fileno(), True)
p = subprocess.Popen([sys.executable, {str(WORKER)!r}, str(b.fileno())],
                     pass_fds=[a.fileno(), b.fileno()])
body = b'{{"type": "dance"}}'
a.sendall(len(body).to_bytes(4) + body)
a.recv(4)
print(p.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    parent = subprocess.run(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
        check=False,
        timeout=30,
    )
    assert parent.returncode == -signal.SIGKILL
    worker = int(parent.stdout)
    deadline = time.monotonic() + 20
    while _runs(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(worker)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError, ProcessLookupError:
        return False
    return state.rsplit(")", 1)[1].split()[0] != "Z"


def test_without_a_socket_it_ends_with_a_sentence(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, str(WORKER)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
        timeout=30,
    )
    assert ended.returncode == 2
    assert "no socket to serve" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_it_says_what_something_else_would_cost(worker: Worker) -> None:
    worker.ask({"type": "hello", "sys_path": sys.path})
    asked = request(1, type="what_if", what_if={"device": "battery", "what": "forbid"})
    answer = worker.ask(asked)
    assert (answer["type"], answer["id"]) == ("alternative", 1)
    assert answer["alternative"]["more_cost"] > 0
    assert answer["alternative"]["moved"]
    wrong = worker.ask(asked | {"what_if": {"device": "boat", "what": "forbid"}})
    assert wrong["error"] == "invalid_what_if"
    assert worker.ask(asked | {"what_if": None})["error"] == "invalid_what_if"
    assert worker.ask(asked | {"home": {}})["error"] == "invalid_home"
    assert worker.ask(request(2))["type"] == "plan"


def long_request(number: int, days: int, **changes: object) -> dict[str, Any]:
    steps = 96 * days
    rows = series([0.1 + 0.1 * (t // 20 % 3) for t in range(steps)], minutes=15)
    stays = [
        {"arrive": at(24 * day + 6), "depart": at(24 * day + 19), "energy_kwh": 10}
        for day in range(days)
    ]
    given = home(BATTERY, {**CAR, "sessions": stays}, minutes=15)
    return request(number, home=given, series=rows, **changes)


@pytest.mark.skipif(sys.platform != "linux", reason="prlimit is Linux's")
@pytest.mark.parametrize("spare_mb", [3, 10, 40])
def test_without_memory_it_says_so_and_serves_the_next(
    worker: Worker, spare_mb: int
) -> None:
    """Whatever runs out of memory first: never a silence."""
    worker.ask({"type": "hello", "sys_path": sys.path})
    assert worker.ask(request(1))["type"] == "plan"
    status = Path(f"/proc/{worker.process.pid}/status").read_text()
    (kib,) = (line.split()[1] for line in status.splitlines() if "VmSize" in line)
    most = int(kib) * 1024 + spare_mb * 1024**2
    resource.prlimit(worker.process.pid, resource.RLIMIT_AS, (most, most))
    answer = worker.ask(long_request(2, 7))
    assert answer["id"] == 2
    assert answer["type"] == "plan" or answer["error"] == "memory"
    assert worker.ask(request(3))["type"] == "plan"


def test_killed_while_it_plans_it_is_seen_at_once(worker: Worker) -> None:
    worker.ask({"type": "hello", "sys_path": sys.path})
    worker.send(long_request(1, 90, time_limit_s=30))
    time.sleep(0.1)
    worker.process.kill()
    assert worker.socket.recv(4) == b""
    assert worker.process.wait(10) == -signal.SIGKILL


def test_time_that_is_up_before_a_plan_leaves_one_with_its_true_gap(
    worker: Worker,
) -> None:
    worker.ask({"type": "hello", "sys_path": sys.path})
    answer = worker.ask(long_request(1, 20, time_limit_s=0.01))
    assert answer["type"] == "plan"
    plan = answer["plan"]
    assert plan["status"] in {"optimal", "feasible"}
    assert plan["bound"] <= plan["objective"]
    assert worker.ask(request(2))["type"] == "plan"


def test_it_foretells_and_learns(worker: Worker) -> None:
    worker.ask({"type": "hello", "sys_path": sys.path})
    rows = {
        "start": "2026-03-01T00:00:00+00:00",
        "step_minutes": 60,
        "known": 240,
        "steps": 24,
        "time_zone": "UTC",
        "load": {"history_w": [500] * 240, "annual_wh": 4_380_000},
    }
    answer = worker.ask({"type": "forecast", "id": 1, **rows})
    assert (answer["type"], answer["id"]) == ("forecast", 1)
    assert answer["forecast"]["load"]["mean_w"] == pytest.approx([500] * 24, rel=0.3)
    answer = worker.ask({"type": "forecast_errors", "id": 2, **rows})
    assert answer["forecast_errors"]["load"]["days"] > 1
    part = {"kind": "car", "stated": {"departs_h": 7, "need_wh": 9000}, "sessions": []}
    asked = {"type": "learn", "id": 3, "time_zone": "UTC", "parts": {"it": part}}
    answer = worker.ask(asked)
    assert answer["learned"]["it"]["car"]["kept_prior"] == "fewer than 5 sessions"
    refused = worker.ask({"type": "forecast", "id": 4, **rows, "step_minutes": 7})
    assert refused["error"] == "invalid_request"
    assert "does not divide a day" in refused["detail"]


def hard(number: int) -> dict[str, Any]:
    """Return a plan to ask for that takes its time to be proven."""
    cars = [
        {
            **CAR,
            "id": f"car {n}",
            "min_power_kw": 2 + n,
            "start_cost": 0.05,
            "sessions": [{"arrive": at(1), "depart": at(20), "energy_kwh": 30 + n}],
        }
        for n in range(4)
    ]
    prices = [0.2 + 0.1 * ((7 * t * t) % 11) / 11 for t in range(96)]
    capacity = {"integration_minutes": 15, "price_per_kw": 4, "peak_so_far_kw": 4}
    return request(
        number,
        home=home(*cars, BATTERY, minutes=15, tariff={"capacity": capacity}),
        series=series(prices, minutes=15),
        time_limit_s=20,
        gap=1e-9,
    )


@pytest.mark.parametrize("wait_s", [0.0, 0.3, 1.5])
def test_what_is_abandoned_ends_at_once_and_the_next_is_served(
    worker: Worker, wait_s: float
) -> None:
    assert worker.ask({"type": "hello", "sys_path": sys.path})["type"] == "ready"
    worker.send(hard(1))
    time.sleep(wait_s)
    began = time.monotonic()
    worker.send({"type": "abandon", "id": 1})
    worker.send(request(2))
    given_up, plan = worker.receive(), worker.receive()
    assert time.monotonic() - began < 5
    assert (given_up["id"], given_up["error"]) == (1, "abandoned")
    assert plan["plan"]["status"] == "optimal"


def test_to_abandon_what_was_answered_changes_nothing(worker: Worker) -> None:
    assert worker.ask({"type": "hello", "sys_path": sys.path})["type"] == "ready"
    assert worker.ask(request(1))["type"] == "plan"
    worker.send({"type": "abandon", "id": 1})
    worker.send({"type": "abandon"})
    assert worker.ask(request(2))["type"] == "plan"


def test_it_tells_what_limits_cost(worker: Worker) -> None:
    assert worker.ask({"type": "hello", "sys_path": sys.path})["type"] == "ready"
    limit = {
        "id": "dso",
        "direction": "import",
        "scope": "connection",
        "limit_kw": 1.0,
        "start": at(0),
        "end": at(2),
    }
    asked = request(1, home=home(BATTERY, limits=[limit]))
    plan = worker.ask(asked)["plan"]
    answer = worker.ask({**asked, "type": "limit_cost", "id": 2, "plan": plan})
    # Without the limit 2 kWh would be bought at 0.10 for two hours at 0.30.
    assert answer["limit_cost"]["more_cost"] == pytest.approx(0.4)
    answer = worker.ask({**asked, "type": "limit_cost", "id": 3, "plan": None})
    assert answer["error"] == "invalid_home"
    assert answer["detail"] == "plan: must be a PLAN document"


def test_a_forecast_is_broken_off_wherever_it_is(worker: Worker) -> None:
    """Two hundred roofs take seconds."""
    assert worker.ask({"type": "hello", "sys_path": sys.path})["type"] == "ready"
    known, steps = 60 * 24, 48
    history = [float((7 * t) % 3000) for t in range(known)]
    roof = {"history_w": history, "issued_w": [*history, *history[:steps]]}
    worker.send(
        {
            "type": "forecast",
            "id": 1,
            "start": at(0),
            "step_minutes": 60,
            "known": known,
            "steps": steps,
            "time_zone": "Europe/Brussels",
            "load": {"history_w": history, "annual_wh": 4_000_000},
            "solar": {f"roof {n}": roof for n in range(200)},
            "heating": {},
            "buildings": {},
        }
    )
    time.sleep(0.5)
    began = time.monotonic()
    worker.send({"type": "abandon", "id": 1})
    answer = worker.receive()
    assert answer["error"] == "abandoned"
    assert time.monotonic() - began < 1
    assert worker.ask(request(2))["plan"]["status"] == "optimal"
