"""The slow loop in a process of its own: `python worker.py FD`.

Messages over the socket with that number are a length of 4 bytes, big endian,
and UTF-8 JSON. The parent says hello with its sys.path; after that it asks for
plans (`optimize`) and what something else would cost (`what_if`). A bad message is answered, never fatal. The process ends when the other
end of the socket closes or its parent dies.
"""

import ctypes
import gc
from importlib.metadata import version
from importlib.util import find_spec
import json
import logging
import os
from pathlib import Path
import resource
import signal
import socket
import sys
from typing import Any

type Json = dict[str, Any]

_LOG = logging.getLogger("cem.worker")
_NICE = 10
_MEMORY_BYTES = 2 * 1024**3
_LONGEST_MESSAGE = 64 * 1024**2
_PR_SET_PDEATHSIG = 1
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


def _serve(connection: socket.socket) -> None:
    structures: Any = None
    while (raw := _receive(connection)) is not None:
        try:
            message = json.loads(raw)
        except (ValueError, RecursionError) as error:
            _send(connection, _error("bad_message", f"no JSON: {error}"))
            continue
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "hello":
            answer = _hello(message)
            if answer["type"] == "ready" and structures is None:
                structures = _structures()
        elif kind in _ANSWERS and structures is not None:
            answer = _answer(kind, message, structures)
        elif kind in _ANSWERS:
            answer = _error("missing", "say hello first") | _id(message)
        else:
            answer = _error("bad_message", f"{kind!r} is no type of message")
            if isinstance(message, dict):
                answer |= _id(message)
        _send(connection, answer)


def _id(message: Json) -> Json:
    return {"id": message["id"]} if "id" in message else {}


def _error(error: str, detail: str) -> Json:
    return {"type": "error", "error": error, "detail": detail}


def _hello(message: Json) -> Json:
    """Take the parent's sys.path, look for what is needed, import it."""
    paths = message.get("sys_path", [])
    if not isinstance(paths, list) or not all(isinstance(p, str) for p in paths):
        return _error("bad_message", "sys_path must be a list of folders")
    _find_packages(paths)
    for name in _NEEDED:
        if find_spec(name) is None:
            return _error("missing", name)
    try:
        import optimizer.optimize  # noqa: F401, PLC0415 - takes seconds: only after hello
    except ImportError as error:
        return _error("missing", error.name or str(error))
    versions = {name: version(name) for name in ("pyomo", "highspy", "numpy")}
    versions["python"] = sys.version.split()[0]
    return {"type": "ready", "pid": os.getpid(), "versions": versions}


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
    from optimizer.structures import Structures  # noqa: PLC0415 - after hello

    gc.freeze()  # what was imported stays: no search for garbage goes through it
    return Structures()


def _answer(kind: str, message: Json, structures: Any) -> Json:  # noqa: ANN401
    """Answer one request for a plan or for an alternative to it."""
    from optimizer.document import InputError  # noqa: PLC0415 - after hello
    from optimizer.linear import SolverError  # noqa: PLC0415

    try:
        name, make = _ANSWERS[kind]
        answer: Json = {"type": name, name: make(message, structures)}
    except InputError as error:
        place = str(error.problems[0].where)
        answer = _error(
            _INVALID.get(place.partition(".")[0], "invalid_home"), str(error)
        )
    except SolverError as error:
        answer = _error("solver", str(error))
    except MemoryError:
        answer = _error("memory", f"more than {_MEMORY_BYTES // 1024**2} MB needed")
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        # A mistake of ours: the next request must still be served.
        _LOG.exception("the plan could not be made")
        answer = _error("internal", f"{type(error).__name__}: {error}")
    return answer | _id(message)


def _plan(message: Json, structures: Any) -> Json:  # noqa: ANN401
    from optimizer.optimize import optimize  # noqa: PLC0415 - after hello

    home, rows, options = _problem(message)
    return optimize(home, rows, options, structures)


def _alternative(message: Json, structures: Any) -> Json:  # noqa: ANN401
    from optimizer.alternative import alternative  # noqa: PLC0415 - after hello
    from optimizer.read_home import record_from_json  # noqa: PLC0415
    from optimizer.what_if import WhatIf  # noqa: PLC0415

    home, rows, options = _problem(message)
    wish = record_from_json(WhatIf, message.get("what_if"), "what_if")
    return alternative(home, rows, wish, options, structures)


def _problem(message: Json) -> Any:  # noqa: ANN401 - home, table, options: imported here
    from optimizer.document import InputError, Problem  # noqa: PLC0415 - after hello
    from optimizer.optimize import Options  # noqa: PLC0415
    from optimizer.read_home import home_from_json  # noqa: PLC0415
    from optimizer.series import table  # noqa: PLC0415

    home = home_from_json(message.get("home"))
    series = message.get("series")
    if not isinstance(series, dict) or not all(
        isinstance(column, list) for column in series.values()
    ):
        raise InputError([Problem("must be an object of lists", "series")])
    options = Options()
    limits = {}
    for name, given in (("time_limit_s", options.time_limit_s), ("gap", options.gap)):
        value = message.get(name, given)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not value > 0
        ):
            raise InputError(
                [Problem(f"must be a number above 0, not {value!r}", name)]
            )
        limits[name] = float(value)
    return home, table(series), Options(**limits)


_ANSWERS = {"optimize": ("plan", _plan), "what_if": ("alternative", _alternative)}
_INVALID = {"series": "invalid_series", "what_if": "invalid_what_if"}


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


def _send(connection: socket.socket, message: Json) -> None:
    body = json.dumps(message, separators=(",", ":"), allow_nan=False).encode()
    connection.sendall(len(body).to_bytes(4) + body)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
