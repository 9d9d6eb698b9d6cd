"""Answers through Assist."""

from collections.abc import Mapping
from typing import Final

ASSIST: Final[Mapping[str, str]] = {
    "assist_no_home": "No home is set up or loaded.",
    "assist_no_device": "No device is called {device}.",
    "assist_which_device": "{device} may be one of several: {devices}.",
    "assist_no_charger": "{device} charges no car.",
    "assist_not_allowed": "You may not control {device}.",
    "assist_at_home": "{home}: {answer}",
    "assist_of_device": "{device}: {answer}",
    "assist_ready_at": (
        "Charged at {end_time} by the plan; {wanted_kwh} kWh are still wanted."
    ),
    "assist_charge_now": "{device} is to charge now.",
    "assist_charge_as_planned": "{device} is to charge as planned.",
    "assist_charge_not_tonight": "{device} is not to charge tonight.",
    "assist_only_advises": "The energy manager only advises.",
    "assist_controls": "The energy manager controls.",
    "assist_say_when": "{device} does not start once: say a time of day, or never.",
    "assist_cannot_tell": "Cannot tell: {cause}.",
    "assist_no_price": "No price is known now.",
    "assist_price": "Energy costs {price_per_kwh} {currency}/kWh now.",
    "assist_cheap": "That is cheap for today.",
    "assist_cheap_until": "That is cheap for today, until {end_time}.",
    "assist_dear": "That is dear for today.",
    "assist_not_cheap": "That is neither cheap nor dear for today.",
    "assist_cheap_from": "It is cheap from {start_time} to {end_time}.",
    "assist_no_day_saved": "No day of that time is over yet.",
    "assist_saved": (
        "From {start_time} to {end_time} control saved between {least_cost}"
        " {currency} and {most_cost} {currency}."
    ),
    "assist_would_have_saved": (
        "From {start_time} to {end_time} control would have saved between"
        " {least_cost} {currency} and {most_cost} {currency}."
    ),
    "assist_saved_in_part": (
        "From {start_time} to {end_time} control saved, or on days that it only"
        " observed would have saved, between {least_cost} and {most_cost} {currency}."
    ),
    "assist_saved_without_peaks": "What peaks cost is not counted.",
    "assist_limited": "The power is limited.",
    "assist_not_limited": "Nobody has ordered a limit that holds now.",
    "assist_limit": "The limit {limit} holds {flow} to {limit_kw} kW.",
    "assist_limit_until": (
        "The limit {limit} holds {flow} to {limit_kw} kW until {end_time}."
    ),
    "assist_limit_now": "It is {now_kw} kW now.",
    "assist_limit_comes": (
        "From {start_time} the limit {limit} holds {flow} to {limit_kw} kW."
    ),
    "assist_imports": "{grid_kw} kW come from the grid.",
    "assist_exports": "{grid_kw} kW go to the grid.",
    "assist_solar": "The sun gives {solar_kw} kW.",
    "assist_nothing_planned": "Nothing is planned before {end_time}.",
    "assist_plans_balance": "{device} balances from {start_time} to {end_time}.",
    "assist_plans_taking": (
        "{device} takes {energy_kwh} kWh from {start_time} to {end_time}."
    ),
    "assist_plans_giving": (
        "{device} gives {energy_kwh} kWh from {start_time} to {end_time}."
    ),
}
