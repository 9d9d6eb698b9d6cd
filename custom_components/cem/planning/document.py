"""The HOME document and its series: what the worker is asked to plan.

kW and kWh from here on, as the contract of `cem optimize` says.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from typing import Any, Final

from cem_core.model import Direction, LimitSource, Message, Owner, PowerLimit, Series
from cem_core.model.profile import ProfileChoice
from cem_core.model.units import kw
from cem_core.model.what_if import What
from cem_core.model.wish import Wish
from cem_core.tariff import PeaksSoFar
from custom_components.cem import device_wishes, para14a
from custom_components.cem.const import Kind, Mode
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers import S2Driver
from custom_components.cem.home import Home
from custom_components.cem.learning.models import store_of
from custom_components.cem.limit_names import limit_names
from custom_components.cem.phase_choice import THREE, least_power_w, most_power_w
from custom_components.cem.planning import giving_back, sessions
from custom_components.cem.planning.capacity import by_quarter_hours, capacity_document
from custom_components.cem.planning.described import demand_column, over_form
from custom_components.cem.planning.heat_pump import drawn_electric_kw, heat_pump
from custom_components.cem.planning.house_load import HouseLoad
from custom_components.cem.planning.limits import (
    limit_document,
    planned_limits,
    site_document,
    turns,
)
from custom_components.cem.planning.prices import Prices
from custom_components.cem.planning.promised import promised
from custom_components.cem.planning.steps import STEP, Steps
from custom_components.cem.planning.water_heater import water_heater

type Json = dict[str, Any]
type Columns = dict[str, list[float]]

_GOES_ON_STEPS: Final = 4
# In the home's currency, to full power. Less than what a person would move a run for,
# but more than what two devices gain by taking turns below a peak.
_START_COST: Final = 0.02
_STANDBY_W: Final = 50  # electronics draw so much while nothing runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Everything that is foretold for a plan."""

    steps: Steps
    prices: Prices
    load: HouseLoad
    present_load_w: float | None
    solar: Mapping[str, Series] = field(default_factory=dict)
    outdoor: Mapping[str, Series] = field(default_factory=dict)
    heating: Mapping[str, Series] = field(default_factory=dict)
    walls_apart_k: Mapping[str, float] = field(default_factory=dict)
    peaks: PeaksSoFar | None = None  # of a tariff by the hour


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
            continue
        described = _DEVICES[device.kind](home, device, outlook, columns)
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
    """Return the device as it describes itself over S2, else as its form does."""
    driver = device.driver
    if not isinstance(driver, S2Driver):
        return form
    said = driver.described(outlook.steps.now)
    if said is not None and driver.currency not in (None, home.hass.config.currency):
        said = {key: value for key, value in said.items() if key != "start_cost"}
    if driver.kind is Kind.APPLIANCE and said is None:
        return None  # no run is offered: it has begun, or nobody loaded it
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


def _solar(
    home: Home, device: ControlledDevice, outlook: Outlook, columns: Columns
) -> Json:
    del home
    column = f"{device.device_id}_kw"
    series = outlook.solar.get(device.device_id, Series(()))
    powers = outlook.steps.lay(series, lambda _: 0.0)
    most_w = device.model.rated_power_w
    columns[column] = [kw(min(max(0.0, power), most_w)) for power in powers]
    return {"series": column, "curtailable": device.controllable}


def _battery(
    home: Home, device: ControlledDevice, outlook: Outlook, columns: Columns
) -> Json | None:
    del outlook
    charged = device.state_of_charge
    if charged is None or not device.controllable:
        return None  # no one can tell what it holds, or order it about
    return battery(home, device, charged, columns["import_price"])


def battery(
    home: Home, device: ControlledDevice, charged: float, prices: Sequence[float]
) -> Json:
    """Return a battery that is ``charged`` from 0 to 1, where imports cost ``prices``."""
    data = device.data
    one_way = (data.get("efficiency", 90) / 100) ** 0.5
    capacity, stored, given = data["capacity"], one_way, one_way
    if (real := store_of(home.learned, device)) is not None:
        capacity = kw(real.capacity_wh)
        stored, given = real.charge_efficiency, real.discharge_efficiency
    most = capacity * data.get("max_state_of_charge", 100) / 100
    energy = min(charged * capacity, most)
    # What the battery was left with below its floor is not asked back at once.
    least = min(capacity * data.get("min_state_of_charge", 10) / 100, energy)
    worth = sum(prices) / len(prices) * given - data.get("wear_per_kwh", 0.02)
    return {
        "capacity_kwh": most,
        "min_energy_kwh": least,
        "initial_energy_kwh": energy,
        "charge_limit_kw": data["charge_limit"],
        "discharge_limit_kw": data["discharge_limit"],
        "charge_efficiency": stored,
        "discharge_efficiency": given,
        "wear_per_kwh": data.get("wear_per_kwh", 0.02),
        "end_value_per_kwh": max(0.0, worth),
    }


def _starting(device: ControlledDevice) -> Json:
    """Say what a start costs; what runs already does not start."""
    power_w = device.power_w
    runs = power_w is not None and power_w > _STANDBY_W
    return {"start_cost": _START_COST, "initially_on": runs}


def _least_times(device: ControlledDevice) -> Json:
    times = {
        "min_on_minutes": int(device.data.get("min_on_time", 0)),
        "min_off_minutes": int(device.data.get("min_off_time", 0)),
    }
    return {key: minutes for key, minutes in times.items() if minutes}


def _car_powers(device: ControlledDevice) -> Json:
    """Return what it can draw; with phases to switch there is a gap between them."""
    if device.choice is None:
        least_w, most_w = device.model.min_power_w, device.dispatched_most_w
        return {"min_power_kw": kw(least_w), "max_power_kw": kw(most_w)}
    least_w, most_w = least_power_w(device), most_power_w(device)
    return {
        "min_power_kw": kw(least_w),
        "max_power_kw": kw(most_w),
        "power_ranges": [
            {"min_kw": kw(least_w), "max_kw": kw(most_w / THREE)},
            {"min_kw": kw(THREE * least_w), "max_kw": kw(most_w)},
        ],
    }


def _ev_charger(
    home: Home, device: ControlledDevice, outlook: Outlook, columns: Columns
) -> Json:
    del columns
    data, profile = device.data, home.store.profile
    if any(
        wish.device_id == device.device_id
        for wish in device_wishes.standing(home, outlook.steps.now)
    ):
        profile = ProfileChoice()  # somebody is there who wants something of it
    return {
        **_car_powers(device),
        "efficiency": data.get("charge_efficiency", 90) / 100,
        **_starting(device),
        "sessions": sessions.car(device, outlook.steps, profile),
        **giving_back.fields(device),
    }


def _heat_pump(
    home: Home, device: ControlledDevice, outlook: Outlook, columns: Columns
) -> Json | None:
    described = heat_pump(home, device, outlook, columns)
    if described is None:
        return None
    return described | _least_times(device) | _starting(device)


def _water_heater(
    home: Home, device: ControlledDevice, outlook: Outlook, columns: Columns
) -> Json:
    described = water_heater(home, device, outlook, columns)
    return described | _least_times(device) | _starting(device)


def _appliance(
    home: Home, device: ControlledDevice, outlook: Outlook, columns: Columns
) -> Json | None:
    """A run to come; one that is under way is load that nobody can move.

    One that somebody wishes may lie outside the hours of the form.
    """
    profile = device.profile_kw
    if device.running and device.started_at is not None:
        for place, time in enumerate(outlook.steps.times):
            past = (time - device.started_at) // STEP
            if 0 <= past < len(profile):
                columns["load_kw"][place] += profile[past]
        return None
    window = _wished_run(home, device, outlook.steps) or sessions.run_window(
        device, outlook.steps
    )
    if window is None:
        return None
    return {
        "profile_kw": list(profile),
        "profile_step_minutes": 15,
        "earliest_start": window[0].isoformat(),
        "latest_end": window[1].isoformat(),
    }


def _wished_run(
    home: Home, device: ControlledDevice, steps: Steps
) -> tuple[datetime, datetime] | None:
    """Return from when until when the run that somebody wishes lies."""
    for wish in device_wishes.standing(home, steps.now):
        if wish.device_id == device.device_id and wish.what is What.START:
            start = max(wish.start, steps.now)
            # A start within a step is put at the next one.
            end = start + device.run_length + STEP
            return (start, end) if end <= steps.end else None
    return None


type Describe = Callable[[Home, ControlledDevice, Outlook, Columns], Json | None]

_DEVICES: Final[Mapping[Kind, Describe]] = {
    Kind.SOLAR: _solar,
    Kind.BATTERY: _battery,
    Kind.EV_CHARGER: _ev_charger,
    Kind.HEAT_PUMP: _heat_pump,
    Kind.WATER_HEATER: _water_heater,
    Kind.APPLIANCE: _appliance,
}
