"""HomeWizard's local API: version 1 over HTTP, version 2 over TLS with a token.

Source: api-documentation.homewizard.com. The device signs its certificate itself, so
the one that it showed when the token was made is the one that is trusted.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from hashlib import sha256
import json
from typing import Final, Self

from aiohttp import ClientError, ClientResponse, ClientTimeout, Fingerprint
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util.ssl import client_context_no_verify
from yarl import URL

from cem_core.meter import TelegramError
from cem_core.meter.json_forms.forms import MAX_PAYLOAD, parse
from cem_core.model import Reading
from cem_core.transport import Backoff, ConnectionChange, ConnectionState, MeterLine
from custom_components.cem.meters.method import Answers, Method, only_changes

_POLLED_EVERY_S: Final = 1.0  # as often as a meter speaks
_WITHIN_S: Final = 5.0
_TIMEOUT: Final = ClientTimeout(total=_WITHIN_S)
_DONE: Final = (200, 201)
_VERSION: Final = {"X-Api-Version": "2"}
_USER: Final = {"name": "local/cem"}
_REFUSALS: Final = {
    401: "the device does not know the token",
    403: "the device does not allow it now",
}


class ApiError(Exception):
    """The device did not answer, or not as it should; the text says why."""


class ForbiddenError(ApiError):
    """It is not allowed now: first its button is to be pressed."""


class Api:
    """One device, asked with Home Assistant's own session."""

    def __init__(
        self,
        hass: HomeAssistant,
        host: str,
        *,
        token: str | None = None,
        digest: bytes | None = None,
    ) -> None:
        """Ask ``host``; with a token version 2, of a certificate with ``digest``."""
        # What is asked in version 2 is checked by the digest.
        self._session = async_get_clientsession(hass, verify_ssl=False)
        self._host = host
        self._token = token
        self._digest = digest

    @classmethod
    def of(cls, hass: HomeAssistant, answers: Answers) -> Self:
        """Return the device that the form's ``answers`` describe."""
        digest = answers.get("fingerprint")
        return cls(
            hass,
            answers["host"],
            token=answers.get("token"),
            digest=None if digest is None else bytes.fromhex(digest),
        )

    async def measurement(self) -> bytes:
        """Return what it measures now, as JSON; ApiError says why not."""
        if self._token is None:
            return await self._ask("GET", "http", "/api/v1/data")
        headers = _VERSION | {"Authorization": f"Bearer {self._token}"}
        return await self._ask("GET", "https", "/api/measurement", headers=headers)

    async def pair(self) -> Mapping[str, str]:
        """Return ``token`` and ``fingerprint``; ForbiddenError: press the button."""
        self._digest = await self._shown_digest()
        said = await self._ask(
            "POST", "https", "/api/user", headers=_VERSION, body=_USER
        )
        try:
            token = json.loads(said)["token"]
        except (ValueError, LookupError, TypeError) as error:
            raise ApiError("the answer has no token") from error
        return {"token": str(token), "fingerprint": self._digest.hex()}

    def _url(self, scheme: str, path: str) -> URL:
        try:
            return URL.build(scheme=scheme, authority=self._host, path=path)
        except ValueError as error:
            raise ApiError(f"{self._host} is no address") from error

    async def _ask(
        self,
        verb: str,
        scheme: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, str] | None = None,
    ) -> bytes:
        url = self._url(scheme, path)
        try:
            async with self._session.request(
                verb,
                url,
                headers=headers,
                json=body,
                ssl=Fingerprint(self._digest) if self._digest else False,
                timeout=_TIMEOUT,
                allow_redirects=False,
            ) as reply:
                return await _payload(reply)
        except TimeoutError as error:
            raise ApiError("no answer in time") from error
        except (ClientError, OSError) as error:
            raise ApiError(str(error) or type(error).__name__) from error

    async def _shown_digest(self) -> bytes:
        """Return the SHA-256 of the certificate that the device shows."""
        url = self._url("https", "/")
        try:
            async with asyncio.timeout(_WITHIN_S):
                _, writer = await asyncio.open_connection(
                    url.host, url.port, ssl=client_context_no_verify()
                )
        except OSError as error:  # TimeoutError and ssl.SSLError are some
            raise ApiError(str(error) or "no answer in time") from error
        certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return sha256(certificate).digest()


async def _payload(reply: ClientResponse) -> bytes:
    if (refusal := _REFUSALS.get(reply.status)) is not None:
        raise (ForbiddenError if reply.status == 403 else ApiError)(refusal)  # noqa: PLR2004
    if reply.status not in _DONE:
        raise ApiError(f"the device answers {reply.status}")
    said = bytearray()
    async for piece in reply.content.iter_any():
        said += piece
        if len(said) > MAX_PAYLOAD:
            raise ApiError(f"an answer of more than {MAX_PAYLOAD} bytes")
    return bytes(said)


class _Polled:
    """What the device measures, once a second for as long as it is iterated."""

    def __init__(
        self, hass: HomeAssistant, answers: Answers, line: MeterLine[bytes]
    ) -> None:
        self._api = Api.of(hass, answers)
        self._now = hass.loop.time
        self._on_change = only_changes(line.connection_changed)

    async def stream(self) -> AsyncGenerator[bytes]:
        """Yield answers; an error is told, and waited for to pass."""
        delays = Backoff().delays()
        while True:
            asked_s = self._now()
            try:
                said = await self._api.measurement()
            except ApiError as error:
                change = ConnectionChange(ConnectionState.DISCONNECTED, str(error))
                self._on_change(change)
                await asyncio.sleep(next(delays))
                continue
            delays = Backoff().delays()
            self._on_change(ConnectionChange(ConnectionState.CONNECTED))
            yield said
            await asyncio.sleep(max(0.0, asked_s + _POLLED_EVERY_S - self._now()))


class _Reader:
    """A `PieceReader` of answers, each of which is a whole one."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._count = 0

    def feed(self, piece: bytes, /) -> list[Reading | TelegramError]:
        """Return the reading in ``piece``; an error's place is its number."""
        self._count += 1
        try:
            return [parse(self._form, piece)]
        except ValueError as error:
            return [TelegramError(self._count, str(error))]

    def finish(self) -> list[Reading | TelegramError]:
        """Return nothing: nothing is ever left."""
        return []

    def hint(self) -> str:
        """Return what has come."""
        return "answers, but no values in them"


HOMEWIZARD: Final = Method(
    name="HomeWizard",
    source=_Polled,
    reader=lambda answers: _Reader(
        "homewizard_v2" if "token" in answers else "homewizard_v1"
    ),
    first_within_s=12,
)
