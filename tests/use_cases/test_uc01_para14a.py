"""UC1 in Germany (§14a EnWG): only what devices cause at the grid is limited."""

from dataclasses import replace

import pytest

from cem_core.dispatch import WarningCode
from cem_core.evidence.record import Kind
from cem_core.evidence.watch import Watch
from cem_core.model import Basis, Device, Direction, LimitSource, PowerLimit, Scope
from cem_core.simulation.home import Home
from cem_core.simulation.solar import SolarParameters
from cem_core.tariff.enwg14a import Group, RatedDevice, guaranteed_kw, shares_kw
from tests.use_cases.closed_loop import DEVICES, SUNNY_NOON, ClosedLoop, demo_home

SOLAR_W = 7000
REGISTERED = (
    RatedDevice(device_id="charger", group=Group.CHARGE_POINT, rated_kw=11.04),
    RatedDevice(device_id="battery", group=Group.STORAGE, rated_kw=5),
    RatedDevice(device_id="heat_pump", group=Group.HEAT_PUMP, rated_kw=2.5),
)
OWED_W = round(1000 * guaranteed_kw(REGISTERED))


def german(device: Device) -> Device:
    """Return ``device`` as it counts in Germany."""
    shares = shares_kw(REGISTERED)
    if device.device_id == "solar":
        return replace(device, rated_power_w=SOLAR_W)
    if device.device_id == "charger":
        device = replace(device, step_w=230 * 3)
    return replace(
        device,
        counts_as_controllable=device.device_id in shares,
        guaranteed_w=round(1000 * shares.get(device.device_id, 0)),
    )


def under(sky_kw: float, load_kw: float = 0.05) -> Home:
    """Return a home in spring with an even sky and load, and an empty battery."""
    home = demo_home(SUNNY_NOON, solar_kw=SOLAR_W / 1000, target_c=10)
    assert home.solar is not None
    assert home.battery is not None
    home.battery.energy_wh = home.battery.parameters.min_energy_wh
    home.solar.parameters = SolarParameters(rated_w=SOLAR_W, clouds=0)
    home.load.restless = False
    shine(home, sky_kw, load_kw)
    return home


def shine(home: Home, sky_kw: float, load_kw: float = 0.05) -> None:
    columns = dict(home.series.columns)
    assert home.setup.solar is not None
    columns[home.setup.solar.series] = [sky_kw] * len(columns["load_kw"])
    columns[home.setup.load.load] = [load_kw] * len(columns["load_kw"])
    home.series = replace(home.series, columns=columns)


def dimmed(limit_w: int = 4200) -> PowerLimit:
    return PowerLimit(
        limit_id="control box",
        source=LimitSource.CONTROL_BOX,
        issuer="grid operator",
        direction=Direction.IMPORT,
        scope=Scope.CONTROLLABLE,
        basis=Basis.GRID_DRAW,
        limit_w=limit_w,
    )


def running(sky_kw: float, limit_w: int = 4200) -> ClosedLoop:
    loop = ClosedLoop(home=under(sky_kw), devices=[german(d) for d in DEVICES])
    loop.run(60)
    loop.limits = [dimmed(limit_w)]
    return loop


def charger_w(loop: ClosedLoop) -> float:
    assert loop.home.charger is not None
    return loop.home.charger.power_w


def test_two_devices_count_and_the_small_heat_pump_does_not() -> None:
    assert OWED_W == 7560
    counted = {d.device_id for d in map(german, DEVICES) if d.counts_as_controllable}
    assert counted == {"charger", "battery"}


def test_with_7_kw_of_sun_a_limit_of_4_2_kw_leaves_the_car_its_11_kw() -> None:
    loop = running(7).run(300)
    assert charger_w(loop) > 10_000
    assert loop.grid_w[-1] <= 4200


def test_a_cloud_brings_it_back_in_10_s_and_it_stays_there() -> None:
    loop = running(7).run(300)
    shine(loop.home, 0)
    powers_w = [charger_w(loop.run(1)) for _ in range(15 * 60)]
    assert max(powers_w[10:]) <= 4200
    assert powers_w[-1] == pytest.approx(4140, rel=0.02)  # 6 A on three phases go on


def test_power_comes_back_over_a_minute_or_more_and_not_to_all_at_once() -> None:
    times = []
    for chance in (0.1, 0.9):
        loop = running(0).run(120)
        assert charger_w(loop) <= 4200
        loop.chance, loop.limits, end = chance, [], loop.seconds
        loop.run(400, until=lambda loop: charger_w(loop) > 10_500)
        times.append(loop.seconds - end)
    assert 60 <= times[0] < times[1] <= 300


def test_an_order_below_what_is_owed_is_kept_said_and_proved() -> None:
    loop, watch = running(0, 2000), Watch()
    order: list[dict[str, object]] = []

    def look(loop: ClosedLoop) -> bool:
        assert loop.last is not None
        for kind, data in watch.update(
            now_s=loop.seconds,
            limits=loop.limits,
            grid_w=loop.grid_w[-1],
            powers_w=loop.last.counted_w,
            assumed=[],
            owed_w=OWED_W,
        ):
            if kind is Kind.ORDER:
                order.append(data)
        return False

    loop.run(60, until=look)
    assert charger_w(loop) <= 2000
    assert loop.last is not None
    codes = {warning.code for warning in loop.last.warnings}
    assert WarningCode.LIMIT_BELOW_MINIMUM in codes
    [data] = order
    assert (data["minimum_owed_w"], data["below_minimum"]) == (7560, True)
