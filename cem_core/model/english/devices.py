"""Why a device does what it does just now."""

from collections.abc import Mapping
from typing import Final

DEVICES: Final[Mapping[str, str]] = {
    "device_silent": "{device} does not answer.",
    "device_refused": "The device refused: {cause}.",
    "follows_plan": "Follows the plan.",
    "balances": "Balances: keeps the grid connection near zero.",
    "keeps_limit": "Turned down to keep a power limit.",
    "gets_power_back": "Gets its power back step by step after a limit.",
    "waits_after_power_cut": (
        "The power was cut: waits until {end_time}, so that a street does not switch"
        " on at once."
    ),
    "rises_after_power_cut": (
        "The power was cut: feeds in a little more each minute, as grid codes ask."
    ),
    "no_plan_yet": "There is no plan yet: simple rules serve.",
    "only_what_fits": "The meter is silent: only what certainly fits is allowed.",
    "does_not_answer": "The device does not answer.",
    "turned_down_before_limit": (
        "Turned down for a while, as was asked when a limit was near."
    ),
    "left_to_person": "Left to the person who changed it.",
    "left_to_person_until": ("Left to the person who changed it, until {end_time}."),
    "being_tested": "A test order: how long it takes to follow is being measured.",
    "ordered_harder": (
        "It did not do what it was ordered: it is ordered less until it does."
    ),
    "no_car": "No car is plugged in.",
    "left_to_itself": "Left to its own normal mode.",
    "only_observes": "The energy manager only observes.",
    "control_is_off": ("Its control is switched off: left to its own normal mode."),
    "turned_down": ("Turned down: the limit {limit} holds {flow} to {limit_kw} kW."),
    "discharges_for_limit": (
        "Discharges, so that the limit {limit} is kept: {flow} is at most {limit_kw} kW."
    ),
    "charges_for_limit": (
        "Charges, so that the limit {limit} is kept: {flow} is at most {limit_kw} kW."
    ),
    "solar_below_ceiling": (
        "Produces all it can. Up to {ceiling_kw} kW fits the limit {limit}: {flow} is at"
        " most {limit_kw} kW."
    ),
    "turned_down_until": (
        "Turned down: the limit {limit} holds {flow} to {limit_kw} kW until {end_time}."
    ),
    "turned_down_for_imbalance": (
        "Turned down: it may load one phase by at most {limit_kw} kVA more than"
        " another."
    ),
    "turned_down_for_site": (
        "Waits its turn: all chargers together may draw at most {limit_kw} kW."
    ),
    "import_at_connection": "the import at the grid connection",
    "import_of_controllable": "the import of the controllable devices",
    "export_at_connection": "the export at the grid connection",
    "export_of_controllable": "the export of the controllable devices",
    "covers_load": "Covers what the house draws, so that nothing is bought.",
    "stores_surplus": "Stores surplus, so that nothing is sold.",
    "plan_counts_on_taking": (
        "It took {able_w} W at most when it was ordered more: the plan counts on no"
        " more for half an hour, or until it follows."
    ),
    "plan_counts_on_giving": (
        "It gave {able_w} W at most when it was ordered more: the plan counts on no"
        " more for half an hour, or until it follows."
    ),
    "plan_counts_on_nothing": (
        "It does more than it is ordered: the plan counts on nothing from it until it"
        " follows."
    ),
    "battery_not_planned": "Not planned: its state of charge is not known.",
    "battery_rests": "Rests: nothing is planned before {end_time}.",
    "battery_rests_until": "Rests until {start_time}, the next planned run.",
    "car_not_tonight": "Not tonight, as was wished: the car is not charged.",
    "car_has_enough": "The car has what it needs.",
    "car_charges_on_surplus": "Charges on surplus alone: a kWh sold brings less.",
    "car_waits": "Waits: nothing is planned before {end_time}.",
    "car_waits_until": "Waits until {start_time}, the next planned run.",
    "heats_as_planned": "Heats as planned.",
    "water_heats_as_planned": "Heats water as planned.",
    "water_heater_off": "Need not heat water before {end_time}.",
    "water_heater_off_until": "Does not heat water until {start_time}.",
    "heats_against_frost": "Heats against frost, whatever the plan says.",
    "heats_against_germs": "Heats the water through against legionella.",
    "frost_protection_lowered": "Frost protection is lowered by it.",
    "hot_cycle_postponed": "The cycle against legionella is postponed until it ends.",
    "heat_pump_off": "Off: nothing is planned before {end_time}.",
    "heat_pump_off_until": "Off until {start_time}, the next planned run.",
    "appliance_never_interrupted": "Runs; a run is never interrupted.",
    "appliance_not_ready": "Waits until it is filled and ready.",
    "appliance_starts": "Starts at {start_time}.",
    "appliance_does_not_fit": "No run fits before {end_time}.",
    "solar_not_curtailed": "Produces all it can; it is not curtailed.",
    "solar_produces": "Produces all it can.",
}
