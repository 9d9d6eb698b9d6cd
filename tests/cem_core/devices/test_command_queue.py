"""One order at a time for each device, the latest wins, a refusal is told."""

import asyncio

from cem_core.devices import CommandQueue, DeviceError
from cem_core.model import Action, Cause, Message, Setpoint


class Device:
    """A device that takes its time, or refuses."""

    fallback = "keeps the last setpoint"

    def __init__(self) -> None:
        self.obeyed: list[int | None] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.refuses = False

    async def obey(self, setpoint: Setpoint) -> None:
        await self.gate.wait()
        if self.refuses:
            raise DeviceError("not now")
        self.obeyed.append(setpoint.power_w)


class Bench:
    """A queue, its device, its clock and what failed."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.failures: list[str | Message | None] = []
        self.device = Device()
        self.queue = CommandQueue(
            self.device,
            clock=lambda: self.now_s,
            failed=self.failures.append,
            timeout_s=0.05,
        )

    async def order(self, power_w: int | None) -> None:
        self.put(power_w)
        await self.queue.join()

    def put(self, power_w: int | None) -> None:
        self.queue.put(
            Setpoint(
                device_id="d", action=Action.RUN, power_w=power_w, cause=Cause.PLAN
            )
        )


async def test_the_latest_order_wins_while_one_is_under_way() -> None:
    bench = Bench()
    bench.device.gate.clear()
    bench.put(1)
    await asyncio.sleep(0)
    for power_w in (2, 3, 4):
        bench.put(power_w)
    bench.device.gate.set()
    await bench.queue.join()
    assert bench.device.obeyed == [1, 4]


async def test_the_same_order_is_repeated_only_now_and_then() -> None:
    bench = Bench()
    for now_s in (0.0, 1.0, 59.0, 60.0):
        bench.now_s = now_s
        await bench.order(5)
    assert bench.device.obeyed == [5, 5]


async def test_a_hand_back_is_repeated_while_it_is_asked_for() -> None:
    bench = Bench()
    for now_s in (0.0, 9.0, 10.0):
        bench.now_s = now_s
        await bench.order(None)
    assert bench.device.obeyed == [None, None]


async def test_a_refusal_is_told_and_tried_again_after_a_while() -> None:
    bench = Bench()
    bench.device.refuses = True
    await bench.order(5)
    assert bench.failures == ["not now"]
    assert bench.queue.sent is None
    bench.device.refuses = False
    await bench.order(5)
    assert bench.device.obeyed == []
    bench.now_s = 5.0
    await bench.order(5)
    assert bench.device.obeyed == [5]
    assert bench.failures == ["not now", None]


async def test_a_device_that_comes_back_is_ordered_at_once() -> None:
    bench = Bench()
    bench.device.refuses = True
    await bench.order(1)
    bench.device.refuses = False
    await bench.order(1)
    assert bench.device.obeyed == []  # refused a moment ago
    for _ in range(2):  # also the order that it took before it went
        bench.queue.forget()
        await bench.order(1)
    assert bench.device.obeyed == [1, 1]


async def test_no_answer_in_time_is_a_refusal() -> None:
    bench = Bench()
    bench.device.gate.clear()
    await bench.order(5)
    assert bench.failures == [Message.of("no_answer_within", within_s=0.05)]


async def test_a_slow_device_is_not_asked_again_for_what_it_is_doing() -> None:
    bench = Bench()
    bench.device.gate.clear()
    for _ in range(5):
        bench.put(1)
        await asyncio.sleep(0)
    bench.device.gate.set()
    await bench.queue.join()
    assert bench.device.obeyed == [1]


async def test_an_order_stopped_before_it_began_leaves_nothing_behind() -> None:
    bench = Bench()
    bench.put(1)
    await bench.queue.stop()
    assert not bench.queue.busy
    await bench.queue.join()
    await bench.order(2)
    assert bench.device.obeyed == [2]


async def test_one_whose_refusal_brings_the_same_order_is_left_alone_for_a_while() -> (
    None
):
    bench = Bench()
    asked: list[int | None] = []

    async def refuse(setpoint: Setpoint) -> None:
        asked.append(setpoint.power_w)
        if len(asked) < 9:  # its answer makes the home decide anew
            bench.put(asked[0])
        raise DeviceError("not now")

    bench.device.obey = refuse  # type: ignore[method-assign]
    await bench.order(5)
    assert asked == [5]
    bench.now_s = 5.0
    await bench.order(5)
    assert asked == [5, 5]


async def test_an_order_that_waits_behind_a_refused_one_is_sent_at_once() -> None:
    bench = Bench()
    bench.device.gate.clear()
    bench.put(5)
    await asyncio.sleep(0)
    bench.put(3)
    bench.device.refuses = True
    bench.device.gate.set()
    await bench.queue.join()
    assert bench.failures == ["not now", "not now"]
