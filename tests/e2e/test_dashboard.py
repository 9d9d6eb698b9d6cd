"""What a person sees, in a real browser."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
import time

from playwright.async_api import Browser
import pytest

from script.rig.browser import (
    PHONE,
    PHONE_DARK,
    WIDE,
    WIDE_DARK,
    Screen,
    View,
    chromium,
    logged_in,
    shoot,
)
from script.rig.flows import DASHBOARD
from script.rig.telegrams import Telegram
from script.rig.waiting import until
from tests.e2e.live_home import LiveHome

pytestmark = pytest.mark.e2e

SCREENSHOTS = Path(__file__).resolve().parents[2] / "screenshots"
GRID_VALUE = "cem-flow-diagram g.node.grid text.value"
SHOWN_WITHIN_S = 2.0
MOVES = 3  # different values; a page that stands still has one
SETTLED_S = 2.0
# The texts that stick out of a card.
_BESIDE_ITS_CARD = """card => {
  const { right } = card.getBoundingClientRect();
  return [...card.shadowRoot.querySelectorAll("*")]
    .filter(each => each.getBoundingClientRect().right > right + 1)
    .map(each => each.textContent.trim());
}"""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


def shown_power(text: str) -> tuple[float, float]:
    """Return the power in W that a text shows, and the half of its last digit."""
    number, unit = text.replace("\N{NO-BREAK SPACE}", " ").split()
    number = number.replace(",", "")
    scale = 1000.0 if unit == "kW" else 1.0
    decimals = len(number.partition(".")[2])
    return float(number) * scale, 0.5 * scale / 10**decimals


async def test_the_page_shows_each_reading_within_2_s(
    live: LiveHome, browser: Browser
) -> None:
    """Each telegram is on the page, or overtaken by the next, within 2 s."""
    seen: set[str] = set()
    async with logged_in(browser, live.api, WIDE, f"/{DASHBOARD}/now") as view:
        value = view.page.locator(GRID_VALUE).first
        await value.wait_for()
        await asyncio.sleep(SETTLED_S)
        began = time.monotonic()
        # A still house moves by few of the page's last digits: watch it for longer.
        while (watched_s := time.monotonic() - began) < 15 or len(seen) < MOVES:
            assert watched_s < 60, f"the page stands still: {seen}"
            asked_at = time.monotonic()
            text = (await value.text_content() or "").strip()
            power_w, tolerance_w = shown_power(text)
            current = _not_overtaken(live.telegrams.telegrams, asked_at)
            assert any(
                abs(abs(telegram.net_w) - power_w) <= tolerance_w + 0.5
                for telegram in current
            ), f"{text!r} is not in {[telegram.net_w for telegram in current]}"
            seen.add(text)
            await asyncio.sleep(0.3)
        assert not view.errors
        assert not view.outside


def _not_overtaken(telegrams: list[Telegram], asked_at: float) -> list[Telegram]:
    """Return what may stand there: nothing newer is known for longer than 2 s."""
    return [
        telegram
        for telegram, newer in pairwise([*telegrams, None])
        if telegram and (newer is None or asked_at - newer.at <= SHOWN_WITHIN_S)
    ]


@pytest.mark.parametrize(
    "screen", [WIDE, WIDE_DARK, PHONE, PHONE_DARK], ids=lambda s: s.name
)
@pytest.mark.parametrize(
    ("path", "text"), [("now", "Power limits"), ("plan", "Plan")], ids=["now", "plan"]
)
async def test_a_view_shows_without_errors(
    live: LiveHome, browser: Browser, screen: Screen, path: str, text: str
) -> None:
    async with logged_in(browser, live.api, screen, f"/{DASHBOARD}/{path}") as view:
        await _shows(view, text)
        await asyncio.sleep(SETTLED_S)
        await shoot(view, SCREENSHOTS, f"{path}-{screen.name}")
        assert not view.errors
        assert not view.outside


@pytest.mark.parametrize("screen", [WIDE, PHONE_DARK], ids=lambda s: s.name)
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("limits", "Power limits"),
        ("savings", "Savings"),
        ("energy", "Month"),
        ("devices", "followed"),
        ("health", "answers"),
    ],
)
async def test_every_view_answers_from_the_home(
    live: LiveHome, browser: Browser, screen: Screen, path: str, text: str
) -> None:
    async with logged_in(browser, live.api, screen, f"/{DASHBOARD}/{path}") as view:
        await _shows(view, text)
        await asyncio.sleep(SETTLED_S)
        assert not view.errors
        assert not view.outside


async def test_a_wish_is_priced_kept_and_taken_back(
    live: LiveHome, browser: Browser
) -> None:
    async with logged_in(browser, live.api, WIDE, f"/{DASHBOARD}/plan") as view:
        page = view.page
        await page.get_by_role("button", name="Make a wish").click()
        panel = page.locator("cem-wish-panel")
        confirm = panel.get_by_role("button", name="Confirm")
        price = panel.locator(".answer b, .answer .failed")
        await price.wait_for(timeout=60_000)  # a plan may be under way
        assert "the plan" in (await price.text_content() or "")
        await confirm.click()
        wishes = page.locator("cem-wish-list li")
        await wishes.first.wait_for(timeout=60_000)
        await wishes.first.get_by_role("button", name="Undo").click()
        await wishes.first.wait_for(state="detached", timeout=60_000)
        assert not view.errors


async def test_a_limit_that_is_kept_is_shown(live: LiveHome, browser: Browser) -> None:
    await live.car_charges_at_11_kw()
    async with logged_in(browser, live.api, WIDE, f"/{DASHBOARD}/now") as view:
        await live.order_limit(4200)
        await live.kept(4200, within_s=10, watched_s=3)
        await _shows(view, "4.20 kW")
        await asyncio.sleep(SETTLED_S)
        await shoot(view, SCREENSHOTS, "now-limit-wide")
        # What an order costs is a long sentence.
        assert (
            await view.page.locator("cem-limit-card").evaluate(_BESIDE_ITS_CARD) == []
        )
        assert not view.errors


async def test_the_dashboard_is_offered_to_whoever_makes_one(
    live: LiveHome, browser: Browser
) -> None:
    async with logged_in(
        browser, live.api, WIDE, "/config/lovelace/dashboards"
    ) as view:
        found = await view.page.evaluate("() => window.customStrategies ?? []")
        assert any(
            strategy["type"] == "cem" and strategy["strategyType"] == "dashboard"
            for strategy in found
        ), found


async def _shows(view: View, text: str) -> None:
    async def visible() -> bool:
        return text in (await view.text()).replace("\N{NO-BREAK SPACE}", " ")

    await until(f"{text!r} on the page", visible, within_s=20, every_s=0.3)
