"""From the order of a limit to the charger's command on the broker.

The car charges at 16 A; each order takes one ampere of it away. What counts is
the time from sending `cem.order_limit` over the WebSocket until the new current
is on the wire. Baseline: a user sets the same number in Home Assistant.
"""

import asyncio
from collections.abc import Coroutine
import random
import time
from typing import Final

from benchmarks.figures import Aim, Figure, Samples
from script.rig.topics import TopicListener
from script.rig.waiting import NotInTimeError, until
from script.rig.websocket import WebSocket, connect
from tests.e2e.live_home import LiveHome

AIM: Final = Aim(statistic="p99", below=100)
ORDERS: Final = 60
CURRENT: Final = "charger/current/set"
NUMBER: Final = "number.home_charger_current"
AMPERE_W: Final = 690  # three phases
MARGIN_W: Final = 130  # what dispatch keeps free, and a little
LEAST_A: Final = 7
FULL_A: Final = 16
ANSWER_WITHIN_S: Final = 2.0


async def by_a_user(live: LiveHome) -> Samples:
    """Set the number as a user does, before the CEM is there."""
    found = []
    async with connect(live.api) as socket:
        for place in range(ORDERS):
            current_a = FULL_A - place % 2
            taken_ms = await _until_on_the_wire(
                live.devices,
                _call(
                    *(socket, "number", "set_value"),
                    entity_id=NUMBER,
                    value=current_a,
                ),
            )
            assert taken_ms is not None
            found.append(taken_ms)
            await _pause()
    return Samples(wall=found)


async def by_a_limit(live: LiveHome) -> Samples:
    """Order limits, each an ampere below the last."""
    found: list[float] = []
    tries = 0
    async with connect(live.api) as socket:
        while len(found) < ORDERS:
            await live.end_limits()
            await live.car_charges_at_11_kw()
            drawn_w = round(await live.controllable_w())
            for less_a in range(1, FULL_A - LEAST_A + 1):
                tries += 1
                limit_w = drawn_w + MARGIN_W - less_a * AMPERE_W
                taken_ms = await _until_on_the_wire(
                    live.devices,
                    _call(
                        *(socket, "cem", "order_limit"),
                        limit_id="benchmark",
                        direction="import",
                        scope="controllable",
                        limit_w=limit_w,
                    ),
                )
                # Without an answer another device made the room, or there was
                # enough of it.
                if taken_ms is not None:
                    found.append(taken_ms)
                await _pause()
            assert tries < 4 * ORDERS, "limits are ordered and the car goes on"
    await live.end_limits()
    return Samples(wall=found[:ORDERS])


def figures(user: Samples, limit: Samples) -> list[Figure]:
    """Return the row."""
    return [
        Figure(
            benchmark="live",
            case="order of a limit to the command on the wire",
            unit="ms",
            samples=limit,
            baseline="a user sets the number",
            base=user,
            aim=AIM,
        )
    ]


async def _until_on_the_wire(
    devices: TopicListener, order: Coroutine[None, None, None]
) -> float | None:
    """Return the ms from the order to the charger's next command, if one comes."""
    began = time.monotonic()
    acting = asyncio.create_task(order)
    try:
        commands = await until(
            "a command to the charger",
            lambda: devices.since(began, CURRENT),
            within_s=ANSWER_WITHIN_S,
            every_s=0.02,
        )
    except NotInTimeError:
        return None
    finally:
        await acting
    return (commands[0][0] - began) * 1000


async def _call(socket: WebSocket, domain: str, service: str, **data: object) -> None:
    await socket.send("call_service", domain=domain, service=service, service_data=data)


async def _pause() -> None:
    """Wait, never in step with the meter's seconds."""
    await asyncio.sleep(random.uniform(0.5, 1.3))  # noqa: S311
