"""What control saves, and against what."""

from collections.abc import Mapping
from typing import Final

SAVINGS: Final[Mapping[str, str]] = {
    # What the first day saves, at the end of the set-up
    "first_day_saves": (
        "Against doing nothing: {saved_cost} {currency} a day, if the next day goes as"
        " foretold. It then costs {planned_cost} {currency} instead of {without_cost}"
        " {currency}."
    ),
    "first_day_saves_nothing": (
        "The next day costs {planned_cost} {currency}, as foretold. There is nothing to"
        " save in it with what can be controlled here."
    ),
    "first_day_unknown": (
        "A first plan could not be made yet: {cause}. It is tried again once the home is"
        " set up."
    ),
    # What "doing nothing" means, and why a day's savings are not told
    "without_cem_as_measured": (
        "As it was measured: what control would change of it is not counted."
    ),
    "without_cem_battery_balances": (
        "Stores surplus and covers load by itself, whatever energy costs."
    ),
    "without_cem_battery_rests": "Rests: it did nothing by itself.",
    "without_cem_car_gives_nothing": (
        "Charges at full power from the moment it is plugged in, and gives nothing back."
        " What it gives and takes again later is no need of its own."
    ),
    "without_cem_car_at_once": (
        "Charges at full power from the moment it is plugged in."
    ),
    "without_cem_heat_pump_kept": (
        "Keeps the temperatures that it kept while nothing was controlled, in the house"
        " as it was learned."
    ),
    "without_cem_heat_pump_lowest": (
        "Keeps the lowest temperature that is wished, in the house as it was learned:"
        " what it kept without control was not seen yet."
    ),
    "without_cem_heat_pump_typical": (
        "Keeps the same temperatures, in a house that is typical for what you said of"
        " it. Until it is learned the range counts {unsure_percent} % of what its energy"
        " cost."
    ),
    "without_cem_appliance_ready": "Starts as soon as somebody makes it ready.",
    "without_cem_appliance_usual": (
        "Starts at {start_time}, as usual while nothing was controlled."
    ),
    "without_cem_appliance_as_started": (
        "Starts when it was started: when it usually is without control was not seen"
        " yet."
    ),
    "without_cem_solar_possible": (
        "Produces all that it can: where it was turned down because feeding in cost"
        " money, what was foretold counts."
    ),
    "without_cem_water_heater": (
        "Follows its thermostat, as it was measured: what control would shift of it is"
        " not counted."
    ),
    "without_cem_water_heater_kept": (
        "Keeps the temperatures that it kept while nothing was controlled, with the hot"
        " water that was drawn."
    ),
    "without_cem_water_heater_set": (
        "Keeps the temperature that it is set to, with the hot water that was drawn."
        " Until it was seen without control the range counts {unsure_percent} % of what"
        " its energy cost."
    ),
    "savings_first_noon": (
        "A day is told once it is over, at noon: the first one is still to come."
    ),
    "savings_not_measured": (
        "The last day was not measured for nine tenths of it, so that it is not told."
    ),
    "savings_no_prices": (
        "The prices of the last day are not known for nine tenths of it, so that it is"
        " not told."
    ),
    "savings_no_answer": "The last day could not be computed: {cause}.",
}
