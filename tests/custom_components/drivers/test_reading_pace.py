import asyncio

import pytest

from custom_components.cem.drivers.reading_pace import ReadingPace


async def paused_s(pace: ReadingPace) -> float:
    loop = asyncio.get_running_loop()
    begun_s = loop.time()
    await pace.pause(0.3, 0.05)
    return loop.time() - begun_s


async def test_one_that_nobody_told_is_read_now_and_then() -> None:
    assert await paused_s(ReadingPace()) >= 0.29


async def test_one_that_was_told_is_read_soon_until_it_has_followed() -> None:
    pace = ReadingPace()
    pace.told()
    soon = [await paused_s(pace) for _ in range(3)]
    assert max(soon) < 0.29
    assert sum(soon) == pytest.approx(0.15, abs=0.1)
    await asyncio.sleep(0.3)
    assert await paused_s(pace) >= 0.29


async def test_an_order_ends_a_long_pause() -> None:
    pace = ReadingPace()
    asyncio.get_running_loop().call_later(0.05, pace.told)
    assert 0.09 <= await paused_s(pace) < 0.29
