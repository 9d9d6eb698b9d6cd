"""The slow loop in a process of its own: `python worker.py FD`.

Messages over the socket with that number are a length of 4 bytes, big endian,
and UTF-8 JSON. The parent says hello with its sys.path; after that it asks for
plans (`optimize`), what something else would cost (`what_if`), the hours to come
(`forecast`), how far off such forecasts were (`forecast_errors`) and what the home's
history tells of it (`learn`), what limits cost (`limit_cost`), how a day would have
gone with and without plans (`replay`). To `abandon` a request
gives it up. A bad message is answered, never fatal. The process ends when the other
end of the socket closes or its parent dies.

A thread of its own listens: what is abandoned is known while the solver runs.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
import ctypes
import gc
from importlib.metadata import version
from importlib.util import find_spec
import json
import logging
import os
from pathlib import Path
from queue import SimpleQueue
import resource
import signal
import socket
import sys
import threading
from threading import Thread
from typing import Any

type Json = dict[str, Any]

_LOG = logging.getLogger("cem.worker")
_NICE = 10
_MEMORY_BYTES = 2 * 1024**3
_RESERVE_BYTES = 4 * 1024**2  # to refuse where nothing else is left
_LONGEST_MESSAGE = 64 * 1024**2
_LONGEST_ABANDON = 200
_PR_SET_PDEATHSIG = 1
_BLAS_SIZE = 256
_NEEDED = ("highspy", "numpy", "pyomo")


def main(arguments: list[str]) -> int:
    """Serve the socket whose number is the first of ``arguments``."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        connection = socket.socket(fileno=int(arguments[0]))
    except (IndexError, ValueError, OSError) as error:
        _LOG.error("no socket to serve: %s", error)
        return 2
    _be_modest()
    with connection:
        try:
            _serve(connection)
        except (ConnectionError, TimeoutError) as error:
            _LOG.info("the other end is gone: %s", error)
    return 0


def _be_modest() -> None:
    """Give way to the parent, die with it, and never eat the machine's memory.

    The signal comes when the thread that started this process ends: start it
    from a thread that stays, as an event loop's does.
    """
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)
    os.nice(_NICE)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # each thread reserves memory
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = _MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(_MEMORY_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


class _Inbox:
    """What comes over the socket, read by a thread so that all is seen at once.

    To abandon a request is acted on here: the solver is asked to stop, and what
    else is computed is broken off by a signal.
    """

    def __init__(self, connection: socket.socket) -> None:
        """Begin to read."""
        self._connection = connection
        self._messages: SimpleQueue[bytes | None] = SimpleQueue()
        self._abandoned: object = None  # the last id that was
        self._closed = False
        self._answering: object = None
        self._breakable = False
        signal.signal(signal.SIGUSR1, self._break_off)
        Thread(target=self._read, name="inbox", daemon=True).start()

    def next(self) -> bytes | None:
        """Return the next message, None when there will be no more."""
        return self._messages.get()

    def is_abandoned(self) -> bool:
        """Tell whether the answer that is being made is no longer wanted."""
        return self._closed or (
            self._answering is not None and self._answering == self._abandoned
        )

    @contextmanager
    def answering(self, number: object, *, breakable: bool) -> Iterator[None]:
        """Know the request that is answered; ``breakable`` ones end anywhere."""
        from optimizer.abandon import abandonable, check  # noqa: PLC0415 - after hello

        self._answering = number
        try:
            with abandonable(self.is_abandoned):
                check()
                self._breakable = breakable
                yield
        finally:
            self._breakable, self._answering = False, None

    def _break_off(self, *_: object) -> None:
        if self._breakable and self.is_abandoned():
            from optimizer.abandon import AbandonedError  # noqa: PLC0415 - after hello

            self._breakable = False
            raise AbandonedError

    def _read(self) -> None:
        try:
            while (raw := _receive(self._connection)) is not None:
                wish = _abandoned(raw)
                if wish is None:
                    self._messages.put(raw)
                    continue
                self._abandoned = wish
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
        except (ConnectionError, TimeoutError) as error:
            _LOG.info("the other end is gone: %s", error)
        self._closed = True
        self._messages.put(None)


def _abandoned(raw: bytes) -> object:
    """Return the id of the request that ``raw`` gives up, None if it is another wish."""
    if len(raw) > _LONGEST_ABANDON:
        return None
    try:
        message = json.loads(raw)
    except ValueError, RecursionError:
        return None
    is_wish = isinstance(message, dict) and message.get("type") == "abandon"
    return message.get("id", -1) if is_wish else None


def _serve(connection: socket.socket) -> None:
    inbox = _Inbox(connection)
    desk = _Desk(inbox)
    reserve: bytes | None = bytes(_RESERVE_BYTES)
    while (raw := inbox.next()) is not None:
        body = None
        with suppress(MemoryError):
            body = _encoded(desk.answer(raw))
        if body is None:  # what was made by then is let go, and so is the reserve
            reserve = None
            body = _encoded(_out_of_memory(raw))
        connection.sendall(body)
        if reserve is None:
            with suppress(MemoryError):
                reserve = bytes(_RESERVE_BYTES)


class _Desk:
    """Answers one message after the other."""

    def __init__(self, inbox: _Inbox) -> None:
        """Wait for hello."""
        self._inbox = inbox
        self._structures: Any = None

    def answer(self, raw: bytes) -> Json:
        """Return the answer to ``raw``, MemoryError where there is no room for it."""
        try:
            message = json.loads(raw)
        except (ValueError, RecursionError) as error:
            return _error("bad_message", f"no JSON: {error}")
        if not isinstance(message, dict):
            return _error("bad_message", f"{type(message).__name__} is no message")
        return self._answer(message) | _id(message)

    def _answer(self, message: Json) -> Json:
        kind = message.get("type")
        if kind == "hello":
            return self._hello(message)
        if self._structures is None:
            return _error("missing", "say hello first")
        from optimizer.answers import BREAKABLE, KINDS, answer  # noqa: PLC0415 - after hello

        if kind not in KINDS:
            return _error("bad_message", f"{kind!r} is no type of message")
        breakable = kind in BREAKABLE
        answering = self._inbox.answering(message.get("id"), breakable=breakable)
        return answer(kind, message, self._structures, answering)

    def _hello(self, message: Json) -> Json:
        """Take the parent's sys.path, look for what is needed, import it."""
        paths = message.get("sys_path", [])
        if not isinstance(paths, list) or not all(isinstance(p, str) for p in paths):
            return _error("bad_message", "sys_path must be a list of folders")
        _find_packages(paths)
        for name in _NEEDED:
            if find_spec(name) is None:
                return _error("missing", name)
        try:
            import optimizer.answers  # noqa: F401, PLC0415 - takes seconds
        except ImportError as error:
            return _error("missing", error.name or str(error))
        if self._structures is None:
            self._structures = _structures()
        versions = {name: version(name) for name in ("pyomo", "highspy", "numpy")}
        versions["python"] = sys.version.split()[0]
        return {"type": "ready", "pid": os.getpid(), "versions": versions}


def _out_of_memory(raw: bytes) -> Json:
    """Refuse ``raw``, by its number where that can be read by now."""
    answer = _error("memory", f"more than {_MEMORY_BYTES // 1024**2} MB needed")
    with suppress(MemoryError, ValueError, RecursionError):
        answer |= _id(json.loads(raw))
    return answer


def _id(message: Json) -> Json:
    return {"id": message["id"]} if "id" in message else {}


def _error(error: str, detail: str) -> Json:
    return {"type": "error", "error": error, "detail": detail}


def _find_packages(paths: list[str]) -> None:
    """Let `optimizer` and `cem_core` be those beside this file, the rest follow.

    Run by its path this file's folder comes first on sys.path, where its modules
    would pass for top-level ones.
    """
    here = Path(__file__).resolve().parent
    own = [p for p in sys.path if not p or Path(p).resolve() != here]
    beside = str(here.parent)
    sys.path[:] = list(dict.fromkeys([beside, *own, *paths]))


def _structures() -> Any:  # noqa: ANN401 - Structures, which are imported here
    """Return where compiled structures live as long as this process."""
    import numpy as np  # noqa: PLC0415 - after hello

    from optimizer.structures import Structures  # noqa: PLC0415

    # OpenBLAS asks for its memory once, and for ever where none is left.
    square = np.ones((_BLAS_SIZE, _BLAS_SIZE))
    square @ square @ square[0]
    gc.freeze()  # what was imported stays: no search for garbage goes through it
    return Structures()


def _receive(connection: socket.socket) -> bytes | None:
    """Return the next message, or None when the other end has closed."""
    head = _exactly(connection, 4)
    if head is None:
        return None
    length = int.from_bytes(head)
    if length > _LONGEST_MESSAGE:
        _LOG.error("a message of %d bytes: not ours", length)
        return None
    return _exactly(connection, length)


def _exactly(connection: socket.socket, length: int) -> bytes | None:
    received = bytearray()
    while len(received) < length:
        part = connection.recv(min(length - len(received), 1 << 16))
        if not part:
            return None
        received += part
    return bytes(received)


def _encoded(message: Json) -> bytes:
    body = json.dumps(message, separators=(",", ":"), allow_nan=False).encode()
    return len(body).to_bytes(4) + body


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
