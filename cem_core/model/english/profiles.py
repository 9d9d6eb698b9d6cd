"""What a profile of the home changes."""

from collections.abc import Mapping
from typing import Final

PROFILES: Final[Mapping[str, str]] = {
    "profile_room": "{device}: rooms from {lowest_c} to {highest_c} °C.",
    "profile_water": (
        "{device}: water may cool to {lowest_c} °C; the cycle against legionella goes on."
    ),
    "profile_no_car": (
        "{device}: no car is charged that leaves before the vacation ends, unless you"
        " say so."
    ),
    "profile_guest_car": (
        "{device}: a car that is not known: {energy_kwh} kWh by the time in the form,"
        " and its stay is not learned."
    ),
    "profile_not_learned": "Days like these are left out of what is learned.",
}
