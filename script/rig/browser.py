"""Debian's Chromium, headless, logged in to Home Assistant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
from pathlib import Path
import shutil
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Route,
    async_playwright,
)

from script.rig.api import Api
from script.rig.waiting import RigError

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)
LOCAL: Final = frozenset({"127.0.0.1", "localhost", ""})
# Where Home Assistant's frontend puts the user's choice of theme and its login.
LOG_IN: Final = """([tokens, dark]) => {
  localStorage.setItem("hassTokens", JSON.stringify(tokens));
  localStorage.setItem("selectedLanguage", JSON.stringify("en"));
  localStorage.setItem("selectedTheme", JSON.stringify({dark}));
}"""
# All text that a person can see, through shadow roots and slots.
VISIBLE_TEXT: Final = """() => {
  const words = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE && node.textContent.trim()) {
      words.push(node.textContent.trim());
    }
    if (["STYLE", "SCRIPT"].includes(node.nodeName)) return;
    if (node.shadowRoot) walk(node.shadowRoot);
    const slotted = node.nodeName === "SLOT" && node.assignedNodes().length;
    for (const child of slotted ? [] : node.childNodes) walk(child);
  };
  walk(document.body);
  return words.join(" | ");
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What a page is looked at on."""

    name: str
    width: int
    height: int
    phone: bool = False
    dark: bool = False


WIDE: Final = Screen(name="wide", width=1400, height=900)
WIDE_DARK: Final = Screen(name="wide-dark", width=1400, height=900, dark=True)
PHONE: Final = Screen(name="phone", width=390, height=844, phone=True)
PHONE_DARK: Final = Screen(
    name="phone-dark", width=390, height=844, phone=True, dark=True
)


@dataclass  # no slots: Playwright marks the handlers' object
class View:
    """A page with what went wrong on it."""

    page: Page
    errors: list[str] = field(default_factory=list)
    outside: set[str] = field(default_factory=set)

    async def text(self) -> str:
        """All visible text."""
        return str(await self.page.evaluate(VISIBLE_TEXT))

    def note(self, message: ConsoleMessage) -> None:
        """Keep what the console calls an error."""
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def note_crash(self, error: Error) -> None:
        """Keep an exception that nobody caught."""
        self.errors.append(f"uncaught: {error}")

    async def guard(self, route: Route) -> None:
        """Let the page ask this machine only, and note what else it asked."""
        asked = urlsplit(route.request.url)
        if asked.scheme in {"data", "blob"} or asked.hostname in LOCAL:
            await route.continue_()
        else:
            self.outside.add(asked.netloc)
            await route.abort()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start the browser."""
    binary = shutil.which("chromium")
    if binary is None:
        message = "chromium is missing. Install it: apt-get install chromium"
        raise RigError(message)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=binary, headless=True, args=list(FLAGS)
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def logged_in(
    browser: Browser, api: Api, screen: Screen, path: str
) -> AsyncIterator[View]:
    """Open a page of Home Assistant as the user of ``api``."""
    await api.token()
    context: BrowserContext = await browser.new_context(
        viewport={"width": screen.width, "height": screen.height},
        device_scale_factor=2 if screen.phone else 1,
        is_mobile=screen.phone,
        has_touch=screen.phone,
        color_scheme="dark" if screen.dark else "light",
        locale="en-GB",
        timezone_id="Europe/Brussels",
        service_workers="block",
    )
    try:
        tokens = {
            "hassUrl": api.url,
            "clientId": api.client_id,
            "refresh_token": api.refresh_token,
            "access_token": "",
            "token_type": "Bearer",
            "expires_in": 1800,
            "expires": 0,  # it renews at once
        }
        await context.add_init_script(
            f"({LOG_IN})({json.dumps([tokens, screen.dark])});"
        )
        page = await context.new_page()
        view = View(page)
        page.on("console", view.note)
        page.on("pageerror", view.note_crash)
        await context.route("**/*", view.guard)
        await page.goto(f"{api.url}{path}", wait_until="domcontentloaded")
        await page.locator("home-assistant-main").first.wait_for(state="attached")
        yield view
    finally:
        await context.close()


async def shoot(view: View, folder: Path, name: str) -> Path:
    """Write a picture of the page."""
    folder.mkdir(exist_ok=True)
    target = folder / f"{name}.png"
    await view.page.screenshot(path=target)
    return target
