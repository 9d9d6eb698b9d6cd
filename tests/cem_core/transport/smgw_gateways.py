"""Gateways as they answer: they check the digest, the cookie and the token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import hashlib
import json
import re
from typing import Any
from urllib.parse import parse_qs

from cem_core.transport.smgw import HttpAnswer
from tests.cem_core.meter import test_smgw as pages

USER, PASSWORD = "customer", "very secret"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass
class Gateway:
    """What all makers' gateways have in common."""

    algorithm: str = "MD5"
    nonce: str = "abc"
    seen: list[tuple[str, str]] = field(default_factory=list)
    broken: dict[str, HttpAnswer] = field(default_factory=dict)

    async def request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> HttpAnswer:
        if not self._knows(method, path, headers.get("Authorization", "")):
            challenge = (
                f'Digest realm="gateway", nonce="{self.nonce}", qop="auth",'
                f" algorithm={self.algorithm}"
            )
            return answer(b"", 401, {"www-authenticate": challenge})
        said = body.decode()
        self.seen.append((f"{method} {path}", said))
        for part, broken in self.broken.items():
            if part in f"{method} {path} {said}":
                return broken
        return self.reply(method, path, headers, said)

    def _knows(self, method: str, path: str, said: str) -> bool:
        """Tell whether who asks has the password: MD5, whatever was named."""
        got = {k: v.strip('"') for k, v in re.findall(r'(\w+)=("[^"]*"|[^,]+)', said)}
        if got.get("username") != USER or got.get("uri") != path:
            return False
        middle = f"{got['nonce']}:{got['nc']}:{got['cnonce']}:auth"
        secret = _md5(f"{USER}:gateway:{PASSWORD}")
        expected = _md5(f"{secret}:{middle}:{_md5(f'{method}:{path}')}")
        return (got["nonce"], got["response"]) == (self.nonce, expected)

    def reply(
        self, method: str, path: str, headers: Mapping[str, str], said: str
    ) -> HttpAnswer:
        raise NotImplementedError


def answer(
    body: bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpAnswer:
    return HttpAnswer(status=status, headers=headers or {}, body=body)


class Theben(Gateway):
    """A Conexa."""

    def reply(
        self, method: str, path: str, headers: Mapping[str, str], said: str
    ) -> HttpAnswer:
        if path == "/smgw/m2m":
            location = "https://192.0.2.1/smgw/m2m/customer.sm"
            return answer(b"", 307, {"location": location})
        assert (method, path) == ("POST", "/smgw/m2m/customer.sm/json")
        assert headers["X-Content-Length"] == str(len(said))
        documents = {
            "user-info": pages.USER_INFO,
            "usage-point-info": pages.POINT_INFO,
            "readings": pages.READINGS,
        }
        return answer(json.dumps(documents[json.loads(said)["method"]]).encode())


class Emh(Gateway):
    """A Casa."""

    def reply(
        self, method: str, path: str, headers: Mapping[str, str], said: str
    ) -> HttpAnswer:
        del method, headers, said
        documents: dict[str, Any] = {
            "/json/metering/origin/": [f"{pages.METER}.sm"],
            f"/json/metering/origin/{pages.METER}.sm/extended": pages.EMH,
        }
        if path not in documents:
            return answer(b"", 404)
        return answer(json.dumps(documents[path]).encode())


class Ppc(Gateway):
    """A gateway of PPC, with one session."""

    logged_in = False

    def reply(
        self, method: str, path: str, headers: Mapping[str, str], said: str
    ) -> HttpAnswer:
        assert path == "/cgi-bin/hanservice.cgi"
        if method == "GET":
            assert not self.logged_in, "it has room for one session"
            self.logged_in = True
            cookie = "session=s1; Path=/; Secure"
            return answer(pages.PPC_LOGIN.encode(), 200, {"set-cookie": cookie})
        asked = {name: value for name, [value] in parse_qs(said).items()}
        assert headers["Cookie"] == "session=s1"
        assert asked["tkn"] == "A1&b"
        if asked["action"] == "logout":
            self.logged_in = False
        shown = {
            "meterform": pages.PPC_METERS,
            "showMeterProfile": pages.PPC_VALUES if asked.get("mid") == "17" else "",
        }
        return answer(shown.get(asked["action"], "").encode())
