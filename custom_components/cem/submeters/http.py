"""The connection to a smart meter gateway: TLS that knows its one certificate."""

import asyncio
from collections.abc import Mapping
from typing import Final, override

from aiohttp import (
    ClientError,
    ClientSession,
    DummyCookieJar,
    Fingerprint,
    ServerFingerprintMismatch,
    StreamReader,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from yarl import URL

from cem_core.transport.smgw import MAX_BODY, Http, HttpAnswer

_WITHIN_S: Final = 20.0
_FINGERPRINT_BYTES: Final = 32
_PIECE: Final = 65_536


class FingerprintError(ConnectionError):
    """Another certificate than the known one; ``got`` is its fingerprint."""

    def __init__(self, got: str) -> None:
        """Keep what was shown, for the user to compare."""
        super().__init__(f"the gateway shows another certificate: SHA-256 {got}")
        self.got = got


def fingerprint_of(text: str) -> bytes:
    """Return the 32 bytes of a SHA-256 fingerprint in hexadecimal digits.

    Colons and spaces do not matter; empty text stands for none that is known yet.
    Raises ValueError.
    """
    octets = bytes.fromhex(text.replace(":", " "))
    if len(octets) not in (0, _FINGERPRINT_BYTES):
        raise ValueError(f"a fingerprint of {len(octets)} bytes, expected 32")
    return octets.rjust(_FINGERPRINT_BYTES, b"\0")


class PinnedHttp(Http):
    """One host by https, with the certificate that is known."""

    def __init__(self, hass: HomeAssistant, host: str, port: int, pin: bytes) -> None:
        """Connect to nothing yet."""
        self._session = _session(hass)
        self._base = URL.build(scheme="https", host=host, port=port)
        self._pin = Fingerprint(pin)

    @override
    async def request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> HttpAnswer:
        try:
            async with (
                asyncio.timeout(_WITHIN_S),
                self._session.request(
                    method,
                    URL(f"{self._base.origin()}{path}", encoded=True),
                    headers=headers,
                    data=body or None,
                    ssl=self._pin,
                    allow_redirects=False,
                ) as answer,
            ):
                said = {name.lower(): value for name, value in answer.headers.items()}
                return HttpAnswer(
                    status=answer.status, headers=said, body=await _body(answer.content)
                )
        except ServerFingerprintMismatch as error:
            raise FingerprintError(error.got.hex(":").upper()) from error
        except ClientError as error:
            raise ConnectionError(str(error) or type(error).__name__) from error


def _session(hass: HomeAssistant) -> ClientSession:
    # The certificate is compared with the known one, so no authority is asked.
    return async_create_clientsession(
        hass, verify_ssl=False, cookie_jar=DummyCookieJar()
    )


async def _body(content: StreamReader) -> bytes:
    body = bytearray()
    async for piece in content.iter_chunked(_PIECE):
        body += piece
        if len(body) > MAX_BODY:
            break
    return bytes(body[:MAX_BODY])
