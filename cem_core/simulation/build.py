"""Builds the home at the moment the simulator starts."""

from collections import deque
from datetime import datetime, timedelta
import random
from typing import Final

from cem_core.simulation.appliance import Appliance
from cem_core.simulation.battery import Battery
from cem_core.simulation.building import Building
from cem_core.simulation.car import Calendar, Car
from cem_core.simulation.charger import Charger
from cem_core.simulation.config import SimulationSetup
from cem_core.simulation.day_series import DaySeries
from cem_core.simulation.fields import HomeError
from cem_core.simulation.heat_pump import HeatPump
from cem_core.simulation.home import Home
from cem_core.simulation.load import Load
from cem_core.simulation.mains import Mains
from cem_core.simulation.registers import (
    HISTORY_MONTHS,
    ClosedMonth,
    MonthPeak,
    Registers,
    quarter_of,
)
from cem_core.simulation.solar import Solar
from cem_core.simulation.telegram import Plate

LOWEST_PEAK_W: Final = 2500.0
HIGHEST_PEAK_W: Final = 6500.0


def build_home(setup: SimulationSetup, series: DaySeries, start: datetime) -> Home:
    """Return the home at ``start``; the same seed gives the same home."""
    _check_columns(setup, series)
    local = start.astimezone(setup.time_zone)
    home = Home(
        setup=setup,
        series=series,
        now=start.replace(microsecond=0),
        registers=_registers(setup, local),
        plate=Plate(
            standard=setup.p1.standard,
            limiter_w=setup.p1.limiter_w,
            fuse_a=setup.p1.fuse_a,
        ),
        load=Load(draw=_draw(setup, "load"), restless=setup.load.restless),
        mains=Mains(draw=_draw(setup, "mains")),
    )
    if setup.battery:
        home.battery = Battery(
            parameters=setup.battery.parameters, energy_wh=setup.battery.energy_wh
        )
    if setup.solar:
        home.solar = Solar(
            parameters=setup.solar.parameters,
            limit_w=setup.solar.parameters.rated_w,
            draw=_draw(setup, "clouds"),
        )
    if setup.appliance:
        home.appliance = Appliance(parameters=setup.appliance)
    _add_heating(home)
    _add_car(home)
    return home


def _draw(setup: SimulationSetup, what: str) -> random.Random:
    return random.Random(f"{setup.seed}:{what}")  # noqa: S311 (no secret)


def _check_columns(setup: SimulationSetup, series: DaySeries) -> None:
    wanted = {
        ("load", "series"): setup.load.load,
        ("load", "outdoor_series"): setup.load.outdoor,
        ("load", "import_price_series"): setup.load.import_price,
        ("load", "export_price_series"): setup.load.export_price,
    }
    if setup.solar:
        wanted["solar", "series"] = setup.solar.series
    for path, column in wanted.items():
        if column not in series.columns:
            columns = ", ".join(sorted(series.columns))
            raise HomeError(
                ("simulate", *path), f"the series has no {column}; it has {columns}"
            )


def _add_heating(home: Home) -> None:
    setup = home.setup.heat_pump
    if setup is None:
        return
    home.heat_pump = HeatPump(
        parameters=setup.parameters,
        target_c=setup.target_c,
        power_limit_w=setup.parameters.max_power_w,
    )
    home.building = Building(
        parameters=setup.building, air_c=setup.initial_c, mass_c=setup.initial_c
    )


def _add_car(home: Home) -> None:
    setup = home.setup.car
    if setup is None:
        return
    calendar = Calendar(
        habits=setup.habits, time_zone=home.setup.time_zone, seed=home.setup.seed
    )
    car = Car(
        capacity_wh=setup.capacity_wh, energy_wh=setup.energy_wh, calendar=calendar
    )
    stay = calendar.stay_at(home.now)
    if setup.plugged:
        car.plug_in(home.now)
    elif stay:
        car.departs_at = stay.depart
    home.charger = Charger(
        parameters=setup.charger,
        car=car,
        current_limit_a=setup.charger.max_current_a,
    )


def _registers(setup: SimulationSetup, local: datetime) -> Registers:
    """Return the memory of a meter that has hung here for some years."""
    draw = _draw(setup, "meter")
    month = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    first_quarter_over = local - month >= timedelta(minutes=15)
    peak = MonthPeak(power_w=0.0, at=None)
    if first_quarter_over:
        since_s = draw.uniform(900, (local - month).total_seconds())
        at = quarter_of(month + timedelta(seconds=since_s))
        peak = MonthPeak(power_w=setup.month_peak_w, at=at)
    history: deque[ClosedMonth] = deque(maxlen=HISTORY_MONTHS)
    closed_at = month
    for _ in range(HISTORY_MONTHS):
        evening = draw.randrange(1, 27) * 24 + 18 - draw.choice((0, 6))
        at = closed_at - timedelta(days=28) + timedelta(hours=evening)
        peak_w = draw.uniform(LOWEST_PEAK_W, HIGHEST_PEAK_W)
        history.appendleft(
            ClosedMonth(closed_at=closed_at, peak=MonthPeak(power_w=peak_w, at=at))
        )
        closed_at = (closed_at - timedelta(days=1)).replace(day=1)
    return Registers(
        standard=setup.p1.standard,
        time_zone=setup.time_zone,
        import_wh={1: draw.uniform(3e6, 6e6), 2: draw.uniform(4e6, 8e6)},
        export_wh={1: draw.uniform(4e6, 7e6), 2: draw.uniform(1e6, 3e6)},
        month_peak=peak,
        history=history,
    )
