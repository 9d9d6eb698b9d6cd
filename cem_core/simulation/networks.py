"""The devices of a home that call the CEM, or wait for it, each over its own protocol."""

from typing import Protocol

from cem_core.simulation.eebus_device import (
    EebusDevice,
    Limited,
    LimitedCharger,
    LimitedHeatPump,
)
from cem_core.simulation.home import Home
from cem_core.simulation.ocpp_station import OcppStation
from cem_core.simulation.s2_battery import S2Battery
from cem_core.simulation.s2_heat_pump import S2HeatPump
from cem_core.simulation.s2_manager import S2Manager
from cem_core.simulation.s2_resource import Resource


class Face(Protocol):
    """One device on one network."""

    async def start(self) -> None:
        """Go on the network. Raises OSError."""

    def tick(self) -> None:
        """Let a simulated second pass."""

    async def stop(self) -> None:
        """Leave it."""


def faces_of(home: Home) -> list[Face]:
    """Return what ``home`` is set up for; `read_setup` saw that the devices are there."""
    return [*_ocpp(home), *_s2(home), *_eebus(home)]


def _ocpp(home: Home) -> list[Face]:
    setup = home.setup.ocpp
    if setup is None or home.charger is None:
        return []
    return [OcppStation(home, home.charger, setup)]


def _s2(home: Home) -> list[Face]:
    setup = home.setup.s2
    if setup is None:
        return []
    found: list[Face] = []
    for device, token in setup.tokens.items():
        resource: Resource | None = None
        if device == "battery" and home.battery is not None:
            resource = S2Battery(home.battery)
        elif device == "heat_pump" and home.heat_pump is not None:
            resource = S2HeatPump(home.heat_pump)
        if resource is not None:
            found.append(S2Manager(home, resource, setup.url, token))
    return found


def _eebus(home: Home) -> list[Face]:
    setup = home.setup.eebus
    if setup is None:
        return []
    limited: Limited | None = None
    if setup.device == "charger" and home.charger is not None:
        limited = LimitedCharger(home.charger)
    elif setup.device == "heat_pump" and home.heat_pump is not None:
        limited = LimitedHeatPump(home.heat_pump)
    return [] if limited is None else [EebusDevice(home, limited, setup)]
