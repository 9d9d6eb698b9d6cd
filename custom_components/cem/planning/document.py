"""The HOME document and its series: what the worker is asked to plan.

kW and kWh from here on, as the contract of `cem optimize` says.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from typing import Any, Final

from cem_core.model import Direction, LimitSource, Message, Owner, PowerLimit, Series
from cem_core.model.units import kw
from cem_core.model.what_if import What
from cem_core.model.wish import Wish
from cem_core.tariff import PeaksSoFar
from custom_components.cem import device_wishes, para14a
from custom_components.cem.const import Kind, Mode
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers import S2Driver
from custom_components.cem.home import Home
from custom_components.cem.limit_names import limit_names
from custom_components.cem.planning.capacity import by_quarter_hours, capacity_document
from custom_components.cem.planning.described import (
    demand_column,
    over_form,
    without_costs,
)
from custom_components.cem.planning.devices import DESCRIBE
from custom_components.cem.planning.heat_pump import drawn_electric_kw
from custom_components.cem.planning.limits import (
    limit_document,
    planned_limits,
    site_document,
    turns,
)
from custom_components.cem.planning.outlook import Columns, Json, Outlook
from custom_components.cem.planning.promised import promised
from custom_components.cem.planning.steps import STEP, Steps

_GOES_ON_STEPS: Final = 4


@dataclass(slots=True, kw_only=True)
class Request:
    """What goes to the worker."""

    home: Json
    series: dict[str, list[Any]]
    limits: Sequence[PowerLimit] = ()  # that were ordered
    limit_names: Mapping[str, Message] = field(default_factory=dict)  # by id
    prices_known_until: datetime | None = None  # None: they are fixed
    wishes: Sequence[Wish] = ()  # of devices that are planned


def request(home: Home, outlook: Outlook, due: Iterable[datetime] = ()) -> Request:
    """Return the home and its series as the worker wants them.

    What is ``due``, beside what devices have to have done, is planned finely too.
    """
    steps, prices = outlook.steps, outlook.prices
    fixed_import, fixed_export = prices.fixed_import, prices.fixed_export
    columns: Columns = {
        "import_price": steps.lay(
            prices.imported,
            lambda _: 0.0 if fixed_import is None else fixed_import,
        ),
        "export_price": steps.lay(
            prices.exported,
            lambda _: 0.0 if fixed_export is None else fixed_export,
        ),
        "load_kw": [
            kw(outlook.load.at(time, outlook.present_load_w)) for time in steps.times
        ],
    }
    devices = []
    for device in home.devices.values():
        if _not_ours(home, device):
            _goes_on(device, outlook, columns)
            _does_once(home, device, outlook, columns)
            continue
        described = DESCRIBE[device.kind](home, device, outlook, columns)
        described = _as_it_says(home, device, described, outlook, columns)
        if device.promise.stuck:
            _goes_on(device, outlook, columns)
        if described is not None:
            devices.append(
                {"id": device.device_id, "kind": device.kind.value}
                | para14a.for_plan(device)
                | promised(device.kind, described, device.promise)
            )
    limits = planned_limits(home, steps.end)
    planned = {device["id"] for device in devices}
    wishes = [
        wish
        for wish in device_wishes.standing(home, steps.now)
        if wish.device_id in planned
    ]
    due = (*due, *(w.start for w in wishes if w.what is What.DEPART), *_due(devices))
    document = {
        "schema": 1,
        "name": home.entry.title,
        "time_zone": str(home.hass.config.time_zone),
        "tiers": steps.tiers((*due, *turns(limits, steps.end))),
        "start": steps.now.isoformat(),
        "grid": grid_document(home),
        "tariff": _tariff(home, outlook),
        "limits": [
            *(limit_document(limit) for limit in limits),
            *site_document(home, devices),
        ],
        "devices": devices,
    }
    series: dict[str, list[Any]] = {"time": [t.isoformat() for t in steps.times]}
    return Request(
        home=document,
        series=series | columns,
        limits=limits,
        limit_names=limit_names((*limits, *home.settings.beside_totals)),
        prices_known_until=steps.known_until,
        wishes=wishes,
    )


def _as_it_says(
    home: Home,
    device: ControlledDevice,
    form: Json | None,
    outlook: Outlook,
    columns: Columns,
) -> Json | None:
    """Return the device as it describes itself, where it does so over S2."""
    driver = device.driver
    if not isinstance(driver, S2Driver):
        return form
    said = driver.described(outlook.steps.now)
    if said is not None and driver.currency not in (None, home.hass.config.currency):
        said = without_costs(said)
    if driver.kind is Kind.APPLIANCE and said is None:
        return None  # no run is offered: it has begun, or nobody loaded it
    if said is not None and said.get("kind") == "left_alone":
        _goes_on(device, outlook, columns)
    found = over_form(form, said, outlook.steps.now)
    if found is None or found.get("kind") != "storage":
        return found
    name, demand = f"{driver.name}_demand_kw", driver.demand_kw()
    if demand:
        columns[name] = demand_column(demand, outlook.steps)
    elif driver.own_tank:
        columns[name] = drawn_electric_kw(home, device, outlook)
    else:
        return found
    return found | {"demand_series": name}


def departures(asked: Request) -> dict[str, str]:
    """Return when each car that is there leaves, as it was planned with."""
    leave = {
        device["id"]: device["sessions"][0]["depart"]
        for device in asked.home["devices"]
        if device.get("sessions")
    }
    wished = {
        wish.device_id: wish.start.isoformat()
        for wish in asked.wishes
        if wish.what is What.DEPART
    }
    return leave | {name: at for name, at in wished.items() if name in leave}


def _not_ours(home: Home, device: ControlledDevice) -> bool:
    """Whether somebody else decides what the device does, for now or for good."""
    if device.kind is Kind.SOLAR:
        return False
    taken = device.owner is Owner.PERSON or not device.control
    return taken and home.mode is Mode.CONTROL


def _goes_on(device: ControlledDevice, outlook: Outlook, columns: Columns) -> None:
    """Count what it draws now as load of the next hour; then nobody knows.

    Of a heat pump it is known: degree days tell what it needs.
    """
    power_kw = kw(device.power_w or 0)
    heating = outlook.heating.get(device.device_id, Series(()))
    for place, time in enumerate(outlook.steps.times):
        usual_w = heating.mean(time, time + STEP) or 0.0
        columns["load_kw"][place] += power_kw if place < _GOES_ON_STEPS else kw(usual_w)


def _does_once(
    home: Home, device: ControlledDevice, outlook: Outlook, columns: Columns
) -> None:
    """Count as load what somebody has it do once; what runs already is counted."""
    now = outlook.steps.now
    for wish in device_wishes.standing(home, now):
        if wish.device_id != device.device_id or not wish.takes_control:
            continue
        power_w = device.dispatched_most_w if wish.power_w is None else wish.power_w
        counted = _GOES_ON_STEPS if wish.start <= now else 0
        for place, time in enumerate(outlook.steps.times):
            if place >= counted and wish.start < time + STEP and time < wish.until:
                columns["load_kw"][place] += kw(power_w)


def grid_document(home: Home) -> Json:
    """Return the strictest of the contract, fuse, feed-in cap and the meter's limiter."""
    own = home.settings.contract.limits()
    metered = [x for x in home.snapshot.limits if x.source is LimitSource.METER]
    limits = {direction.value: inf for direction in Direction}
    for limit in (*own, *metered):
        if limit.phase is None:
            direction = limit.direction.value
            limits[direction] = min(limits[direction], limit.limit_w)
    return {
        "import_limit_kw": kw(limits["import"]),
        "export_limit_kw": kw(limits["export"]),
    }


def _due(devices: Iterable[Json]) -> Iterator[datetime]:
    """Yield by when something has to be done."""
    for device in devices:
        for session in device.get("sessions", ()):
            yield datetime.fromisoformat(session["depart"])
        if "latest_end" in device:
            yield datetime.fromisoformat(device["latest_end"])


def _tariff(home: Home, outlook: Outlook) -> Json:
    tariff: Json = {"currency": home.hass.config.currency}
    answers = home.tariff or {}
    capacity = capacity_document(answers)
    if capacity is None:
        return tariff
    if by_quarter_hours(answers):
        peak_kw = kw(home.month_peak_w or 0)
        so_far = {
            "peak_so_far_kw": max(capacity.get("floor_kw", 0), peak_kw),
            "open_period_kwh": _open_period_kwh(home, outlook.steps),
        }
    else:
        peaks = outlook.peaks or PeaksSoFar()
        so_far = {
            "peaks_so_far_kw": list(peaks.peaks_kw),
            "first_day_peak_kw": peaks.first_day_kw,
        }
    return tariff | {"capacity": capacity | so_far}


def _open_period_kwh(home: Home, steps: Steps) -> float | None:
    """Return what the running quarter hour has imported, None if it is not metered."""
    quarter = home.snapshot.quarter
    if quarter is None or quarter.start != steps.start:
        return None
    return kw(quarter.mean_w) * ((steps.now - steps.start) / timedelta(hours=1))
