"""Set up MQTT and the CEM through their own forms, as a person would."""

import asyncio
from collections.abc import Mapping, Sequence
import json
import time
from typing import Any, Final

from script.rig.api import Api, Json
from script.rig.home import ROOT
from script.rig.waiting import NotInTimeError, RigError, until
from script.rig.websocket import WebSocket, connect

BODIES: Final = ROOT / "tests/custom_components/demo_flows.json"
DASHBOARD: Final = "cem-home"
DISCOVERED_WITHIN_S: Final = 30.0


async def set_up_mqtt(api: Api, broker_port: int) -> None:
    """Connect Home Assistant to the broker."""
    if await api.entries("mqtt"):
        return
    await api.flow(
        "mqtt",
        [
            {
                "broker": "127.0.0.1",
                "port": broker_port,
                "protocol": "5",
                "other_settings": {
                    "set_client_cert": False,
                    "set_ca_cert": "off",
                    "transport": "tcp",
                },
            }
        ],
    )


def bodies(placeholders: Mapping[str, str | int]) -> Json:
    """Return what is filled in, with this home's ports."""
    return dict(_filled(json.loads(BODIES.read_text()), placeholders))


def entities_in(flows: object) -> set[str]:
    """Return the entities that the forms name: they must be there first."""
    if isinstance(flows, Mapping):
        return set().union(*map(entities_in, flows.values()))
    if isinstance(flows, str):
        domain, _, name = flows.partition(".")
        return {flows} if name.startswith("home_") and domain.isalpha() else set()
    if isinstance(flows, Sequence):
        return set().union(*map(entities_in, flows))
    return set()


async def entities_present(api: Api, wanted: set[str]) -> None:
    """Wait until each entity is there and available."""
    began = time.monotonic()
    while absent := wanted - await _available(api):
        if time.monotonic() - began > DISCOVERED_WITHIN_S:
            message = (
                f"entities of the simulated home that did not come within "
                f"{DISCOVERED_WITHIN_S:g} s: {', '.join(sorted(absent))}"
            )
            raise NotInTimeError(message)
        await asyncio.sleep(0.3)


async def _available(api: Api) -> set[str]:
    return {
        state["entity_id"]
        for state in await api.states()
        if state["state"] != "unavailable"
    }


def _filled(node: Any, placeholders: Mapping[str, str | int]) -> Any:
    if isinstance(node, Mapping):
        return {key: _filled(value, placeholders) for key, value in node.items()}
    if isinstance(node, str):
        name = node.removeprefix("{").removesuffix("}")
        return placeholders.get(name, node) if node == f"{{{name}}}" else node
    if isinstance(node, Sequence):
        return [_filled(value, placeholders) for value in node]
    return node


async def make_dashboard(socket: WebSocket) -> None:
    """Add the CEM's dashboard and open Home Assistant with it."""
    known = await socket.send("lovelace/dashboards/list")
    if all(dashboard["url_path"] != DASHBOARD for dashboard in known):
        await socket.send(
            "lovelace/dashboards/create",
            url_path=DASHBOARD,
            title="Energy at home",
            icon="mdi:home-lightning-bolt",
            show_in_sidebar=True,
            require_admin=False,
        )
    await socket.send(
        "lovelace/config/save",
        url_path=DASHBOARD,
        config={"strategy": {"type": "custom:cem"}},
    )
    await socket.send(
        "frontend/set_system_data", key="core", value={"default_panel": DASHBOARD}
    )


async def set_up_cem(api: Api, placeholders: Mapping[str, str | int]) -> str:
    """Add the home and all that hangs on it; return the entry's id."""
    entries = await api.entries("cem")
    if entries:
        return str(entries[0]["entry_id"])
    filled_in = bodies(placeholders)
    await entities_present(api, entities_in(filled_in))
    made = await api.flow("cem", filled_in["home"])
    entry_id = str(made["result"]["entry_id"])
    for subentry in filled_in["subentries"]:
        await api.flow((entry_id, subentry["type"]), subentry["steps"])
    return entry_id


async def set_mode(api: Api, entry_id: str, mode: str) -> None:
    """Let the CEM observe, advise or control.

    Each subentry that is added reloads the entry: it may be away just now.
    """

    async def taken() -> bool:
        async with connect(api) as socket:
            try:
                await socket.send("cem/set_mode", entry_id=entry_id, mode=mode)
            except RigError as error:
                if "not_found" in str(error):
                    return False
                raise
        return True

    await until(f"the CEM to take the mode {mode}", taken, within_s=15)
