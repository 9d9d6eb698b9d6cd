"""One real home for all end-to-end tests, left by each as it was found."""

from collections.abc import AsyncIterator, Generator
from pathlib import Path
import time

import pytest

from script.rig.flows import make_dashboard
from script.rig.processes import tail
from script.rig.waiting import until
from script.rig.websocket import connect
from tests.e2e.live_home import LOGS, LiveHome, running_home
from tests.e2e.log import LogWatch, complaints

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    """Explain the marker."""
    config.addinivalue_line(
        "markers", "log_may_say(pattern): an error in the log that the test causes"
    )


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Run in a session of their own only, see pytest.ini beside this file."""
    if config.pluginmanager.has_plugin("homeassistant"):
        apart = pytest.mark.skip(reason="runs alone: script/test tests/e2e")
        for item in items:
            if item.path.is_relative_to(HERE):
                item.add_marker(apart)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of Home Assistant's log beside a failure."""
    report = yield
    if report.failed:
        for log in LOGS:
            report.sections.append((f"the end of {log}", tail(log)))
    return report


@pytest.fixture(scope="session")
async def session_home(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[LiveHome]:
    """Start a home, set it up through the forms, and let it control."""
    async with running_home(tmp_path_factory.mktemp("home")) as live:
        watch = LogWatch(live.log)
        await live.set_up()
        await live.first_plan()
        async with connect(live.api) as socket:
            await make_dashboard(socket)
        assert not complaints(watch.text())
        yield live


@pytest.fixture
async def live(
    request: pytest.FixtureRequest, session_home: LiveHome
) -> AsyncIterator[LiveHome]:
    """Lend the home; take its orders back and read its log afterwards."""
    allowed = [str(mark.args[0]) for mark in request.node.iter_markers("log_may_say")]
    watch = LogWatch(session_home.log)
    await until(
        "a telegram within the last seconds",
        lambda: session_home.telegrams.since(time.monotonic() - 5),
        within_s=30,
    )
    yield session_home
    # Also after a failure: what one test broke is not the next one's to bear.
    await session_home.end_faults()
    await session_home.end_limits()
    await session_home.charge("plan")
    await session_home.mode("control")
    found = complaints(watch.text(), allowed)
    assert not found, "\n".join(found)
