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
from benchmarks.live.probed import planned, probed_home
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
LEAST_A: Final = 8
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
            await _full_power(live)
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


def figures() -> list[Figure]:
    """Return the row."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    async with probed_home() as live:
        user = await by_a_user(live)
        await live.set_up()
        await planned(live)
        limit = await by_a_limit(live)
    return [
        Figure(
            benchmark="order",
            case="a limit, to the command on the wire",
            unit="ms",
            samples=limit,
            baseline="a user sets the number",
            base=user,
            aim=AIM,
        )
    ]


async def _full_power(live: LiveHome) -> None:
    """Have the car charge at all it can, without the memory of a limit.

    A car that was limited gets its power back slowly; handed back it has it at
    once, and a reload then finds it so.
    """
    await live.end_limits()
    await live.charge("now")
    await live.mode("observe")
    live.devices.publish("charger/enabled/set", "ON")
    live.devices.publish("charger/current/set", str(FULL_A))
    await until("the car at 11 kW", live.car_at_11_kw, within_s=60)
    await live.reload()
    await live.mode("control")
    await asyncio.sleep(3)
    await until("the car at 11 kW", live.car_at_11_kw, within_s=60)


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
