"""An evcc with one loadpoint, as its HTTP API is described, for tests.

After evcc's `server/http.go`, `server/http_site_handler.go` and
`core/loadpoint_api.go` (commit b29b49e): the same paths and verbs, the same refusals, what
it answers, and when it acts. The charger itself stands in memory: its offered current
follows a changed mode and phases at once, a changed current when `act` is called, as
evcc's interval does.

`python -m tests.cem_core.evcc.served PORT`: in a process of its own. Lines that it reads
make it do something (`measure W`, `refuse`, `agree`, `rubbish`); what is
set in it, it prints: one JSON object a line.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
import json
import sys
from typing import Any, Final

from aiohttp import web

HOST: Final = "127.0.0.1"
_MODES: Final = ("off", "pv", "minpv", "now")


class RefusedError(Exception):
    """What evcc says to a setting that it does not take."""


class Evcc:
    """One loadpoint of a charger on three phases."""

    def __init__(self, **said: Any) -> None:
        """Be in mode pv with a car that has not begun."""
        self.refuses = False
        self.babbles = 0  # so many answers more
        self.set: list[tuple[str, str]] = []  # all that was taken, in order
        self.heard: Callable[[str, str], None] = lambda *_: None
        self.loadpoint: dict[str, Any] = {
            "title": "Carport",
            "mode": "pv",
            "minCurrent": 6,
            "maxCurrent": 16,
            "phasesConfigured": 0,
            "phasesActive": 3,
            "chargerPhases1p3p": True,
            "connected": True,
            "charging": False,
            "enabled": False,
            "chargePower": 0,
            "offeredCurrent": 0,
            "vehicleSoc": 0,
        } | said

    def act(self) -> None:
        """Do what evcc does in each of its intervals."""
        said = self.loadpoint
        on = said["mode"] == "now" and said["connected"]
        said["offeredCurrent"] = said["maxCurrent"] if on else 0
        said["phasesActive"] = said["phasesConfigured"] or said["phasesActive"]

    def app(self) -> web.Application:
        """Return what answers."""
        app = web.Application()
        app.router.add_get("/api/state", self._state)
        path = r"/api/loadpoints/1/{key:[a-z]+}/{value:[a-z0-9.]+}"
        app.router.add_post(path, self._set)
        return app

    async def _state(self, request: web.Request) -> web.Response:
        if self.babbles:
            self.babbles -= 1
            return web.Response(text="<html>evcc is starting</html>")
        if request.query.get("jq") == ".loadpoints":
            return web.json_response([self.loadpoint])
        return web.json_response({"loadpoints": [self.loadpoint], "siteTitle": "Home"})

    async def _set(self, request: web.Request) -> web.Response:
        key, value = request.match_info["key"], request.match_info["value"]
        try:
            answer = self._take(key, value)
        except (RefusedError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        self.set.append((key, value))
        self.heard(key, value)
        return web.json_response(answer)

    def _take(self, key: str, value: str) -> Any:
        said = self.loadpoint
        if self.refuses:
            raise RefusedError("charger not ready")
        match key:
            case "mode":
                if value not in _MODES:
                    raise RefusedError(f"invalid value: {value}")
                changed, said["mode"] = said["mode"] != value, value
                if changed:
                    self.act()
            case "maxcurrent":
                if float(value) < said["minCurrent"]:
                    cause = "max current must be greater or equal than min current"
                    raise RefusedError(cause)
                said["maxCurrent"] = float(value)
                return said["maxCurrent"]
            case "phases":
                return self._switch(int(value))
            case _:
                raise web.HTTPNotFound
        return said["mode"]

    def _switch(self, phases: int) -> int:
        said = self.loadpoint
        if phases == 0 and not said["chargerPhases1p3p"]:
            raise RefusedError("charger does not support phase switching")
        if phases not in (0, 1, 3):
            raise RefusedError(f"invalid number of phases: {phases}")
        said["phasesConfigured"] = phases
        self.act()
        return phases


@asynccontextmanager
async def serving(evcc: Evcc, port: int = 0) -> AsyncGenerator[str]:
    """Serve ``evcc``; give its address."""
    runner = web.AppRunner(evcc.app())
    await runner.setup()
    site = web.TCPSite(runner, HOST, port)
    await site.start()
    try:
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _tell(key: str, value: str) -> None:
    sys.stdout.write(json.dumps({"key": key, "value": value}) + "\n")
    sys.stdout.flush()


async def main(port: str) -> None:
    """Serve until the input ends."""
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    evcc = Evcc()
    evcc.heard = _tell
    async with serving(evcc, int(port)):
        while line := (await reader.readline()).decode().strip():
            match line.split():
                case ["measure", power_w]:
                    evcc.loadpoint["chargePower"] = int(power_w)
                case ["refuse" | "agree" as verb]:
                    evcc.refuses = verb == "refuse"
                case ["rubbish"]:
                    evcc.babbles = 2


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
