"""The worker answers, dies, hangs and comes back."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
import os
from pathlib import Path
import signal
import sys
import time
from typing import Any

import pytest

from custom_components.cem.worker_client import WorkerClient, WorkerError
from tests.optimizer.test_worker import hard

HOME: dict[str, Any] = {
    "schema": 1,
    "time_zone": "UTC",
    "grid": {"import_limit_kw": 9, "export_limit_kw": 9},
    "devices": [],
}
SERIES: dict[str, Any] = {
    "time": ["2026-01-01T00:00:00+00:00", "2026-01-01T00:15:00+00:00"],
    "import_price": [0.3, 0.3],
    "export_price": [0.0, 0.0],
    "load_kw": [1.0, 1.0],
}

# A worker that plays the protocol: it answers, or misbehaves as it is asked to.
PEER = """
import json, os, socket, sys, time
s = socket.socket(fileno=int(sys.argv[1]))
def exactly(n):
    data = b""
    while len(data) < n:
        part = s.recv(n - len(data))
        if not part:
            sys.exit(0)
        data += part
    return data
while True:
    m = json.loads(exactly(int.from_bytes(exactly(4), "big")))
    ask = m.get("home", {}).get("ask")
    if ask == "die":
        os._exit(1)
    if ask == "hang":
        time.sleep(60)
    answer = {"type": "plan", "id": m.get("id"), "plan": {"asked": ask}}
    if m["type"] == "what_if":
        said = {"within_s": m["time_limit_s"]}
        answer = {"type": "alternative", "id": m["id"], "alternative": said}
    if m["type"] == "hello":
        answer = {"type": "ready", "pid": os.getpid()}
        if MISSING:
            answer = {"type": "error", "error": "missing", "detail": "pyomo"}
    if ask == "slow":
        time.sleep(0.5)
    if ask == "wrong":
        answer = {"type": "error", "id": m["id"], "error": "solver", "detail": "no"}
    body = json.dumps(answer).encode()
    s.sendall(len(body).to_bytes(4, "big") + body)
"""


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(
    tmp_path: Path, clock: Clock, request: pytest.FixtureRequest
) -> AsyncGenerator[WorkerClient]:
    missing = getattr(request, "param", False)
    peer = tmp_path / "peer.py"
    peer.write_text(f"MISSING = {missing}\n{PEER}")
    made = WorkerClient(
        clock=clock, command=(sys.executable, str(peer)), answer_within_s=2.0
    )
    yield made
    await made.stop()


async def ask(client: WorkerClient, what: str) -> str:
    plan = await client.optimize({"ask": what}, {}, time_limit_s=20)
    return str(plan["asked"])


@pytest.mark.usefixtures("socket_enabled")
async def test_the_real_worker_plans(clock: Clock) -> None:
    client = WorkerClient(clock=clock)
    try:
        plan = await client.optimize(HOME, SERIES, time_limit_s=20)
        assert plan["status"] == "optimal"
        assert plan["grid"]["import_kw"] == [1.0, 1.0]
        with pytest.raises(WorkerError) as refused:
            await client.optimize(HOME | {"nonsense": 1}, SERIES, time_limit_s=20)
        assert refused.value.kind == "invalid_home"
        assert client.starts == 1
    finally:
        await client.stop()
    assert client.pid is None


async def test_one_worker_serves_many_requests(client: WorkerClient) -> None:
    assert [await ask(client, x) for x in ("a", "b")] == ["a", "b"]
    assert client.starts == 1


async def test_a_refusal_is_told_and_the_worker_stays(client: WorkerClient) -> None:
    with pytest.raises(WorkerError, match="no") as error:
        await ask(client, "wrong")
    assert error.value.kind == "solver"
    assert await ask(client, "a") == "a"
    assert client.starts == 1


async def test_a_dead_worker_is_started_again(client: WorkerClient) -> None:
    with pytest.raises(WorkerError) as error:
        await ask(client, "die")
    assert error.value.kind == "gone"
    assert await ask(client, "a") == "a"
    assert client.starts == 2


async def test_a_killed_worker_is_started_again(client: WorkerClient) -> None:
    assert await ask(client, "a") == "a"
    assert client.pid is not None
    os.kill(client.pid, signal.SIGKILL)
    for _ in range(2):
        try:
            assert await ask(client, "b") == "b"
        except WorkerError:
            continue
        break
    assert client.starts == 2


@pytest.mark.usefixtures("socket_enabled")
async def test_one_killed_while_it_solves_is_told_at_once_and_started_again(
    clock: Clock,
) -> None:
    steps = 96 * 30
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    times = [begin + timedelta(minutes=15 * t) for t in range(steps)]
    long = {
        "time": [time.isoformat() for time in times],
        "import_price": [0.1 + 0.1 * (t // 20 % 3) for t in range(steps)],
        "export_price": [0.05] * steps,
        "load_kw": [1.0] * steps,
    }
    client = WorkerClient(clock=clock)
    try:
        await client.optimize(HOME, SERIES, time_limit_s=20)
        asked = asyncio.create_task(client.optimize(HOME, long, time_limit_s=20))
        await asyncio.sleep(0.05)
        assert client.pid is not None
        os.kill(client.pid, signal.SIGKILL)
        with pytest.raises(WorkerError, match="ended unexpectedly") as error:
            await asked
        assert error.value.kind == "gone"
        plan = await client.optimize(HOME, SERIES, time_limit_s=20)
        assert plan["status"] == "optimal"
        assert client.starts == 2
    finally:
        await client.stop()


async def test_a_hanging_worker_is_killed(client: WorkerClient) -> None:
    with pytest.raises(WorkerError) as error:
        await ask(client, "hang")
    assert error.value.kind == "deadline"
    assert client.pid is None


async def test_failures_in_a_row_wait_longer(
    client: WorkerClient, clock: Clock
) -> None:
    for _ in range(2):
        with pytest.raises(WorkerError):
            await ask(client, "die")
    with pytest.raises(WorkerError) as error:
        await ask(client, "a")
    assert error.value.kind == "backing_off"
    clock.now += 5
    assert await ask(client, "a") == "a"


@pytest.mark.parametrize("client", [True], indirect=True)
async def test_missing_packages_are_named(client: WorkerClient) -> None:
    with pytest.raises(WorkerError, match="pyomo") as error:
        await ask(client, "a")
    assert error.value.kind == "missing"


async def test_who_is_cancelled_leaves_the_next_answer_whole(
    client: WorkerClient,
) -> None:
    assert await ask(client, "a") == "a"
    asked = asyncio.create_task(ask(client, "slow"))
    await asyncio.sleep(0.1)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await ask(client, "b") == "b"
    assert client.starts == 1


@pytest.mark.usefixtures("socket_enabled")
async def test_what_is_abandoned_makes_room_within_a_second(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real worker is at a plan that takes its time; a second one waits for it."""
    client = WorkerClient(clock=clock, idle_exit_s=60)
    try:
        monkeypatch.setattr("custom_components.cem.worker_client._GAP", 1e-9)
        await client.optimize(HOME, SERIES, time_limit_s=5)  # it is there
        asked = hard(0)
        first = asyncio.create_task(
            client.optimize(asked["home"], asked["series"], time_limit_s=20)
        )
        waits = asyncio.create_task(
            client.optimize(asked["home"], asked["series"], time_limit_s=20)
        )
        await asyncio.sleep(0.8)
        began = time.monotonic()
        client.abandon()
        plan = await client.optimize(HOME, SERIES, time_limit_s=5)
        assert time.monotonic() - began < 1
        assert plan["status"] == "optimal"
        for task in (first, waits):
            with pytest.raises(WorkerError) as given_up:
                await task
            assert given_up.value.kind == "abandoned"
        assert client.starts == 1
    finally:
        await client.close()


@pytest.mark.usefixtures("socket_enabled")
async def test_to_wait_for_the_worker_is_part_of_a_questions_time(
    client: WorkerClient,
) -> None:
    await ask(client, "nothing")
    soon = await client.what_if({}, {}, {}, time_limit_s=0.9)
    assert 0.8 < soon["within_s"] <= 0.9
    busy = asyncio.create_task(ask(client, "slow"))
    await asyncio.sleep(0)
    late = await client.what_if({}, {}, {}, time_limit_s=0.9)
    assert 0.3 * 0.9 <= late["within_s"] <= 0.9 - 0.4
    # However long it waited, some time is left to say something.
    await busy
    before = [asyncio.create_task(ask(client, "slow")) for _ in range(3)]
    await asyncio.sleep(0)
    last = await client.what_if({}, {}, {}, time_limit_s=0.9)
    await asyncio.gather(*before)
    assert last["within_s"] == pytest.approx(0.3 * 0.9)
