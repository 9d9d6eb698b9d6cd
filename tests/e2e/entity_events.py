"""Follow an entity's changes, as an automation would."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import time
from typing import Any

from script.rig.websocket import Subscription, connect
from tests.e2e.live_home import LiveHome


@asynccontextmanager
async def state_changes(live: LiveHome, entity_id: str) -> AsyncIterator[Subscription]:
    """Follow one entity, as an automation would."""
    async with connect(live.api) as socket:
        yield await socket.subscribe(
            "subscribe_trigger",
            trigger={"platform": "state", "entity_id": entity_id},
        )


async def event_of(
    changes: Subscription, kind: str, *, within_s: float
) -> tuple[float, dict[str, Any]]:
    """Return when an event of a kind came, and its attributes."""
    ends = time.monotonic() + within_s
    while True:
        arrival = await changes.next(within_s=max(0.01, ends - time.monotonic()))
        state = arrival.event["variables"]["trigger"]["to_state"]
        if state["attributes"].get("event_type") == kind:
            return arrival.at, state["attributes"]
