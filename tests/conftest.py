"""What every test can rely on."""

import asyncio
from collections.abc import Callable
import os
from pathlib import Path
import threading
from typing import Final

from hypothesis import HealthCheck, settings
import pytest

import custom_components  # noqa: F401  (else the pytest plugin's own is found first)

SHARED: Final = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the full durations, see script/soak."""
    parser.addoption(
        "--soak", action="store_true", help="run time tests for their full duration"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Try the same examples at every run; script/soak tries new ones."""
    # How long an example takes says how busy the machine is.
    unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("new", unhurried)
    settings.register_profile("same", unhurried, derandomize=True)
    if config.getoption("--soak"):
        os.environ["CEM_SOAK"] = "1"  # for tests/examples.py, before tests are imported
        settings.load_profile("new")
    else:
        settings.load_profile("same")


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave out, and say so, what cannot or should not run here."""
    left_out = {}
    if not config.getoption("--soak"):
        left_out["soak"] = pytest.mark.skip(reason="only with --soak")
    if not SHARED.is_dir():
        left_out["shared"] = pytest.mark.skip(reason="no recorded data in ../shared")
    for item in items:
        for name, marker in left_out.items():
            if item.get_closest_marker(name):
                item.add_marker(marker)


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Refuse to leave out tests on recorded data where CI asks for them."""
    if os.environ.get("CEM_REQUIRE_SHARED") and any(
        item.get_closest_marker("shared") for item in items
    ):
        pytest.exit("Tests that read ../shared were deselected.", returncode=1)


@pytest.fixture(autouse=True)
def _loopback(request: pytest.FixtureRequest) -> None:
    """Allow sockets on loopback, and nowhere else.

    The test harness blocks all of them. That stays so around its own Home
    Assistant, where an open socket is a mistake unless a test asks for it.
    """
    if "hass" not in request.fixturenames:
        request.getfixturevalue("socket_enabled")


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Refuse callbacks from another thread, as the loop's debug mode does.

    That is the check for which the harness turns that mode on. The mode also keeps
    the stack of each future and callback, for messages, which took a third of the
    time of a test with Home Assistant.
    """
    loop = asyncio.get_running_loop()
    for name in ("call_soon", "call_at"):
        setattr(loop, name, _on_its_thread(loop, getattr(loop, name)))


def _on_its_thread[**P, R](
    loop: asyncio.AbstractEventLoop, method: Callable[P, R]
) -> Callable[P, R]:
    """Let ``method`` be called by the thread of the running loop only."""
    own = threading.get_ident()

    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        if threading.get_ident() != own and loop.is_running():
            message = "Call of an event loop that runs on another thread."
            raise RuntimeError(message)
        return method(*args, **kwargs)

    return checked
