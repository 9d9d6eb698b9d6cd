"""Asks a German smart meter gateway at its consumer interface, read only.

TLS and the connection are the caller's (`Http`): a gateway signs its certificate
itself, so whoever connects has to know its fingerprint. A gateway takes one user at a
time and few questions: every 15 minutes is enough, since it has nothing newer.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
import json
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from cem_core.meter import smgw_emh, smgw_ppc, smgw_theben
from cem_core.model.slow_reading import SlowReading
from cem_core.transport.http_digest import Digest

DEFAULT_INTERVAL_S: Final = 900.0
MAX_BODY: Final = 1_000_000

_OK: Final = 200
_REDIRECT: Final = 307
_UNAUTHORIZED: Final = 401


class GatewayError(ValueError):
    """What a gateway says or lacks; the connection itself may be sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """An answer; ``headers`` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http(Protocol):
    """One connection to one host."""

    async def request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> HttpAnswer:
        """Return the answer, redirects not followed; OSError when none comes.

        ``body`` of the answer is cut after `MAX_BODY` bytes.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What the meter operator gave the customer."""

    user: str
    password: str = field(repr=False)


@dataclass(slots=True)
class _Session:
    """Questions with login and cookie."""

    http: Http
    login: Login
    algorithm: str | None = None
    digest: Digest | None = field(default=None, init=False)
    cookie: str | None = field(default=None, init=False)

    async def ask(
        self, method: str, path: str, body: bytes = b"", content: str = ""
    ) -> HttpAnswer:
        """Return a good answer. Raises `GatewayError`, OSError."""
        answer = await self._send(method, path, body, content)
        if answer.status == _UNAUTHORIZED:
            try:
                challenge = answer.headers.get("www-authenticate", "")
                self.digest = Digest.of(challenge, algorithm=self.algorithm)
            except ValueError as error:
                raise GatewayError(str(error)) from error
            answer = await self._send(method, path, body, content)
        if answer.status == _UNAUTHORIZED:
            raise GatewayError("the gateway refuses this user or password")
        if answer.status not in (_OK, _REDIRECT):
            raise GatewayError(f"the gateway answers {answer.status} at {path}")
        self._keep_cookie(answer.headers.get("set-cookie", ""))
        return answer

    async def ask_json(self, method: str, path: str, body: bytes = b"") -> Any:  # noqa: ANN401  whatever it says
        """Return the document in a good answer."""
        answer = await self.ask(method, path, body, "application/json")
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise GatewayError(f"the gateway's answer at {path} is no JSON") from error

    async def _send(
        self, method: str, path: str, body: bytes, content: str
    ) -> HttpAnswer:
        headers = {}
        if content:
            headers["Content-Type"] = content
        if body:
            headers["X-Content-Length"] = str(len(body))  # a Conexa insists on it
        if self.cookie is not None:
            headers["Cookie"] = self.cookie
        if self.digest is not None:
            headers["Authorization"] = self.digest.authorization(
                method, path, self.login.user, self.login.password
            )
        return await self.http.request(method, path, headers, body)

    def _keep_cookie(self, said: str) -> None:
        try:
            cookies = SimpleCookie(said)
        except CookieError:
            return
        if cookies:
            self.cookie = "; ".join(f"{k}={m.coded_value}" for k, m in cookies.items())


async def read_theben(http: Http, login: Login) -> SlowReading:
    """Return what a Theben Conexa shows. Raises `GatewayError`, OSError."""
    # Its firmware names SHA-256 and expects MD5.
    session = _Session(http, login, algorithm="MD5")
    root = await session.ask("GET", smgw_theben.ROOT, content="application/json")
    if not (location := urlsplit(root.headers.get("location", "")).path):
        raise GatewayError("the gateway does not say where its user's values are")
    path = smgw_theben.path(location)

    async def ask(question: bytes) -> Any:  # noqa: ANN401  whatever it says
        return await session.ask_json("POST", path, question)

    point = smgw_theben.usage_point(await ask(smgw_theben.ask_usage_points()))
    scales = smgw_theben.scales(await ask(smgw_theben.ask_scales(point)))
    last = await ask(smgw_theben.ask_last_reading(point))
    return smgw_theben.reading(last, scales)


async def read_emh(http: Http, login: Login) -> SlowReading:
    """Return what an EMH Casa shows. Raises `GatewayError`, OSError."""
    session = _Session(http, login)
    meter = smgw_emh.meter(await session.ask_json("GET", smgw_emh.METERS))
    document = await session.ask_json("GET", smgw_emh.path(meter))
    return smgw_emh.reading(document, meter)


async def read_ppc(http: Http, login: Login) -> SlowReading:
    """Return what a PPC gateway shows. Raises `GatewayError`, OSError."""
    session = _Session(http, login)
    token = smgw_ppc.token(_text(await session.ask("GET", smgw_ppc.PATH)))

    async def ask(action: str, **more: str) -> str:
        question = smgw_ppc.ask(token, action, **more)
        answer = await session.ask(
            "POST", smgw_ppc.PATH, question, "application/x-www-form-urlencoded"
        )
        return _text(answer)

    try:
        number, name = smgw_ppc.meter(await ask("meterform"))
        return smgw_ppc.reading(await ask("showMeterProfile", mid=number), name)
    finally:
        # It has room for one session, and nobody knows for how long.
        with suppress(GatewayError, OSError):
            await ask("logout")


def _text(answer: HttpAnswer) -> str:
    return answer.body.decode("utf-8", "replace")


GATEWAYS: Final[Mapping[str, Callable[[Http, Login], Awaitable[SlowReading]]]] = {
    "ppc": read_ppc,
    "theben": read_theben,
    "emh": read_emh,
}
"""Maker -> what reads its gateways."""


async def read(maker: str, http: Http, login: Login) -> SlowReading:
    """Return what the gateway shows. Raises `GatewayError`, OSError."""
    try:
        return await GATEWAYS[maker](http, login)
    except GatewayError:
        raise
    except ValueError as error:
        raise GatewayError(str(error)) from error
