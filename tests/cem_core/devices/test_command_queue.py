import asyncio

from cem_core.devices import CommandQueue
from cem_core.model import Action, Cause, Setpoint


def order(power_w: int | None) -> Setpoint:
    return Setpoint(
        device_id="car", action=Action.CHARGE, power_w=power_w, cause=Cause.PLAN
    )


class SlowDevice:
    """A device that takes an order only when it is let."""

    fallback = "It keeps its last order."

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.taken: list[int | None] = []

    async def obey(self, setpoint: Setpoint) -> None:
        await self.let.wait()
        self.taken.append(setpoint.power_w)


def queue_of(device: SlowDevice) -> CommandQueue:
    return CommandQueue(device, clock=lambda: 0.0, failed=lambda _: None)


async def test_the_latest_order_wins() -> None:
    device = SlowDevice()
    queue = queue_of(device)
    for power_w in (1, 2, 3):
        queue.put(order(power_w))
        await asyncio.sleep(0)
    device.let.set()
    await queue.join()
    assert device.taken == [1, 3]
    assert queue.sent == order(3)


async def test_a_slow_device_is_not_asked_again_for_what_it_is_doing() -> None:
    device = SlowDevice()
    queue = queue_of(device)
    for _ in range(5):
        queue.put(order(1))
        await asyncio.sleep(0)
    device.let.set()
    await queue.join()
    assert device.taken == [1]


async def test_an_order_stopped_before_it_began_leaves_nothing_behind() -> None:
    device = SlowDevice()
    device.let.set()
    queue = queue_of(device)
    queue.put(order(1))
    await queue.stop()
    assert not queue.busy
    await queue.join()
    queue.put(order(2))
    await queue.join()
    assert device.taken == [2]
