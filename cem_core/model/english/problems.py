"""What is not as it should be."""

from collections.abc import Mapping
from typing import Final

PROBLEMS: Final[Mapping[str, str]] = {
    "limit_not_kept": (
        "The limit {limit} of {limit_w} W is exceeded by {excess_w} W with every device"
        " at what it must keep."
    ),
    "limit_below_minimum": (
        "The limit {limit} of {limit_w} W is kept, but it is less than the {minimum_w} W"
        " that the grid operator has to leave your controllable devices (§14a EnWG)."
    ),
    "meter_silent_nothing_balanced": (
        "The meter is silent: nothing is balanced, and a limit at the connection keeps"
        " every device at what it must keep."
    ),
    "meter_without_power": "The meter sends no power: it is treated as silent.",
    "device_power_nonsense": (
        "{device} reports {power_w} W, which it cannot do: it is counted at its rated"
        " {rated_w} W."
    ),
    "device_unavailable": (
        "{device} is not available: it is counted at its rated {rated_w} W."
    ),
    "device_not_obeying": (
        "{device} was ordered {setpoint_w} W and stays at {measured_w} W: other devices"
        " make up for it."
    ),
    "device_cut": (
        "{device} did not do what it was ordered: its contactor has cut it until the"
        " limit ends."
    ),
    "device_cut_until_it_follows": (
        "{device} takes {reaction_s} s to follow an order: its contactor has cut it"
        " until it has."
    ),
    "no_meter": "No meter is set up: limits cannot be measured.",
    "meter_key_needed": "its telegrams are encrypted, and a key is needed",
    "meter_key_refused": "its telegrams cannot be decrypted with the key it has",
    "meter_silent": "The meter is silent.",
    "meter_silent_because": "The meter is silent: {cause}.",
    "entities_say_nothing": "its entities say nothing",
    "meter_changed": "Meter {after} has taken the place of meter {before}.",
    "meter_time_went_back": (
        "The meter said a time before one it said earlier ({after} after {before}): "
        "telegrams from the past are not used."
    ),
    "meter_energy_fell": (
        "The meter's {register} fell from {before} to {after} Wh: "
        "the value from before is kept."
    ),
    "meter_energy_ran_over": (
        "The meter's {register} ran over, from {before} to {after} Wh."
    ),
    "meter_energy_jumped": (
        "The meter's {register} rose from {before} to {after} Wh, more than the "
        "connection can carry in that time."
    ),
    "line_is_mute": "nothing comes over its line",
    "line_is_unreadable": "something comes over its line, but no telegram",
    "entity_away": "{entity} is not available",
    "no_answer_within": "no answer within {within_s} s",
    "device_refuses": "{device}: {cause}.",
    "contactor_refuses": "The contactor of {device}: {cause}.",
    "car_unknown": "{device}: no fresh state of charge: the default is planned.",
    "hot_cycle_overdue": (
        "{device}: the cycle against legionella was due by {due_time}, but the water"
        " did not stay at {hot_c} °C for long enough. See whether it gets that hot."
    ),
    "hot_cycle_unseen": (
        "{device}: the cycle against legionella was due by {due_time}, and nothing"
        " says how hot the water is. See to its temperature sensor."
    ),
    "no_new_plan": (
        "No new plan could be made, so the last one is followed while it is fresh,"
        " then simple rules: {cause}."
    ),
    "package_missing": (
        "Plans are made by simple rules: the package {package} is missing."
    ),
}
