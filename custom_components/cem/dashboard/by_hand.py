"""What a person could have batteries and hot water do once, by what is foretold."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from cem_core.insight.by_hand import (
    Battery,
    ByHand,
    Course,
    Tank,
    best_charge,
    best_heating,
    own_rule,
)
from cem_core.insight.carnot import water_cop
from cem_core.model import DeviceKind
from cem_core.model.units import kw
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.device_wishes import under_control
from custom_components.cem.drivers.tank import MAX_C, USUAL_C
from custom_components.cem.home import Home
from custom_components.cem.planning.battery import battery
from custom_components.cem.planning.steps import STEP
from custom_components.cem.planning.water_heater import drawn_kw, loss_kw_per_k

if TYPE_CHECKING:
    from collections.abc import Mapping

type Json = dict[str, Any]
type Found = tuple[ControlledDevice, ByHand]

_WATER_KWH_PER_L_K: Final = 1.163e-3
_MILD_C: Final = 10.0


def by_hand(home: Home, now: datetime, ahead: timedelta) -> list[Found]:
    """Return what pays for devices that are not under control, begun within ``ahead``.

    Nothing before the first plan is made: it needs what is foretold.
    """
    course = _course(home, now)
    if course is None:
        return []
    batteries = [
        (device, store)
        for device in home.by_kind(DeviceKind.BATTERY)
        if (store := _battery(home, device, course)) is not None
    ]
    grid_kw: Sequence[float] = course.net_kw
    for _, store in batteries:
        grid_kw, _ = own_rule(replace(course, net_kw=grid_kw), store)
    found: list[tuple[ControlledDevice, ByHand | None]] = [
        (device, best_charge(course, store, now, ahead))
        for device, store in batteries
        if home.savings.own_rule and not under_control(home, device)
    ]
    found += [
        (device, best_heating(course, grid_kw, tank, now, ahead))
        for device in home.devices.values()
        if not under_control(home, device)
        and (tank := _tank(home, device, course)) is not None
    ]
    return [(device, chance) for device, chance in found if chance is not None]


def _course(home: Home, now: datetime) -> Course | None:
    """Return what the last plan was made with, from now on."""
    if home.solved is None:
        return None
    asked = home.solved.asked
    times = [datetime.fromisoformat(time) for time in asked.series["time"]]
    first = sum(1 for time in times if time + STEP <= now)
    if first >= len(times):
        return None

    def ahead(name: str) -> list[float]:
        return list(islice(asked.series[name], first, None))

    net_kw = ahead("load_kw")
    for device in asked.home["devices"]:
        if device["kind"] == Kind.SOLAR:
            sun = ahead(device["series"])
            net_kw = [net - kw_ for net, kw_ in zip(net_kw, sun, strict=True)]
    return Course(
        start=times[first],
        step=STEP,
        net_kw=net_kw,
        import_price=ahead("import_price"),
        export_price=ahead("export_price"),
        most_kw=_most_kw(asked.home),
    )


def _most_kw(planned: Mapping[str, Any]) -> float:
    """Return what may be drawn: the connection's limit, or a peak that is billed."""
    limit: float = planned["grid"]["import_limit_kw"]
    capacity = planned["tariff"].get("capacity")
    if capacity is None:
        return limit
    peaks = capacity.get("peaks_so_far_kw", ())
    peak: float = capacity.get("peak_so_far_kw", max(peaks, default=0.0))
    return min(limit, peak)


def _battery(home: Home, device: ControlledDevice, course: Course) -> Battery | None:
    charged = device.state_of_charge
    if charged is None:
        return None
    described = battery(home, device, charged, course.import_price)
    return Battery(
        energy_kwh=described["initial_energy_kwh"],
        least_kwh=described["min_energy_kwh"],
        capacity_kwh=described["capacity_kwh"],
        charge_kw=described["charge_limit_kw"],
        discharge_kw=described["discharge_limit_kw"],
        charge_efficiency=described["charge_efficiency"],
        discharge_efficiency=described["discharge_efficiency"],
        wear_per_kwh=described["wear_per_kwh"],
    )


def _tank(home: Home, device: ControlledDevice, course: Course) -> Tank | None:
    """Return the tank of a water heater, or of a heat pump that says how warm it is."""
    data, water_c = device.data, device.water_c
    if device.kind is Kind.WATER_HEATER:
        volume_l, most_c = data["volume"], data["max_temperature"]
        usual_c, loss_kwh = data["set_temperature"], data.get("daily_loss", 1.5)
        daily_kwh, cop = data.get("daily_draw", 5.8), data.get("cop", 1)
    elif device.model.heats_water and water_c is not None:
        volume_l, most_c = data.get("tank_volume", 200), data.get("tank_max", MAX_C)
        usual_c, loss_kwh = data.get("tank_usual", USUAL_C), data.get("tank_loss", 1.5)
        outdoor_c = _MILD_C if device.outdoor_c is None else device.outdoor_c
        daily_kwh, cop = data.get("tank_draw", 5.8), water_cop(outdoor_c, usual_c)
    else:
        return None
    holds_kwh_per_k = volume_l * _WATER_KWH_PER_L_K
    times = [course.at(place) for place in range(len(course.net_kw))]
    return Tank(
        room_kwh=max(0.0, most_c - (usual_c if water_c is None else water_c))
        * holds_kwh_per_k,
        draw_kw=drawn_kw(times, daily_kwh, home.store.profile),
        power_kw=kw(device.dispatched_most_w),
        cop=cop,
        lost_per_hour=loss_kw_per_k(loss_kwh, usual_c) / holds_kwh_per_k,
    )
