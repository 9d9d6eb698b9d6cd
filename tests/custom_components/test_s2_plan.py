"""From what a device says of itself over S2, by the plan, to its instruction."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from cem_core.model import Action, Cause, Setpoint
from cem_core.s2.control import Order
from cem_core.s2.frbc import FillRate
from custom_components.cem.const import Kind, Mode
from custom_components.cem.drivers import S2Driver
from custom_components.cem.listeners import Listener
from custom_components.cem.planning.document import request
from custom_components.cem.wishes import async_set_mode
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table
from tests.cem_core.s2.messages import NOW, battery, level
from tests.cem_core.s2.storages import used
from tests.cem_core.s2.test_frbc import storage, tank
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_planner import outlook

TOKEN = {"s2_token": "0123456789abcdef"}
ENTITIES = ("setpoint", "mode", "state_of_charge", "switch", "throttle", "plugged")


class Server:
    """Stands in for the server that a resource manager has connected to."""

    def __init__(self, name: str, control: FillRate) -> None:
        self.control = control
        self._sessions = {
            name: SimpleNamespace(
                control=control,
                controllable=True,
                details=None,
                measured_w=None,
                refused="",
            )
        }

    def sessions(self) -> dict[str, Any]:
        return self._sessions

    async def order(self, name: str, order: Order) -> None:
        assert name in self._sessions
        self.control.instruct(order, dt_util.utcnow())


def over_s2(monkeypatch: pytest.MonkeyPatch, kind: Kind) -> None:
    # Its server is stood in for: nothing listens.
    monkeypatch.setattr(Listener, "async_start", AsyncMock())
    data = {key: each for key, each in DATA[kind].items() if key not in ENTITIES}
    monkeypatch.setitem(DATA, kind, data | TOKEN)


@pytest.mark.parametrize(
    ("kind", "control", "planned"),
    [
        (Kind.BATTERY, storage(battery(capacity_kwh=8), level(40)), "battery"),
        (
            Kind.BATTERY,
            storage(battery(capacity_kwh=8), level(40), used(NOW, 2)),
            "battery",
        ),
        (Kind.EV_CHARGER, tank(), "storage"),
    ],
)
async def test_a_device_is_planned_as_it_describes_itself(
    hass: HomeAssistant,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
    *,
    kind: Kind,
    control: FillRate,
    planned: str,
) -> None:
    over_s2(monkeypatch, kind)
    home = await set_up(Kind.METER, kind)
    await async_set_mode(home, Mode.CONTROL)
    (device,) = home.devices.values()
    driver = device.driver
    assert isinstance(driver, S2Driver)
    assert request(home, outlook()).home["devices"] == [] or kind is Kind.EV_CHARGER
    server = Server(driver.name, control)
    driver.attach(server)  # type: ignore[arg-type] # as far as the driver knows it
    assert device.state_of_charge == control.state_of_charge

    asked = request(home, outlook())
    (described,) = asked.home["devices"]
    said = control.described(outlook().steps.now)
    assert said is not None
    assert described["kind"] == planned
    assert described["capacity_kwh"] == pytest.approx(said["capacity_kwh"])
    assert described["initial_energy_kwh"] == pytest.approx(said["initial_energy_kwh"])
    assert ("demand_series" in described) == bool(control.demand_kw())
    if control.demand_kw():
        assert len(asked.series[described["demand_series"]]) == len(
            asked.series["time"]
        )

    plan = optimize(
        home_from_json(asked.home), table(asked.series), Options(time_limit_s=20)
    )
    assert plan["status"] in ("optimal", "feasible")
    await driver.obey(
        Setpoint(
            device_id=device.device_id,
            action=Action.CHARGE,
            power_w=2000,
            cause=Cause.PLAN,
        )
    )
    assert control.expects_w() == pytest.approx(2000, abs=2)
    assert driver.held_w() == 2000
