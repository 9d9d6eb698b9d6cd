"""What every test's event loop refuses."""

import asyncio
from functools import partial

import pytest


@pytest.mark.parametrize("method", ["call_soon", "call_later"])
async def test_a_callback_from_another_thread_is_refused(method: str) -> None:
    """It would be lost, or run late, wherever nothing else wakes the loop."""
    loop = asyncio.get_running_loop()
    delay = () if method == "call_soon" else (0,)
    call = partial(getattr(loop, method), *delay, int)
    with pytest.raises(RuntimeError, match="another thread"):
        await asyncio.to_thread(call)


async def test_a_callback_from_its_own_thread_runs() -> None:
    """So does one that another thread hands over as it should."""
    loop = asyncio.get_running_loop()
    ran = asyncio.Event()
    loop.call_soon(ran.set)
    await ran.wait()
    ran.clear()
    await asyncio.to_thread(loop.call_soon_threadsafe, ran.set)
    await ran.wait()
