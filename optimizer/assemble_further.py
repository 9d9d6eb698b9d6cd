"""Heat, further stores, loads and generators of a home with their series."""

from collections.abc import Set as AbstractSet

import numpy as np

from optimizer import home
from optimizer.align import Columns
from optimizer.component import Component
from optimizer.components.flexible_load import FlexibleLoad
from optimizer.components.generator import Generator
from optimizer.components.heat_pump import HeatPump
from optimizer.components.programme import Programme
from optimizer.components.storage import Storage
from optimizer.components.water_heater import WaterHeater
from optimizer.cop import cop, flow_c
from optimizer.home import Column
from optimizer.horizon import Horizon
from optimizer.series import Numbers
from optimizer.tank import TankModel

type Further = (
    home.HeatPump
    | home.WaterHeater
    | home.Storage
    | home.FlexibleLoad
    | home.Programme
    | home.Generator
)


def further(
    device: Further, columns: Columns, horizon: Horizon, exclusive: AbstractSet[int]
) -> Component:
    """Return the component of ``device``."""
    match device:
        case home.HeatPump():
            return _heat_pump(device, columns, horizon, exclusive)
        case home.WaterHeater():
            return _water_heater(device, columns, horizon)
        case home.Storage():
            demand_kw = _column(device.demand_series, columns, horizon)
            return Storage(device=device, demand_kw=demand_kw)
        case home.FlexibleLoad():
            return FlexibleLoad(device=device)
        case home.Programme():
            return Programme(device=device)
        case home.Generator():
            return Generator(device=device)


def _heat_pump(
    device: home.HeatPump,
    columns: Columns,
    horizon: Horizon,
    exclusive: AbstractSet[int],
) -> HeatPump:
    """Return a heat pump with its COPs, weather and wishes."""
    cooling, tank = device.cooling_series, device.hot_water
    return HeatPump(
        device=device,
        cop=_cop(device, columns, horizon),
        gains_kw=_column(device.thermal.gains_series, columns, horizon),
        outdoor_c=columns[Column.OUTDOOR],
        lowest_c=columns[device.comfort.min_series],
        highest_c=columns[device.comfort.max_series],
        cooling=None if cooling is None else columns[cooling],
        water_cop=_water_cop(device, columns, horizon),
        tank=None if tank is None else _tank_model(tank, columns, horizon),
        exclusive=exclusive,
    )


def _tank_model(tank: home.Tank, columns: Columns, horizon: Horizon) -> TankModel:
    """Return a tank with what is drawn off it."""
    drawn_kw = _column(tank.draw_series, columns, horizon)
    return TankModel(tank=tank, draw_kw=drawn_kw)


def _water_heater(
    device: home.WaterHeater, columns: Columns, horizon: Horizon
) -> WaterHeater:
    """Return a water heater with its COP and its water."""
    name = device.cop_series
    return WaterHeater(
        device=device,
        cop=np.ones(horizon.steps) if name is None else columns[name],
        tank=_tank_model(device.tank, columns, horizon),
    )


def _column(name: str | None, columns: Columns, horizon: Horizon) -> Numbers:
    """Return the column of that name, 0 throughout where none is named."""
    return np.zeros(horizon.steps) if name is None else columns[name]


def _cop(device: home.HeatPump, columns: Columns, horizon: Horizon) -> Numbers:
    curve, outdoor_c = device.cop_curve, columns[Column.OUTDOOR]
    if curve is not None:
        return cop(curve, outdoor_c, flow_c(curve, outdoor_c))
    return _column(device.cop_series, columns, horizon)


def _water_cop(device: home.HeatPump, columns: Columns, horizon: Horizon) -> Numbers:
    curve = device.cop_curve
    if device.water_cop_series is not None:
        return columns[device.water_cop_series]
    if curve is not None:
        return cop(curve, columns[Column.OUTDOOR], curve.water_flow_c)
    return _cop(device, columns, horizon)
