"""Talk to Home Assistant as a browser does: login, REST, config flows."""

import asyncio
from collections.abc import Mapping, Sequence
import time
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

from script.rig.waiting import RigError

USERNAME: Final = "demo"
PASSWORD: Final = "demo"  # noqa: S105  (a home that exists in memory only)
RENEW_BEFORE_S: Final = 120.0
_PROGRESS_S: Final = (
    0.5  # how often a flow that shows progress is asked for its next step
)

type Json = dict[str, Any]


class Api:
    """One logged-in user."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client_id = f"{url}/"
        self.refresh_token = ""
        self._token = ""
        self._token_ends = 0.0
        self._session = aiohttp.ClientSession(
            trust_env=False, timeout=aiohttp.ClientTimeout(total=60)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The HTTP session, for the WebSocket."""
        return self._session

    async def onboard(self) -> bool:
        """Make the first user; False when there is one already."""
        async with self._session.get(f"{self.url}/api/onboarding") as reply:
            if reply.status != 200:  # noqa: PLR2004
                return False  # the view is gone once all is done
            steps = await reply.json()
        undone = {step["step"] for step in steps if not step["done"]}
        if "user" in undone:
            user = {
                "name": "Demo",
                "username": USERNAME,
                "password": PASSWORD,
                "language": "en",
                "client_id": self.client_id,
            }
            made = await self._send("POST", "/api/onboarding/users", user, login=False)
            await self._redeem(
                {"grant_type": "authorization_code", "code": made["auth_code"]}
            )
        else:
            await self.login()
        for step, body in (
            ("core_config", {}),
            ("analytics", {}),
            (
                "integration",
                {"client_id": self.client_id, "redirect_uri": f"{self.url}/"},
            ),
        ):
            if step in undone:
                await self.post(f"/api/onboarding/{step}", body)
        return True

    async def login(self) -> None:
        """Log in with the name and password, as the login page does."""
        begun = await self._send(
            "POST",
            "/auth/login_flow",
            {
                "client_id": self.client_id,
                "handler": ["homeassistant", None],
                "redirect_uri": self.client_id,
            },
            login=False,
        )
        ended = await self._send(
            "POST",
            f"/auth/login_flow/{begun['flow_id']}",
            {
                "client_id": self.client_id,
                "username": USERNAME,
                "password": PASSWORD,
            },
            login=False,
        )
        if ended.get("type") != "create_entry":
            message = f"login as {USERNAME} failed: {ended}"
            raise RigError(message)
        await self._redeem(
            {"grant_type": "authorization_code", "code": ended["result"]}
        )

    async def token(self) -> str:
        """Return an access token that is good for the next minutes."""
        if time.monotonic() > self._token_ends - RENEW_BEFORE_S:
            if not self.refresh_token:
                await self.login()
            else:
                await self._redeem(
                    {"grant_type": "refresh_token", "refresh_token": self.refresh_token}
                )
        return self._token

    async def get(self, path: str) -> Any:
        """GET as the user."""
        return await self._send("GET", path)

    async def post(self, path: str, body: Mapping[str, object]) -> Any:
        """POST as the user."""
        return await self._send("POST", path, body)

    async def delete(self, path: str) -> Any:
        """DELETE as the user."""
        return await self._send("DELETE", path)

    async def act(self, action: str, /, **data: object) -> Json:
        """Perform an action and return its response."""
        path = f"/api/services/{action.replace('.', '/')}?return_response"
        answer: Json = await self._send("POST", path, data)
        return dict(answer["service_response"])

    async def call(self, action: str, /, **data: object) -> None:
        """Perform an action that gives no response."""
        await self._send("POST", f"/api/services/{action.replace('.', '/')}", data)

    async def state(self, entity_id: str) -> Json | None:
        """Return the state of an entity, None when there is none."""
        async with self._session.get(
            f"{self.url}/api/states/{entity_id}",
            headers={"Authorization": f"Bearer {await self.token()}"},
        ) as reply:
            if reply.status == 404:  # noqa: PLR2004
                return None
            found: Json = await reply.json()
        return found

    async def states(self) -> list[Json]:
        """Return all states."""
        found: list[Json] = await self.get("/api/states")
        return found

    async def entries(self, domain: str) -> list[Json]:
        """Return the config entries of an integration."""
        found: list[Json] = await self.get(
            f"/api/config/config_entries/entry?domain={domain}"
        )
        return found

    async def flow(
        self, handler: str | Sequence[str], steps: Sequence[Mapping[str, object]]
    ) -> Json:
        """Walk a config flow, or a subentry's when given (entry, type)."""
        kind = "flow" if isinstance(handler, str) else "subentries/flow"
        path = f"/api/config/config_entries/{kind}"
        shown: Json = await self.post(path, {"handler": handler})
        for body in steps:
            if "flow_id" not in shown or shown["type"] not in {"form", "menu"}:
                break
            shown = await self.post(f"{path}/{shown['flow_id']}", body)
            while shown["type"] == "progress":
                await asyncio.sleep(_PROGRESS_S)
                shown = await self.get(f"{path}/{shown['flow_id']}")
            if shown.get("errors"):
                message = f"{handler}, step {shown.get('step_id')}: {shown['errors']}"
                raise RigError(message)
        if shown["type"] != "create_entry":
            reason = {k: shown.get(k) for k in ("type", "step_id", "reason", "errors")}
            message = f"the flow of {handler} did not end: {reason}"
            raise RigError(message)
        return shown

    async def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        login: bool = True,
    ) -> Any:
        headers = {"Authorization": f"Bearer {await self.token()}"} if login else {}
        async with self._session.request(
            method, f"{self.url}{path}", json=body, headers=headers
        ) as reply:
            if not reply.ok:
                message = f"{method} {path}: {reply.status} {await reply.text()}"
                raise RigError(message)
            return await reply.json()

    async def _redeem(self, grant: Mapping[str, str]) -> None:
        async with self._session.post(
            f"{self.url}/auth/token", data={**grant, "client_id": self.client_id}
        ) as reply:
            if not reply.ok:
                message = f"no token: {reply.status} {await reply.text()}"
                raise RigError(message)
            tokens = await reply.json()
        self._token = tokens["access_token"]
        self._token_ends = time.monotonic() + tokens["expires_in"]
        self.refresh_token = tokens.get("refresh_token", self.refresh_token)
