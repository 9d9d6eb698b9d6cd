"""What something else than the plan would cost."""

from collections.abc import Mapping
from typing import Final

ALTERNATIVES: Final[Mapping[str, str]] = {
    # What something else would cost
    "wish_force": "{device} at {power_kw} kW from {start_time} to {end_time}",
    "wish_forbid": "{device} off from {start_time} to {end_time}",
    "wish_never": "{device} off until the plan's end",
    "wish_forbid_charge": "{device} not charging from {start_time} to {end_time}",
    "wish_forbid_discharge": "{device} not discharging from {start_time} to {end_time}",
    "wish_start": "{device} from {start_time} on",
    "wish_depart": "{device} ready by {start_time}",
    "wish_no_device": "There is no such device.",
    "wish_needs_end": "Say until when: after the start.",
    "wish_needs_power": "Say at which power.",
    "wish_nothing_leaves": "Only a car leaves: choose a charger.",
    "wish_out_of_reach": "Choose a time from now on, within two days.",
    "wish_too_many": "There are too many wishes: take one back first.",
    "wish_over": "That wish is over already.",
    "wish_nothing_starts_it": (
        "Nothing can start it: choose a reminder, or say in its form what commands it."
    ),
    "wish_kept": "{wish}, as wished.",
    "wish_not_kept": "{wish}: not possible ({cause}).",
    "wish_gives_way": "limits or other wishes leave no room",
    "alternative_costs": "{wish}: {more_cost} {currency} more than the plan.",
    "alternative_saves": "{wish}: {less_cost} {currency} less than the plan.",
    "alternative_same": "{wish}: costs the same as the plan.",
    "alternative_is_within_proof": "The plan is proven to be the best within that.",
    "alternative_gives_up": "But then {what}.",
    # What ordered limits cost
    "orders_cost": "What is ordered costs {more_cost} {currency}.",
    "orders_cost_nothing": "What is ordered costs nothing.",
    "orders_save": (
        "With what is ordered {less_cost} {currency} less is spent, for what is missed."
    ),
    "orders_make_missed": "Because of it {what}.",
    "orders_make_cold": (
        "{device} keeps the house up to {below_c} °C further below what is wished"
    ),
    "orders_make_warm": (
        "{device} keeps the house up to {above_c} °C further above what is wished"
    ),
}
