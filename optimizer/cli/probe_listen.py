"""``cem probe ocpp`` and ``cem probe s2``: wait for who connects, and show who it is."""

from argparse import Namespace
import asyncio
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
import json
import sys
from typing import Any, Protocol

from cem_core.s2.session import SessionState
from cem_core.transport.ocpp_server import CentralSystem, StationAccess
from cem_core.transport.ocpp_station import StationSettings
from cem_core.transport.s2_server import Access, S2Server
from optimizer.cli.status import BAD_INPUT, DONE, WRONG_USAGE

_DEVICE = "probe"


class _Listener(Protocol):
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


def probe_ocpp(args: Namespace) -> int:
    """Wait for a charging station and show what it says."""
    try:
        settings = StationSettings(watches_only=True)
        access = StationAccess(
            id=args.station, password=args.password, settings=settings
        )
    except ValueError as error:
        return _usage(error)
    host, port = args.listen
    heard = asyncio.Event()
    central = CentralSystem(
        address=host, port=port, access=[access], on_change=lambda _: heard.set()
    )

    def said() -> dict[str, Any] | None:
        station = central.stations.get(args.station)
        if station is None or not station.booted or not station.connectors:
            return None
        return asdict(station)

    why = lambda: central.why(args.station)  # noqa: E731 - one of two answers
    return _wait(args, central, heard, said, why)


def probe_s2(args: Namespace) -> int:
    """Wait for a resource manager and show what it says."""
    try:
        access = Access(device=_DEVICE, token=args.token)
    except ValueError as error:
        return _usage(error)
    host, port = args.listen
    heard = asyncio.Event()
    server = S2Server(
        address=host, port=port, access=[access], on_change=lambda _: heard.set()
    )

    def said() -> dict[str, Any] | None:
        session = server.sessions().get(_DEVICE)
        if session is None or session.state is not SessionState.READY:
            return None
        details = session.details
        shown = {} if details is None else details.model_dump(mode="json")
        described = session.control and session.control.described(server.clock())
        if session.control is not None and described is None:
            return None
        return {**shown, "selected": session.selected.value, "device": described}

    return _wait(args, server, heard, said, lambda: server.why(_DEVICE))


def _usage(error: ValueError) -> int:
    print(f"cem probe: {error}", file=sys.stderr)
    return WRONG_USAGE


def _wait(
    args: Namespace,
    listener: _Listener,
    heard: asyncio.Event,
    said: Callable[[], dict[str, Any] | None],
    why: Callable[[], str],
) -> int:
    """Listen until somebody has said who it is, or the time is over."""

    async def wait() -> dict[str, Any] | None:
        await listener.start()
        try:
            async with asyncio.timeout(args.seconds):
                while (found := said()) is None:
                    heard.clear()
                    await heard.wait()
                return found
        except TimeoutError:
            return None
        finally:
            await listener.stop()

    host, port = args.listen
    if sys.stderr.isatty():
        print(f"waiting at {host}:{port} for {args.seconds:g} s", file=sys.stderr)
    try:
        found = asyncio.run(wait())
    except OSError as error:
        print(f"cem probe: cannot listen at {host}:{port}: {error}", file=sys.stderr)
        return BAD_INPUT
    if found is None:
        cause = why() or "nobody connected"
        print(f"cem probe: {cause} within {args.seconds:g} s", file=sys.stderr)
        return BAD_INPUT
    indent = None if args.json else 2
    print(json.dumps(_lean(found), indent=indent, default=_text))
    return DONE


def _lean(found: Any) -> Any:  # noqa: ANN401 - any part of a document
    """Leave out what was not said."""
    if isinstance(found, dict):
        kept = {key: _lean(value) for key, value in found.items()}
        return {
            key: value for key, value in kept.items() if value not in (None, "", {})
        }
    if isinstance(found, list | tuple):
        return [_lean(each) for each in found]
    return found


def _text(found: object) -> str:
    return found.isoformat() if isinstance(found, datetime) else str(found)
