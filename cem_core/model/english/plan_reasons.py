"""Why the plan does what it does."""

from collections.abc import Mapping
from typing import Final

PLAN_REASONS: Final[Mapping[str, str]] = {
    # The plan's reasons
    "battery_stores": (
        "Stores {energy_kwh} kWh at {price_per_kwh} {currency}/kWh; after losses a kWh"
        " saves {worth_per_kwh} {currency}/kWh later."
    ),
    "battery_stores_surplus": (
        "Stores {energy_kwh} kWh of solar surplus that would sell at {price_per_kwh}"
        " {currency}/kWh; after losses a kWh saves {worth_per_kwh} {currency}/kWh"
        " later."
    ),
    "battery_covers": (
        "Covers {energy_kwh} kWh at {price_per_kwh} {currency}/kWh; the energy, losses"
        " and wear counted, is worth {worth_per_kwh} {currency}/kWh."
    ),
    "battery_sells_or_covers": (
        "Sells or covers {energy_kwh} kWh at {price_per_kwh} {currency}/kWh; the"
        " energy, losses and wear counted, is worth {worth_per_kwh} {currency}/kWh."
    ),
    "battery_keeps": (
        "Keeps {energy_kwh} kWh: a kWh taken out is worth {worth_per_kwh}"
        " {currency}/kWh, losses and wear counted; buying one costs {price_per_kwh}"
        " {currency}/kWh."
    ),
    "car_charges": (
        "Charges {energy_kwh} kWh at {price_per_kwh} {currency}/kWh; at the best other"
        " times of its stay it would be {other_price_per_kwh} {currency}/kWh."
    ),
    "car_charges_only_then": (
        "Charges {energy_kwh} kWh at {price_per_kwh} {currency}/kWh; its stay leaves no"
        " other time."
    ),
    "car_takes_what_is_paid_for": (
        "Charges {energy_kwh} kWh at {price_per_kwh} {currency}/kWh: it does not need"
        " them, but taking them is paid for."
    ),
    "elsewhere_is_full": ("At cheaper times the peak or a limit leaves no more room."),
    "car_is_due": "{due_kwh} kWh are due by {depart_time}.",
    "car_is_due_at_cost": (
        "{due_kwh} kWh are due by {depart_time}, the last costs {last_price_per_kwh}"
        " {currency}/kWh."
    ),
    "car_waits_for_price": (
        "Waits: energy costs {price_per_kwh} {currency}/kWh on average until"
        " {start_time}, {later_price_per_kwh} {currency}/kWh then."
    ),
    "car_fits_in_later": (
        "Waits until {start_time}: what it needs fits in from then on, at"
        " {later_price_per_kwh} {currency}/kWh; until then energy costs {price_per_kwh}"
        " {currency}/kWh on average."
    ),
    "car_gives_back": (
        "Gives back {energy_kwh} kWh at {price_per_kwh} {currency}/kWh; the energy,"
        " losses and wear counted, is worth {worth_per_kwh} {currency}/kWh."
    ),
    "heat_pump_heats": (
        "Heats with {energy_kwh} kWh at {price_per_kwh} {currency}/kWh. Indoors reaches"
        " {indoor_c} °C."
    ),
    "heat_pump_cools": (
        "Cools with {energy_kwh} kWh at {price_per_kwh} {currency}/kWh. Indoors gets"
        " down to {indoor_c} °C."
    ),
    "heat_pump_heats_water": (
        "Heats mostly water, with {energy_kwh} kWh at {price_per_kwh} {currency}/kWh."
        " The tank reaches {water_c} °C."
    ),
    "heat_pump_run_offered": (
        "Run offered by the heat pump: {power_kw} kW for {minutes} min from {start_time}"
        " on."
    ),
    "heat_pump_run_goes_on": (
        "Run offered by the heat pump, under way: {power_kw} kW for {minutes} min more,"
        " until {end_time}."
    ),
    "warmth_elsewhere": (
        "The same warmth would cost {other_price_per_kwh} {currency}/kWh at the best"
        " other time."
    ),
    "mean_price": "The mean is {mean_price_per_kwh} {currency}/kWh.",
    "warmth_needed_then": "It is needed then: no other time keeps what is wished.",
    "heat_pump_just_keeps": "It just keeps the wished {wished_c} °C at {keeps_time}.",
    "appliance_runs": (
        "Runs at {start_time} for {cost} {currency}; at {other_time} the plan would"
        " cost up to {more_cost} {currency} more."
    ),
    "appliance_runs_only_then": (
        "Runs at {start_time} for {cost} {currency}; it can run at no other time."
    ),
    "appliance_cannot_run_at": (
        "Runs at {start_time} for {cost} {currency}; at {other_time} the rest of the"
        " plan leaves no room for it."
    ),
    "cheaper_as_a_whole": (
        "By itself it would not pay, but the plan as a whole is cheaper with it:"
        " because of least powers, runs, the peak or limits."
    ),
    "nothing_much_cheaper": (
        "By itself it would not pay; no plan is more than {less_cost} {currency} cheaper"
        " as a whole."
    ),
    "nothing_better_is_left": (
        "By itself it would not pay, but wishes and limits that cannot all be kept"
        " leave nothing better."
    ),
    "load_runs": (
        "Draws {energy_kwh} kWh at {price_per_kwh} {currency}/kWh; the mean is"
        " {mean_price_per_kwh} {currency}/kWh."
    ),
    "load_runs_in_window": (
        "Draws {energy_kwh} kWh at {price_per_kwh} {currency}/kWh; at the best other"
        " times of its windows it would be {other_price_per_kwh} {currency}/kWh."
    ),
    "load_runs_only_then": (
        "Draws {energy_kwh} kWh at {price_per_kwh} {currency}/kWh; its windows leave no"
        " other time."
    ),
    "generator_makes": (
        "Makes {energy_kwh} kWh worth {price_per_kwh} {currency}/kWh; its fuel costs"
        " {fuel_cost_per_kwh} {currency}/kWh."
    ),
    "solar_unused_at_cost": (
        "Leaves {energy_kwh} kWh unused: selling a kWh would cost {price_per_kwh}"
        " {currency}/kWh."
    ),
    "solar_unused": (
        "Leaves {energy_kwh} kWh unused: nothing can use, store or take it."
    ),
    # The plan by rules
    "rule_solar": "{device} produces what the sun gives.",
    "rule_battery": "{device} stores surplus and covers the load.",
    "rule_ev_charger": "{device} charges as soon as a car is connected.",
    "rule_heat_pump": "{device} runs by its own control.",
    "rule_water_heater": "{device} heats by its own thermostat.",
    "rule_appliance": "{device} runs at its earliest start.",
}
