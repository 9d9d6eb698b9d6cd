"""What people are told unasked."""

from collections.abc import Mapping
from typing import Final

NOTICES: Final[Mapping[str, str]] = {
    # Near-limit notices
    "near_limit": "Near a power limit",
    "very_near_limit": "Very near a power limit",
    "power_and_limit": (
        "{power_kw} kW now; the limit {limit} holds {flow} to {limit_kw} kW."
    ),
    "flow_on_phase": "{flow} on phase {phase}",
    "meter_warns": "The meter itself warns that the subscribed power is exceeded.",
    "trips_in_seconds": ("At this power the supply may be cut in about {seconds} s."),
    "trips_in_minutes": (
        "At this power the supply may be cut in about {minutes} minutes."
    ),
    "could_turn_down": "Could be turned down: {devices}.",
    "nothing_to_turn_down": "No controlled device could be turned down now.",
    "device_and_power": "{device} ({power_kw} kW)",
    "and_then": "{one}, {other}",
    "answer_shed": "Turn down for {minutes} min",
    "answer_snooze": "Quiet for {minutes} min",
    "answer_allow": "Let it be",
    # Messages to people
    "answer_accept": "I do that",
    "answer_boost": "{device}: full power for {minutes} min",
    "title_limit": "A limit was ordered",
    "title_device": "A device does not follow",
    "title_power_cut": "The power was cut",
    "title_problem": "Something needs a look",
    "title_plan": "The plan changed",
    "title_peak": "A new peak is planned",
    "title_opportunity": "Cheaper later",
    "title_reminder": "It is time",
    "answer_remind": "Remind me",
    "reminder_start": "Start {device} now.",
    "reminder_charge": "Charge at {device} now, until {end_time}.",
    "reminder_battery": "Charge {device} now, until {end_time}.",
    "reminder_water": "Heat the water of {device} now, until {end_time}.",
    "peak_ahead": (
        "{power_kw} kW are planned for the quarter hour from {start_time}: more than"
        " this month's peak of {so_far_kw} kW, which the bill counts. Use less then,"
        " or let it be."
    ),
    "title_budget": "Budget: {budget}",
    "budget_nearly": "{percent} % of {budget} is used: {used} of {amount}.",
    "budget_over": "{budget} is used up: {used} of {amount}.",
    "budget_foretold": (
        "{budget} will not last: {used} of {amount} are used, about {expected} are"
        " expected by the end."
    ),
    "budget_money": "{spent_cost} {currency}",
    "budget_quantity": "{value} {unit}",
    "title_standby": "The standby has risen",
    "standby_rose": (
        "For {days} days the house has drawn {standby_w} W when nobody uses anything;"
        " before it was {usual_w} W. {more_w} W more is {year_kwh} kWh a year."
    ),
    "standby_costs": "That is about {year_cost} {currency} a year.",
    "standby_of_device": (
        "{device} draws {more_w} W more than before: see whether it was left on."
    ),
    "standby_look_for": "See what has been plugged in or left on since then.",
    "title_unusual_day": "An unusual day",
    "unusual_day": (
        "Yesterday the house used {energy_kwh} kWh; on days like it {usual_kwh} kWh are"
        " usual."
    ),
    "unusual_day_costs": "What was used more cost about {more_cost} {currency}.",
    "unusual_day_of_device": "{device} alone used {more_kwh} kWh more.",
    "unusual_day_look_for": "If you do not know why, see what still runs.",
    "digest_title": "Your home's energy",
    "digest_day": "in the last day",
    "digest_days": "in the last {days} days",
    "digest_money": "{saved_cost} {currency}",
    "digest_saved": "Saved {span}: {saved}.",
    "digest_lost": "Lost {span} against doing nothing: {lost}.",
    "digest_would_save": "With control you would have saved {span}: {saved}.",
    "digest_would_lose": "With control you would have lost {span}: {lost}.",
    "digest_peak": "This month's peak so far: {power_kw} kW.",
    "digest_held": "{at_time}: {what}",
    "digest_held_times": "{at_time}: {what} ({times} times)",
}
