"""Learning on request: samples and what a person stated in, models out.

    {time_zone, parts: {ID: PART}}, a PART is one of
    {kind: building, dwelling: {kind, floor_area_m2, building_year},
     stated: {resistance_k_per_w, …, cop_at_7_c}, samples: {time, indoor_c,
     outdoor_c, electric_w, solar_w_per_m2, heat_w, flow_c, away}}
    {kind: battery, stated: {capacity_wh, round_trip_efficiency},
     samples: {time, power_w, state_of_charge}}
    {kind: hot_water, stated: {wh_per_day, litres, loss_w_per_k, around_c, cop, shared},
     samples: {time, water_c, electric_w, away}}
    {kind: car, stated: {departs_h, need_wh},
     sessions: [{arrive, depart, energy_wh, away}]}

A building whose heat pump heats a tank too has ``hot_water``: {stated, samples} of it.
Samples are columns of one length, null where nothing is known. What is stated
takes the place of a start value.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from cem_core.insight.learned.battery import BatteryModel, BatterySample, learn_battery
from cem_core.insight.learned.bounds import bounded, bounds
from cem_core.insight.learned.building import (
    ThermalModel,
    ThermalSample,
    learn_building,
)
from cem_core.insight.learned.car import PARTS_A_DAY, CarHabits, Session, learn_car
from cem_core.insight.learned.cop import CopModel, CopSample, learn_cop
from cem_core.insight.learned.dwelling import Dwelling, DwellingKind
from cem_core.insight.learned.hot_water import HotWaterDraw, learn_hot_water
from cem_core.insight.learned.learned import learned_to_json
from cem_core.insight.learned.tank_draw import DrawnTank, TankRow, draws
from cem_core.insight.requests import RequestError, numbers

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

type Json = Mapping[str, Any]

_MEASURED: Final = (
    *("indoor_c", "outdoor_c", "electric_w"),
    *("solar_w_per_m2", "heat_w", "flow_c"),
)
_TANK: Final = ("litres", "loss_w_per_k", "around_c", "cop", "shared")
_MILD_C: Final = 7.0  # EN 14511: the point at which a COP is printed
_MORNING: Final = 1  # who comes in this part of the day leaves on the same
_EARLY_TO_LATE_H: Final = (-0.5, 0.0, 1.0)
_LOW_TO_HIGH: Final = (0.5, 1.0, 1.75)
_HOURS_A_PART: Final = 24 / PARTS_A_DAY


def learn(document: Json) -> dict[str, Any]:
    """Return what is learned of each part, by its id and the model's name.

    Raises `RequestError` for a request that cannot be read.
    """
    zone = ZoneInfo(document["time_zone"])
    answer = {}
    for name, part in document["parts"].items():
        kind = part.get("kind")
        if kind not in _KINDS:
            raise RequestError(f"{name}: kind {kind!r} is none of {[*_KINDS]}")
        answer[name] = _KINDS[kind](part, zone)
    return answer


def _building(part: Json, zone: tzinfo) -> dict[str, Any]:
    described, stated, samples = part["dwelling"], part["stated"], part["samples"]
    dwelling = Dwelling(
        kind=DwellingKind(described["kind"]),
        floor_area_m2=described["floor_area_m2"],
        building_year=described["building_year"],
    )
    cop_prior = cop_of(stated.get("cop_at_7_c"), CopModel.typical(dwelling))
    prior = _with(ThermalModel, ThermalModel.typical(dwelling), stated)
    times = [datetime.fromisoformat(time) for time in samples["time"]]
    column = {name: numbers(samples, name) for name in _MEASURED}
    cop = learn_cop(
        [
            CopSample(
                time=time,
                electric_w=column["electric_w"][row],
                heat_w=column["heat_w"][row],
                outdoor_c=column["outdoor_c"][row],
                flow_c=column["flow_c"][row],
            )
            for row, time in enumerate(times)
        ],
        cop_prior,
    )
    building = learn_building(
        [
            ThermalSample(
                time=time,
                indoor_c=column["indoor_c"][row],
                outdoor_c=column["outdoor_c"][row],
                electric_w=column["electric_w"][row],
                solar_w_per_m2=column["solar_w_per_m2"][row],
                heat_w=column["heat_w"][row],
                away=samples["away"][row],
            )
            for row, time in enumerate(times)
        ],
        prior,
        cop.parameters,
    )
    found = {"building": learned_to_json(building), "cop": learned_to_json(cop)}
    tank = part.get("hot_water")
    return found if tank is None else found | _hot_water(tank, zone)


def _hot_water(part: Json, zone: tzinfo) -> dict[str, Any]:
    stated, samples = part["stated"], part["samples"]
    tank = DrawnTank(**{name: stated[name] for name in _TANK})
    water_c, electric_w = numbers(samples, "water_c"), numbers(samples, "electric_w")
    rows = [
        TankRow(
            time=datetime.fromisoformat(time),
            water_c=water_c[row],
            electric_w=electric_w[row],
            away=samples["away"][row],
        )
        for row, time in enumerate(samples["time"])
    ]
    prior = HotWaterDraw.profile(stated["wh_per_day"])
    return {
        "hot_water": learned_to_json(learn_hot_water(draws(rows, tank), prior, zone))
    }


def cop_of(at_7_c: float | None, typical: CopModel) -> CopModel:
    """Return ``typical``, scaled to the COP that is stated for 7 degrees."""
    if at_7_c is None:
        return typical
    scale = at_7_c / (typical.cop_at_0_c + _MILD_C * typical.cop_per_k)
    return bounded(
        CopModel, {name: scale * getattr(typical, name) for name in bounds(CopModel)}
    )


def _battery(part: Json, zone: tzinfo) -> dict[str, Any]:
    del zone
    stated, samples = part["stated"], part["samples"]
    one_way = stated["round_trip_efficiency"] ** 0.5
    prior = replace(
        BatteryModel.typical(stated["capacity_wh"]),
        charge_efficiency=one_way,
        discharge_efficiency=one_way,
    )
    power_w, charge = numbers(samples, "power_w"), numbers(samples, "state_of_charge")
    found = learn_battery(
        [
            BatterySample(
                time=datetime.fromisoformat(time),
                power_w=power_w[row],
                state_of_charge=charge[row],
            )
            for row, time in enumerate(samples["time"])
        ],
        prior,
    )
    return {"battery": learned_to_json(found)}


def _car(part: Json, zone: tzinfo) -> dict[str, Any]:
    stated = part["stated"]
    sessions = [
        Session(
            arrive=datetime.fromisoformat(session["arrive"]),
            depart=datetime.fromisoformat(session["depart"]),
            energy_wh=session["energy_wh"],
            away=session["away"],
        )
        for session in part["sessions"]
    ]
    prior = habits_of(stated["departs_h"], stated["need_wh"])
    return {"car": learned_to_json(learn_car(sessions, prior, zone))}


def habits_of(departs_h: float, need_wh: float) -> CarHabits:
    """Return start values for a car that leaves at ``departs_h`` o'clock."""
    typical = CarHabits.typical()
    (day, *_) = typical.depart_h
    parts = [
        [_next(departs_h, part) + apart for apart in _EARLY_TO_LATE_H]
        if part != _MORNING
        else by_day
        for part, by_day in enumerate(day)
    ]
    need = [[share * need_wh for share in _LOW_TO_HIGH]] * PARTS_A_DAY
    week = len(typical.depart_h)
    return bounded(
        CarHabits,
        {
            "arrive_h": typical.arrive_h,
            "depart_h": [parts] * week,
            "need_wh": [need] * week,
        },
    )


def _next(clock_h: float, part: int) -> float:
    """Return when it is next ``clock_h`` after a part of the day, in hours of it."""
    return clock_h if clock_h >= (part + 1) * _HOURS_A_PART else clock_h + 24


def _with[P: DataclassInstance](kind: type[P], start: P, stated: Json) -> P:
    """Return ``start`` with what is ``stated`` of it."""
    own = {name: getattr(start, name) for name in bounds(kind)}
    return bounded(kind, own | {name: stated[name] for name in own if name in stated})


type Learn = Callable[[Json, tzinfo], dict[str, Any]]

_KINDS: Final[Mapping[str, Learn]] = {
    "building": _building,
    "battery": _battery,
    "car": _car,
    "hot_water": _hot_water,
}
