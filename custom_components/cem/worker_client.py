"""The worker process seen from Home Assistant: ask, wait, kill, start again."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
import itertools
import logging
from pathlib import Path
import socket
import sys
from typing import Any, Final

from homeassistant.helpers.json import json_bytes
from homeassistant.util.json import json_loads_object

import optimizer

_LOGGER = logging.getLogger(__name__)

WORKER: Final = Path(optimizer.__file__).parent / "worker.py"
# Of a day's cost: a cent or two, no more than a start is said to cost.
_GAP: Final = 3e-3
_READY_WITHIN_S: Final = 60.0  # importing the solver takes seconds, more when busy
_ANSWER_WITHIN_S: Final = 40.0
# A day is lived again in dozens of plans, and nobody waits: what does gives it up.
_DAY_WITHIN_S: Final = 240.0
_LEAST_SHARE: Final = 0.3  # of a time limit: less would say nothing
_IDLE_EXIT_S: Final = 1200.0
_BACKOFF_S: Final = (0.0, 5.0, 15.0, 60.0, 300.0)
_LONGEST_MESSAGE: Final = 64 * 1024**2


class WorkerError(Exception):
    """The worker gave no plan; ``kind`` says why, the text in a sentence."""

    def __init__(self, kind: str, detail: str) -> None:
        """Keep both."""
        super().__init__(detail)
        self.kind = kind


class WorkerClient:
    """One worker, started when it is needed and ended when it is not."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        command: tuple[str, ...] = (sys.executable, str(WORKER)),
        answer_within_s: float = _ANSWER_WITHIN_S,
        idle_exit_s: float = _IDLE_EXIT_S,
    ) -> None:
        """Start nothing yet."""
        self._clock = clock
        self._command = command
        self._answer_within_s = answer_within_s
        self._idle_exit_s = idle_exit_s
        self._process: Process | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._log_tasks: set[asyncio.Task[None]] = set()
        self._requests: set[asyncio.Task[dict[str, Any]]] = set()
        self._idle: asyncio.TimerHandle | None = None
        self._ids = itertools.count(1)
        self._lock = asyncio.Lock()
        self._failures = 0
        self._not_before_s = float("-inf")
        self._closed = False
        self._abandoned = 0  # how often all was given up
        self._answering: int | None = None  # the request that the worker is at
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if running and self._process else None

    async def optimize(
        self,
        home: Mapping[str, Any],
        series: Mapping[str, Any],
        *,
        time_limit_s: float,
        wishes: Sequence[Mapping[str, Any]] = (),
    ) -> dict[str, Any]:
        """Return the PLAN document, the best found with ``wishes``. `WorkerError`.

        Who asked may be cancelled: the answer is read to its end all the same,
        so that the next one is not taken for its rest.
        """
        limits = {"time_limit_s": time_limit_s, "gap": _GAP}
        problem = {"home": home, "series": series, **limits}
        wished = {"wishes": list(wishes)} if wishes else {}
        return await self._asked({"type": "optimize", **problem, **wished}, "plan")

    async def what_if(
        self,
        home: Mapping[str, Any],
        series: Mapping[str, Any],
        wish: Mapping[str, Any],
        *,
        time_limit_s: float,
    ) -> dict[str, Any]:
        """Return what ``wish`` would cost. Raises `WorkerError`.

        Who asks waits: to wait for other answers is part of the time limit.
        """
        problem = {"home": home, "series": series, "time_limit_s": time_limit_s}
        asked = {"type": "what_if", "what_if": wish, **problem}
        return await self._asked(asked, "alternative")

    async def limit_cost(
        self,
        home: Mapping[str, Any],
        series: Mapping[str, Any],
        plan: Mapping[str, Any],
        *,
        time_limit_s: float,
    ) -> dict[str, Any]:
        """Return what the limits in ``home`` cost ``plan``. Raises `WorkerError`."""
        problem = {"home": home, "series": series, "time_limit_s": time_limit_s}
        asked = {"type": "limit_cost", "plan": plan, **problem}
        return await self._asked(asked, "limit_cost")

    async def replay(
        self,
        home: Mapping[str, Any],
        series: Mapping[str, Any],
        wish: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Return how a span would have gone. Raises `WorkerError`."""
        asked = {"type": "replay", "home": home, "series": series, "replay": wish}
        return await self._asked(asked, "replayed", within_s=_DAY_WITHIN_S)

    def abandon(self) -> None:
        """Give up all that was asked: what the worker is at, and what waits for it.

        Who waits gets a `WorkerError` of the kind ``abandoned``.
        """
        self._abandoned += 1
        if self._writer is not None and self._answering is not None:
            self._send({"type": "abandon", "id": self._answering})

    async def forecast(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the hours to come. Raises `WorkerError`."""
        return await self._asked({**asked, "type": "forecast"}, "forecast")

    async def forecast_errors(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return how far off such forecasts were. Raises `WorkerError`."""
        return await self._asked(
            {**asked, "type": "forecast_errors"}, "forecast_errors"
        )

    async def learn(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return what samples tell of the home. Raises `WorkerError`."""
        return await self._asked({**asked, "type": "learn"}, "learned")

    async def _asked(
        self, message: Mapping[str, Any], wanted: str, *, within_s: float = 0.0
    ) -> dict[str, Any]:
        within_s = max(within_s, self._answer_within_s)
        task = asyncio.create_task(self._request(message, wanted, within_s))
        self._requests.add(task)
        task.add_done_callback(self._requests.discard)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.wait({task})  # unlike shield, silent when nobody waits any more
        return task.result()

    async def _request(
        self, message: Mapping[str, Any], wanted: str, within_s: float
    ) -> dict[str, Any]:
        asked_after, asked_s = self._abandoned, asyncio.get_running_loop().time()
        async with self._lock:
            if asked_after != self._abandoned:
                raise WorkerError("abandoned", "given up for something more urgent")
            if message["type"] == "what_if":
                waited_s = asyncio.get_running_loop().time() - asked_s
                message = _sooner(message, waited_s)
            try:
                await self._ensure()
                self._answering = next(self._ids)
                answer = await self._ask(
                    {**message, "id": self._answering}, within_s=within_s
                )
            except WorkerError:
                await self._failed()
                raise
            finally:
                self._answering = None
            self._failures = 0
            self._idle_soon()
        if answer.get("type") != wanted:
            raise WorkerError(
                str(answer.get("error", "protocol")), str(answer.get("detail", ""))
            )
        document: dict[str, Any] = answer[wanted]
        return document

    async def close(self) -> None:
        """End the process for good, also one that is being started."""
        self._closed = True
        await self.stop()

    async def stop(self) -> None:
        """End the process and wait for it."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        process, self._process = self._process, None
        log_tasks, self._log_tasks = self._log_tasks, set()
        if self._writer is not None:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()
            self._writer = self._reader = None
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if log_tasks:
            await asyncio.wait(log_tasks)

    async def _ensure(self) -> None:
        """Start the worker unless it runs; not again and again if it fails."""
        if self.pid is not None:
            return
        await self.stop()
        if self._clock() < self._not_before_s:
            raise WorkerError(
                "backing_off", "the worker failed; it is tried again soon"
            )
        if not self._closed:
            await self._start()
        if self._closed:
            await self.stop()
            raise WorkerError("gone", "the home was unloaded")
        answer = await self._ask(
            {"type": "hello", "sys_path": [path for path in sys.path if path]},
            within_s=_READY_WITHIN_S,
        )
        if answer.get("type") != "ready":
            raise WorkerError(
                str(answer.get("error", "protocol")), str(answer.get("detail", ""))
            )
        _LOGGER.debug("Worker ready: %s", answer)

    async def _start(self) -> None:
        ours, theirs = socket.socketpair()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                str(theirs.fileno()),
                pass_fds=(theirs.fileno(),),
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
            )
        except OSError as error:
            ours.close()
            raise WorkerError("start", str(error)) from error
        finally:
            theirs.close()
        self.starts += 1
        ours.setblocking(False)
        self._reader, self._writer = await asyncio.open_connection(sock=ours)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                task = asyncio.create_task(_log(stream))
                self._log_tasks.add(task)

    async def _ask(
        self, message: Mapping[str, Any], *, within_s: float
    ) -> Mapping[str, Any]:
        """Send ``message`` and return its answer; older answers are dropped."""
        reader, writer = self._reader, self._writer
        if reader is None or writer is None:
            raise WorkerError("gone", "the worker is not there")
        try:
            async with asyncio.timeout(within_s):
                self._send(message)
                await writer.drain()
                while True:
                    answer = await _receive(reader)
                    if answer.get("id") == message.get("id"):
                        return answer
        except TimeoutError as error:
            raise WorkerError("deadline", f"no answer in {within_s:g} s") from error
        except (OSError, EOFError) as error:
            raise WorkerError("gone", "the worker ended unexpectedly") from error
        except ValueError as error:
            raise WorkerError("protocol", str(error)) from error

    def _send(self, message: Mapping[str, Any]) -> None:
        # Two months of a large home are a megabyte, and the event loop waits for it:
        # Home Assistant's own JSON takes an eighth of the standard library's time.
        body = json_bytes(message)
        if self._writer is not None:
            self._writer.write(len(body).to_bytes(4) + body)

    async def _failed(self) -> None:
        """Kill what may hang, and wait longer after each failure in a row."""
        await self.stop()
        if self._clock() < self._not_before_s:
            return  # it was not even tried
        pause_s = _BACKOFF_S[min(self._failures, len(_BACKOFF_S) - 1)]
        self._failures += 1
        self._not_before_s = self._clock() + pause_s

    def retry_now(self) -> None:
        """Forget failures: what was missing has come."""
        self._failures, self._not_before_s = 0, float("-inf")

    def _idle_soon(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(self._idle_exit_s, self._exit_idle)

    def _exit_idle(self) -> None:
        """Close the socket: the worker ends by itself when that happens."""
        self._idle = None
        if self._writer is not None and not self._lock.locked():
            self._writer.close()
            self._writer = self._reader = None
            self._process = None


def _sooner(message: Mapping[str, Any], by_s: float) -> dict[str, Any]:
    """Return ``message`` with a time limit that is less, but for a share of it."""
    limit_s: float = message["time_limit_s"]
    left_s = max(limit_s - by_s, _LEAST_SHARE * limit_s)
    return {**message, "time_limit_s": left_s}


async def _receive(reader: asyncio.StreamReader) -> Mapping[str, Any]:
    length = int.from_bytes(await reader.readexactly(4))
    if length > _LONGEST_MESSAGE:
        raise ValueError(f"a message of {length} bytes")
    document: Mapping[str, Any] = json_loads_object(await reader.readexactly(length))
    return document


async def _log(stream: asyncio.StreamReader) -> None:
    """Pass on what the worker says; its stderr has levels of its own."""
    while line := await stream.readline():
        _LOGGER.debug("worker: %s", line.decode(errors="replace").rstrip())
