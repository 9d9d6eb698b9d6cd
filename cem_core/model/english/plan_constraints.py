"""What holds the plan back, what that costs, and what gave way to it."""

from collections.abc import Mapping
from typing import Final

PLAN_CONSTRAINTS: Final[Mapping[str, str]] = {
    # What holds a device back in the plan
    "sub_connection_reached": "The line of {connection} carries its {limit_kw} kW.",
    "less_is_paid": (
        "{activation} pays {price_per_kwh} {currency}/kWh for less import than agreed."
    ),
    "more_is_paid": (
        "{activation} pays {price_per_kwh} {currency}/kWh for more import than agreed."
    ),
    "power_is_held": "{reservation} holds up to {held_kw} kW back for a call.",
    "connection_import_reached": (
        "The connection's import limit of {limit_kw} kW is reached."
    ),
    "connection_export_reached": (
        "The connection's export limit of {limit_kw} kW is reached."
    ),
    "limit_holds": "Limit {limit} holds it to {limit_kw} kW.",
    "limit_holds_until": "Limit {limit} holds it to {limit_kw} kW until {end_time}.",
    "peak_stays": (
        "The {integration_minutes}-minute mean stays at {mean_kw} kW: a kW more costs"
        " {price_per_kw} {currency}."
    ),
    "peak_stays_on_level": (
        "The {integration_minutes}-minute mean stays at {mean_kw} kW: above it the peak"
        " reaches a dearer level."
    ),
    # What each constraint of the plan costs
    "connection_import_costs": (
        "The connection's import limit of {limit_kw} kW: a kW more would save"
        " {price_per_kw} {currency}."
    ),
    "connection_export_costs": (
        "The connection's export limit of {limit_kw} kW: a kW more would save"
        " {price_per_kw} {currency}."
    ),
    "limit_costs": (
        "Limit {limit} of {limit_kw} kW: a kW more would save {price_per_kw}"
        " {currency}."
    ),
    "peak_costs": (
        "Holding the peak at {mean_kw} kW costs {price_per_kw} {currency} for the last"
        " kW."
    ),
    "departure_costs": (
        "{device}: a kWh less by {depart_time} would save {price_per_kwh} {currency}."
    ),
    "reserve_costs": (
        "{device}: a kWh less at {end_time} would save {price_per_kwh} {currency}."
    ),
    "warmth_costs": "{device}: 1 °C less would save {saved_cost} {currency}.",
    "coolness_costs": "{device}: 1 °C more would save {saved_cost} {currency}.",
    # What gave way in the plan
    "connection_import_exceeded": (
        "import is up to {by_kw} kW above the connection's {limit_kw} kW"
    ),
    "connection_export_exceeded": (
        "export is up to {by_kw} kW above the connection's {limit_kw} kW"
    ),
    "limit_import_exceeded": (
        "import is up to {by_kw} kW above limit {limit}, {limit_kw} kW"
    ),
    "limit_export_exceeded": (
        "export is up to {by_kw} kW above limit {limit}, {limit_kw} kW"
    ),
    "sub_connection_exceeded": (
        "{connection} draws up to {by_kw} kW more than its line's {limit_kw} kW"
    ),
    "sub_connection_without_power": (
        "{connection} needs up to {by_kw} kW while its line has no power"
    ),
    "reservation_exceeds": (
        "a call of {reservation} takes the connection up to {by_kw} kW beyond its limit"
    ),
    "phase_exceeded": (
        "phase {phase} carries up to {by_kw} kW more than its {limit_kw} kW"
    ),
    "imbalance_exceeded": (
        "phase {more} is up to {by_kw} kW further above phase {less} than {limit_kw} kW"
    ),
    "car_leaves_short": "{device} leaves {by_kwh} kWh short of {due_kwh} kWh",
    "car_trip_short": (
        "{device} leaves {by_kwh} kWh short of {due_kwh} kWh for its trip"
    ),
    "water_stays_cold": (
        "{device} does not heat its water to {hot_c} °C before {end_time}"
    ),
    "run_is_broken_off": (
        "{device} stops although it has to run for another {by_hours} h"
    ),
    "load_is_short": "{device} is {by_kwh} kWh short by {end_time}",
    "appliance_does_not_run": (
        "{device} does not run before {end_time} ({by_kwh} kWh not used)"
    ),
    "battery_ends_below": "{device} ends {by_kwh} kWh below {least_kwh} kWh",
    "battery_is_below": "{device} is {by_kwh} kWh below {least_kwh} kWh at times",
}
