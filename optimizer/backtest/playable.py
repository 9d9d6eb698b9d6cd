"""What of HOME.yaml a backtest plays; the rest is refused, never left out in silence."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, replace
from typing import Any, Final

from optimizer.document import InputError, Problem
from optimizer.home import Basis, Battery, EvCharger, HeatPump, Home
from optimizer.home_tariff import MeteredPhases

_ALWAYS: Final = frozenset(
    {"id", "controllable", "phases", "rated_power_kw", "group", "commissioning_date"}
)
_PLAYED: Final[Mapping[str, frozenset[str]]] = {
    "solar": frozenset({"series", "curtailable"}),
    "battery": frozenset(
        {
            "capacity_kwh",
            "min_energy_kwh",
            "initial_energy_kwh",
            "final_energy_kwh",
            "reserve_kwh",
            "charge_limit_kw",
            "discharge_limit_kw",
            "charge_efficiency",
            "discharge_efficiency",
            "wear_per_kwh",
            "end_value_per_kwh",
        }
    ),
    "ev_charger": frozenset(
        {
            "min_power_kw",
            "max_power_kw",
            "efficiency",
            "bidirectional",
            "discharge_limit_kw",
            "discharge_efficiency",
            "wear_per_kwh",
            "sessions",
        }
    ),
    "heat_pump": frozenset({"max_power_kw", "cop_series", "thermal", "comfort"}),
    "appliance": frozenset(
        {"profile_kw", "profile_step_minutes", "earliest_start", "latest_end"}
    ),
}
_SESSION: Final = frozenset({"arrive", "depart", "energy_kwh", "min_energy_kwh"})
_THERMAL: Final = frozenset(
    {"resistance_k_per_kw", "capacitance_kwh_per_k", "initial_c", "gains_series"}
)


def playable(home: Home) -> Home:
    """Return ``home`` with its reserves as least energies. Raises `InputError`."""
    problems = [
        Problem("a backtest does not play this yet; leave it out", where)
        for where in (*_unplayed(home), *_of_devices(home))
    ]
    if problems:
        raise InputError(problems)
    devices = tuple(
        replace(
            d,
            min_energy_kwh=max(d.min_energy_kwh, d.reserve_kwh),
            reserve_kwh=0.0,
        )
        if isinstance(d, Battery)
        else d
        for d in home.devices
    )
    return replace(home, devices=devices)


def _unplayed(home: Home) -> Iterator[str]:
    for name in ("tiers", "inverters", "sub_connections"):
        if getattr(home, name):
            yield name
    if home.grid.phases is not None:
        yield "grid.phases"
    for place, limit in enumerate(home.limits):
        if limit.preset is not None or limit.limit_kw is None:
            yield f"limits[{place}].preset"
        if limit.basis is Basis.GRID_DRAW:
            yield f"limits[{place}].basis"
    if home.flexibility.activations or home.flexibility.reservations:
        yield "flexibility"
    if home.tariff.metered_phases is not MeteredPhases.SUMMED:
        yield "tariff.metered_phases"
    if home.tariff.netting_minutes is not None:
        yield "tariff.netting_minutes"


def _of_devices(home: Home) -> Iterator[str]:
    for place, device in enumerate(home.devices):
        where = f"devices[{place}]"
        if device.kind not in _PLAYED:
            yield f"{where}.kind"
            continue
        yield from _given(device, _PLAYED[device.kind] | _ALWAYS, where)
        if isinstance(device, EvCharger):
            for number, session in enumerate(device.sessions):
                yield from _given(session, _SESSION, f"{where}.sessions[{number}]")
        if isinstance(device, HeatPump):
            yield from _given(device.thermal, _THERMAL, f"{where}.thermal")


def _given(record: Any, played: frozenset[str], where: str) -> Iterator[str]:  # noqa: ANN401 - any part of HOME
    for field in fields(record):
        if field.name in played:
            continue
        default = field.default
        if default is MISSING or getattr(record, field.name) != default:
            yield f"{where}.{field.name}"


def cop_column(pump: HeatPump) -> str:
    """Return the column with the heat pump's COP."""
    if pump.cop_series is None:
        text = "a backtest needs this column; cop_curve is not played yet"
        raise InputError([Problem(text, f"{pump.id}.cop_series")])
    return pump.cop_series
