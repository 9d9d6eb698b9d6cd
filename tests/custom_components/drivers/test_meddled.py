"""A driver tells of a limit that somebody else has set, once, and of none of its own."""

from types import SimpleNamespace

import pytest

from cem_core.devices.rivalry import Meddled
from cem_core.eebus.guard import Guard, Ordered
from cem_core.model import Direction
from custom_components.cem.const import Kind
from custom_components.cem.drivers import EebusDriver

OURS = {Direction.IMPORT: 4200.0}


class Device:
    """What a guard knows of a device, set by hand."""

    directions = frozenset((Direction.IMPORT,))
    holds = Guard.holds

    def __init__(self) -> None:
        """Be told nothing."""
        self.ordered: dict[Direction, Ordered] = {}


@pytest.fixture
def wallbox() -> Device:
    """Return a device."""
    return Device()


@pytest.fixture
def driver(wallbox: Device) -> EebusDriver:
    """Return a driver that has ordered 4200 W of it."""
    found = EebusDriver(Kind.EV_CHARGER, {"ski": "a" * 40})
    peers = {found.ski: SimpleNamespace(guard=wallbox)}
    found.attach(SimpleNamespace(peers=lambda: peers))  # type: ignore[arg-type] # a double
    found._ordered = OURS
    return found


def say(driver: EebusDriver, wallbox: Device, *, active: bool, value_w: float) -> None:
    wallbox.ordered = {Direction.IMPORT: Ordered(active=active, value_w=value_w)}
    driver.notice()


def test_a_limit_that_another_set_is_told_once(
    driver: EebusDriver, wallbox: Device
) -> None:
    say(driver, wallbox, active=True, value_w=4200.0)
    assert driver.meddled() is None
    say(driver, wallbox, active=True, value_w=9000.0)
    driver.notice()
    assert driver.meddled() == Meddled(protocol="EEBUS", setting="LPC")
    assert driver.meddled() is None


def test_the_limit_of_before_and_one_that_ended_are_nobodys_doing(
    driver: EebusDriver, wallbox: Device
) -> None:
    say(driver, wallbox, active=True, value_w=9000.0)  # it has not taken ours yet
    say(driver, wallbox, active=True, value_w=4200.0)
    say(driver, wallbox, active=False, value_w=4200.0)  # it ended by itself
    assert driver.meddled() is None
