"""evcc over its HTTP API, which asks for no password for what is used of it."""

from http import HTTPStatus
import json
from typing import Final

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout
from yarl import URL

from cem_core.evcc.error import EvccError, EvccGoneError
from cem_core.evcc.loadpoint import Loadpoint, loadpoint
from cem_core.evcc.steering import Setting

PORT: Final = 7070
_TIMEOUT: Final = ClientTimeout(total=4)
_LONGEST: Final = 1_000_000  # bytes; ten loadpoints take 40,000
# The whole state holds every forecast: evcc picks this out of it by itself.
_LOADPOINTS: Final = ".loadpoints"


class EvccClient:
    """One evcc."""

    def __init__(self, session: ClientSession, address: str) -> None:
        """Ask ``address``, `http://host:7070`. Raises EvccError where it is none."""
        try:
            url = URL(address)
        except ValueError as error:
            raise EvccError(f"{address} is no address") from error
        if url.scheme not in ("http", "https") or not url.host:
            raise EvccError(f"{address} is no address: http://HOST:{PORT} is one")
        self._session = session
        self._api = url / "api"

    async def loadpoint(self, number: int) -> Loadpoint:
        """Return how a loadpoint is. Raises EvccError."""
        url = (self._api / "state").with_query(jq=_LOADPOINTS)
        return loadpoint(await self._ask("GET", url), number)

    async def set(self, number: int, setting: Setting) -> None:
        """Set one thing of a loadpoint. Raises EvccError where evcc refuses."""
        path = ("loadpoints", str(number), setting.key, setting.value)
        await self._ask("POST", self._api.joinpath(*path))

    async def _ask(self, verb: str, url: URL) -> object:
        try:
            async with self._session.request(
                verb, url, timeout=_TIMEOUT, allow_redirects=False
            ) as reply:
                body, status = await _body(reply), reply.status
        except TimeoutError as error:
            raise EvccGoneError("evcc gives no answer in time") from error
        except (ClientError, OSError) as error:
            raise EvccGoneError(str(error) or type(error).__name__) from error
        try:
            said = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise EvccError(f"evcc answers {status}, and no JSON") from error
        if status != HTTPStatus.OK:
            cause = said.get("error", "") if isinstance(said, dict) else ""
            raise EvccError(f"evcc refuses {url.path}: {cause or status}")
        return said


async def _body(reply: ClientResponse) -> bytes:
    body = bytearray()
    async for part in reply.content.iter_any():
        body += part
        if len(body) > _LONGEST:
            raise EvccError(f"evcc answers with more than {_LONGEST} bytes")
    return bytes(body)
