"""Good times, opportunities and the log, as the dashboard lists them."""

from collections.abc import Mapping
from typing import Final

DASHBOARD: Final[Mapping[str, str]] = {
    "opportunity": (
        "Start {device} at {start_time}: {price_per_kwh} {currency}/kWh instead of"
        " {now_per_kwh} {currency}/kWh now, saves {saving_cost} {currency}."
    ),
    "opportunity_charge": (
        "Charge at {device} from {start_time}: {price_per_kwh} {currency}/kWh instead"
        " of {now_per_kwh} {currency}/kWh now, saves {saving_cost} {currency}."
    ),
    "opportunity_battery": (
        "Charge {device} from {start_time} to {end_time} with {power_kw} kW: saves"
        " {saving_cost} {currency}."
    ),
    "opportunity_water": (
        "Heat the water of {device} from {start_time} to {end_time}, as hot as it may"
        " be: saves {saving_cost} {currency}."
    ),
    "opportunity_water_now": (
        "Heat the water of {device} now, until {end_time}, as hot as it may be: saves"
        " {saving_cost} {currency}."
    ),
    "opportunity_water_sun": (
        "Heat the water of {device} from {start_time} to {end_time}, with sun that is"
        " left over: saves {saving_cost} {currency}."
    ),
    "opportunity_water_sun_now": (
        "Heat the water of {device} now, until {end_time}, with sun that is left over:"
        " saves {saving_cost} {currency}."
    ),
    "reminder_is_set": "You will be reminded at {start_time}: {device}.",
    "starts_once": "{device} is started at {start_time}, this once.",
    "runs_once": ("{device} is controlled from {start_time} to {end_time}, this once."),
    "as_asked_once": "Does what was asked of it, this once.",
    "time_cheap_now": (
        "Cheap until {end_time}: {price_per_kwh} {currency}/kWh on average."
    ),
    "time_cheap": (
        "Cheap from {start_time} to {end_time}: {price_per_kwh} {currency}/kWh on average."
    ),
    "time_dear_now": (
        "Dear until {end_time}: {price_per_kwh} {currency}/kWh on average."
    ),
    "time_dear": (
        "Dear from {start_time} to {end_time}: {price_per_kwh} {currency}/kWh on average."
    ),
    "time_surplus_now": (
        "More sun than the home needs until {end_time}: up to {power_w} W."
    ),
    "time_surplus": (
        "More sun than the home needs from {start_time} to {end_time},"
        " up to {power_w} W."
    ),
    "time_peak": (
        "{power_w} W is foreseen at {start_time}: more than the month's peak of"
        " {peak_w} W. Run less at once then."
    ),
    "log_limit_ordered": "{issuer} ordered a limit of {limit_w} W.",
    "log_limit_ended": "The limit of {limit_w} W by {issuer} ended.",
    "log_power_returned": (
        "The power was cut and is back. Devices come back one after the other, until"
        " {end_time}."
    ),
    "log_near_limit": "{power_w} W is near the limit of {limit_w} W.",
    "log_above_limit": "{power_w} W is above the limit of {limit_w} W.",
    "log_may_be_cut": (
        "The supply may be cut at {power_w} W, below the limit of {limit_w} W: too"
        " much flows on one phase, or more than is subscribed to."
    ),
    "log_near_limit_cleared": "The limit of {limit_w} W is no longer near.",
    "log_not_obeying": "{device} did not follow its order: it gets a stronger one.",
    "log_plan_changed": "New plan. {what}",
}
