"""One device of HOME.yaml and its section in `simulate` -> its parameters."""

from dataclasses import dataclass
from datetime import time
from typing import Final

from cem_core.simulation.appliance import ApplianceParameters
from cem_core.simulation.battery import BatteryParameters
from cem_core.simulation.building import BuildingParameters
from cem_core.simulation.car import Habit
from cem_core.simulation.charger import ChargerParameters
from cem_core.simulation.fields import Fields
from cem_core.simulation.heat_pump import HeatPumpParameters
from cem_core.simulation.solar import SolarParameters

W_PER_KW: Final = 1000
HIGHEST_KW: Final = 100
SECONDS_PER_MINUTE: Final = 60
PHASES: Final = 3
NOMINAL_V: Final = 230.0
WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
WORKDAYS: Final = frozenset(range(5))
DEFAULT_HABITS: Final = (
    Habit(
        weekdays=WORKDAYS - {4},
        arrive=time(17, 30),
        depart=time(7, 30),
        energy_wh=11000,
    ),
    Habit(
        weekdays=frozenset({4}), arrive=time(17), depart=time(10, 30), energy_wh=11000
    ),
    Habit(weekdays=frozenset({5}), arrive=time(15), depart=time(11), energy_wh=9000),
    Habit(
        weekdays=frozenset({6}), arrive=time(17), depart=time(7, 30), energy_wh=14000
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatterySetup:
    """The battery and what is in it at the start."""

    parameters: BatteryParameters
    energy_wh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CarSetup:
    """The EV charger, the car and its habits."""

    charger: ChargerParameters
    capacity_wh: float
    energy_wh: float
    plugged: bool
    habits: tuple[Habit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatPumpSetup:
    """The heat pump, the building it heats, and what it heats it to."""

    parameters: HeatPumpParameters
    building: BuildingParameters
    target_c: float
    initial_c: float
    gains_w: float
    gains_per_solar_w: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SolarSetup:
    """The inverter and its column of the series, in kW."""

    parameters: SolarParameters
    series: str


def read_battery(device: Fields | None, section: Fields) -> BatterySetup | None:
    """Return the battery; `self_consumption` is its own mode at the start."""
    watchdog_s = section.number("watchdog_s", 0)
    state_of_charge = section.number("state_of_charge", -1, low=-1, high=1)
    section.done()
    if device is None:
        return None
    capacity_kwh = device.number("capacity_kwh", low=0.1)
    capacity_wh = W_PER_KW * capacity_kwh
    initial_wh = W_PER_KW * device.number(
        "initial_energy_kwh", capacity_kwh / 2, high=capacity_kwh
    )
    return BatterySetup(
        parameters=BatteryParameters(
            capacity_wh=capacity_wh,
            min_energy_wh=W_PER_KW
            * device.number("min_energy_kwh", 0, high=capacity_kwh),
            charge_limit_w=W_PER_KW * device.number("charge_limit_kw"),
            discharge_limit_w=W_PER_KW * device.number("discharge_limit_kw"),
            charge_efficiency=device.number("charge_efficiency", 0.95, low=0.1, high=1),
            discharge_efficiency=device.number(
                "discharge_efficiency", 0.95, low=0.1, high=1
            ),
            watchdog_s=watchdog_s or None,
        ),
        energy_wh=initial_wh if state_of_charge < 0 else state_of_charge * capacity_wh,
    )


def read_car(device: Fields | None, section: Fields) -> CarSetup | None:
    """Return the EV charger and the car."""
    capacity_wh = W_PER_KW * section.number("capacity_kwh", 60, low=1)
    energy_wh = capacity_wh * section.number("state_of_charge", 0.4, high=1)
    plugged = section.flag("plugged", default=False)
    habits = tuple(_habit(item) for item in section.items("habits"))
    section.done()
    if device is None:
        return None
    volts = PHASES * NOMINAL_V
    max_power_w = W_PER_KW * device.number("max_power_kw", 11)
    return CarSetup(
        charger=ChargerParameters(
            max_current_a=round(max_power_w / volts),
            efficiency=device.number("efficiency", 0.9, low=0.1, high=1),
        ),
        capacity_wh=capacity_wh,
        energy_wh=energy_wh,
        plugged=plugged,
        habits=habits or DEFAULT_HABITS,
    )


def read_heat_pump(
    device: Fields | None, section: Fields, building: Fields
) -> HeatPumpSetup | None:
    """Return the heat pump and the building."""
    thermal = device.section("thermal") if device else Fields({})
    like = BuildingParameters.like(
        resistance_k_per_w=thermal.number("resistance_k_per_kw", 5, low=0.01)
        / W_PER_KW,
        capacitance_wh_per_k=W_PER_KW
        * thermal.number("capacitance_kwh_per_k", 8, low=0.01),
    )
    parameters = _building(building, like)
    max_power_w = W_PER_KW * (device.number("max_power_kw") if device else 0.0)
    setup = HeatPumpSetup(
        parameters=HeatPumpParameters(
            max_power_w=max_power_w,
            min_power_w=W_PER_KW
            * section.number("min_power_kw", 0.25 * max_power_w / W_PER_KW),
            min_on_s=SECONDS_PER_MINUTE * section.number("min_on_minutes", 10),
            cop_at_0_c=section.number("cop_at_0_c", 3.0),
            cop_per_k=section.number("cop_per_k", 0.08),
        ),
        building=parameters,
        target_c=section.number("target_c", 21, low=5, high=30),
        initial_c=thermal.number("initial_c", 20.5, low=-20, high=40),
        gains_w=W_PER_KW * section.number("gains_kw", 0.25),
        gains_per_solar_w=section.number("gains_per_solar_kw", 0.15),
    )
    section.done()
    return setup if device else None


def _building(fields: Fields, like: BuildingParameters) -> BuildingParameters:
    def resistance(name: str, default_k_per_w: float) -> float:
        default = default_k_per_w * W_PER_KW
        return fields.number(name, default, low=0.001) / W_PER_KW

    def capacity(name: str, default_wh_per_k: float) -> float:
        default = default_wh_per_k / W_PER_KW
        return fields.number(name, default, low=0.01) * W_PER_KW

    parameters = BuildingParameters(
        air_out_k_per_w=resistance("air_out_k_per_kw", like.air_out_k_per_w),
        air_mass_k_per_w=resistance("air_mass_k_per_kw", like.air_mass_k_per_w),
        mass_out_k_per_w=resistance("mass_out_k_per_kw", like.mass_out_k_per_w),
        air_wh_per_k=capacity("air_kwh_per_k", like.air_wh_per_k),
        mass_wh_per_k=capacity("mass_kwh_per_k", like.mass_wh_per_k),
        heat_to_mass=fields.number("heat_to_mass", like.heat_to_mass, high=1),
    )
    fields.done()
    return parameters


def read_solar(device: Fields | None, section: Fields) -> SolarSetup | None:
    """Return the inverter."""
    rated_w = W_PER_KW * section.number("rated_kw", 6)
    clouds = section.number("clouds", 0.08, high=1)
    section.done()
    if device is None:
        return None
    return SolarSetup(
        parameters=SolarParameters(rated_w=rated_w, clouds=clouds),
        series=device.text("series", "pv_kw"),
    )


def read_appliance(device: Fields | None) -> ApplianceParameters | None:
    """Return the appliance's programme."""
    if device is None:
        return None
    minutes = device.number("profile_step_minutes", 15, low=1)
    return ApplianceParameters(
        profile_w=tuple(W_PER_KW * power_kw for power_kw in _profile_kw(device)),
        profile_step_s=SECONDS_PER_MINUTE * minutes,
    )


def _profile_kw(device: Fields) -> list[float]:
    profile = device.value("profile_kw")
    if not isinstance(profile, list) or not profile:
        raise device.error("profile_kw", "a list of powers is expected")
    for power_kw in profile:
        number = isinstance(power_kw, int | float) and not isinstance(power_kw, bool)
        if not number or not 0 <= power_kw < HIGHEST_KW:
            raise device.error("profile_kw", f"{power_kw!r} is no power in kW")
    return [float(power_kw) for power_kw in profile]


def _habit(fields: Fields) -> Habit:
    names = fields.value("weekdays")
    if not isinstance(names, list) or any(name not in WEEKDAYS for name in names):
        raise fields.error("weekdays", f"a list of {', '.join(WEEKDAYS)}")
    habit = Habit(
        weekdays=frozenset(WEEKDAYS.index(name) for name in names),
        arrive=_clock(fields, "arrive"),
        depart=_clock(fields, "depart"),
        energy_wh=W_PER_KW * fields.number("energy_kwh"),
    )
    fields.done()
    return habit


def _clock(fields: Fields, name: str) -> time:
    text = fields.text(name, "")
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise fields.error(
            name, f'a clock time such as "17:30", not {text!r}'
        ) from error
