"""The catalogue of messages in English: every sentence made at run time.

The integration's strings.json holds the same under `common`, where translators
find it (`script/strings` copies it). How a number is shown follows from its name:
see `render.py`.
"""

from collections.abc import Mapping
from typing import Final

ENGLISH: Final[Mapping[str, str]] = {
    # Numbers and times
    "decimal_mark": ".",
    "clock_tomorrow": "{clock} tomorrow",
    "clock_on_day": "{clock} on {day} {month}",
    "january": "January",
    "february": "February",
    "march": "March",
    "april": "April",
    "may": "May",
    "june": "June",
    "july": "July",
    "august": "August",
    "september": "September",
    "october": "October",
    "november": "November",
    "december": "December",
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
        "Charges {energy_kwh} kWh at {price_per_kwh} {currency}/kWh, which it need not,"
        " but which is paid for."
    ),
    "elsewhere_is_full": ("At cheaper times the peak or a limit leaves no more room."),
    "car_is_due": "{due_kwh} kWh are due by {depart_time}.",
    "car_is_due_at_cost": (
        "{due_kwh} kWh are due by {depart_time}, the last costs {last_price_per_kwh}"
        " {currency}/kWh."
    ),
    "car_waits_for_price": (
        "Waits: a kWh costs {price_per_kwh} {currency}/kWh now and"
        " {later_price_per_kwh} {currency}/kWh from {start_time}."
    ),
    "car_fits_in_later": (
        "Waits until {start_time}: what it needs fits in from then on, at"
        " {later_price_per_kwh} {currency}/kWh; now a kWh costs {price_per_kwh}"
        " {currency}/kWh."
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
        "By itself it would not pay; with least powers, runs, peak and limits the plan"
        " as a whole is cheaper so."
    ),
    "nothing_better_is_left": (
        "By itself it would not pay; wishes and limits that cannot all be kept leave"
        " nothing better."
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
    "warmth_costs": "{device}: a degree less would save {saved_cost} {currency}.",
    "coolness_costs": "{device}: a degree more would save {saved_cost} {currency}.",
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
        "{device} stops although it has to run for {by_hours} h more"
    ),
    "load_is_short": "{device} is {by_kwh} kWh short by {end_time}",
    "appliance_does_not_run": (
        "{device} does not run before {end_time} ({by_kwh} kWh not used)"
    ),
    "battery_ends_below": "{device} ends {by_kwh} kWh below {least_kwh} kWh",
    "battery_is_below": "{device} is {by_kwh} kWh below {least_kwh} kWh at times",
    # What moved between two plans
    "run_moved": "{device} starts at {start_time} instead of {other_time}.",
    "run_added": "{device} starts at {start_time}.",
    "run_dropped": "{device} does not start at {other_time}.",
    "more_planned": (
        "{device}: {energy_kwh} kWh more from {start_time} to {end_time}."
    ),
    "less_planned": (
        "{device}: {energy_kwh} kWh less from {start_time} to {end_time}."
    ),
    # What caused it
    "cause_prices": "Prices",
    "cause_load": "Load",
    "cause_solar": "Sun",
    "cause_weather": "Weather",
    "cause_state": "State of charge and warmth",
    "cause_limits": "Limits",
    "cause_wishes": "Wishes",
    "cause_other": "Devices",
    "cause_costs": "{cause}: {more_cost} {currency} more.",
    "cause_saves": "{cause}: {less_cost} {currency} less.",
    "cause_costs_nothing": "{cause}: at the same cost.",
    # What something else would cost
    "wish_force": "{device} at {power_kw} kW from {start_time} to {end_time}",
    "wish_forbid": "{device} off from {start_time} to {end_time}",
    "wish_never": "{device} off until the plan's end",
    "wish_forbid_charge": "{device} not charging from {start_time} to {end_time}",
    "wish_forbid_discharge": "{device} not giving from {start_time} to {end_time}",
    "wish_start": "{device} from {start_time} on",
    "wish_depart": "{device} ready by {start_time}",
    "wish_no_device": "There is no such device.",
    "wish_needs_end": "Say until when: after the start.",
    "wish_needs_power": "Say at which power.",
    "wish_nothing_leaves": "Only a car leaves: choose a charger.",
    "wish_out_of_reach": "Choose a time from now on, within two days.",
    "wish_too_many": "There are too many wishes: take one back first.",
    "wish_over": "That wish is over already.",
    "opportunity": (
        "Start {device} at {start_time}: {price_per_kwh} instead of {now_per_kwh}"
        " {currency}/kWh now, saves {saving_cost} {currency}."
    ),
    "opportunity_charge": (
        "Charge at {device} from {start_time}: {price_per_kwh} instead of {now_per_kwh}"
        " {currency}/kWh now, saves {saving_cost} {currency}."
    ),
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
        "More sun than the home needs until {end_time}, up to {power_w} W."
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
        "The supply may be cut at {power_w} W, below the limit of {limit_w} W: too much"
        " flows on one phase, or more than is subscribed."
    ),
    "log_near_limit_cleared": "The limit of {limit_w} W is no longer near.",
    "log_not_obeying": "{device} did not follow its order: it is ordered harder.",
    "log_plan_changed": "New plan. {what}",
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
    # The plan by rules
    "rule_solar": "{device} produces what the sun gives.",
    "rule_battery": "{device} stores surplus and covers the load.",
    "rule_ev_charger": "{device} charges as soon as a car is connected.",
    "rule_heat_pump": "{device} runs by its own control.",
    "rule_water_heater": "{device} heats by its own thermostat.",
    "rule_appliance": "{device} runs at its earliest start.",
    # What is not as it should be
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
    "entities_say_nothing": "entities say nothing",
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
    "no_new_plan": "No new plan, the last serves while fresh, then rules: {cause}",
    "package_missing": (
        "Plans are made by simple rules: the package {package} is missing."
    ),
    # Why a device does what it does just now
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
    "only_observes": "The CEM only observes.",
    "control_is_off": ("Its control is switched off: left to its own normal mode."),
    "turned_down": ("Turned down: the limit {limit} holds {flow} to {limit_kw} kW."),
    "discharges_for_limit": (
        "Discharges, so that the limit {limit} is kept: {flow} is at most {limit_kw} kW."
    ),
    "charges_for_limit": (
        "Charges, so that the limit {limit} is kept: {flow} is at most {limit_kw} kW."
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
    "peak_ahead": (
        "{power_kw} kW are planned for the quarter hour from {start_time}: more than"
        " this month's peak of {so_far_kw} kW, which the bill counts. Use less then,"
        " or let it be."
    ),
    "title_budget": "Budget: {budget}",
    "budget_nearly": "{percent} % of {budget} is used: {used} of {amount} {unit}.",
    "budget_over": "{budget} is used up: {used} of {amount} {unit}.",
    "budget_foretold": (
        "{budget} will not last: {used} of {amount} {unit} are used, about {expected}"
        " are expected by the end."
    ),
    "title_standby": "The standby has risen",
    "standby_rose": (
        "For {days} days the house has drawn {standby_w} W when nobody uses anything;"
        " before it was {usual_w} W. {more_w} W more are {year_kwh} kWh a year."
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
    "digest_saved": "Saved in {days} day(s): {saved_cost} {currency}.",
    "digest_would_save": (
        "Control would have saved in {days} day(s): {saved_cost} {currency}."
    ),
    "digest_peak": "This month's peak so far: {power_kw} kW.",
    "digest_held": "{at_time}: {what}",
    "digest_held_times": "{at_time}: {what} ({times} times)",
    # What a limit is called, after "the limit" or "Limit"
    "of_contract": "of your contract",
    "of_contract_for_import": "of your contract for import",
    "of_contract_for_export": "of your contract for export",
    "of_capacity_tariff": "of the capacity tariff",
    "of_meter": "of the meter",
    "of_meter_for_import": "of the meter for import",
    "of_meter_for_export": "of the meter for export",
    "ordered_by_automation": "ordered by an automation",
    "ordered_by": "ordered by {issuer}",
    "issuer_says": "{text}",
    "openadr_limit": "The operator limits the capacity for now.",
    "openadr_subscription": "More capacity is not subscribed to.",
    "mqtt_silent": "The source of limits by MQTT has been silent for too long.",
    "mqtt_missing": (
        "Limits by MQTT cannot be received: Home Assistant's MQTT is not set up."
    ),
    "entity_unreadable": (
        "{entity} of {relays} cannot be read: its contact counts as limited."
    ),
    "contact_limits": "Contact {contact} orders it.",
    "contact_unreadable": (
        "Contact {contact} has not been readable for two minutes, which counts as"
        " limited."
    ),
    "of_fuse_for_import": "of the fuse for import",
    "of_fuse_for_export": "of the fuse for export",
    "of_feed_in_cap": "of the feed-in cap",
    "of_charging_site": "of the chargers' line",
    "of_imbalance": "of the imbalance of phases",
    "of_phase": "{limit} on L{phase}",
    "feed_in_share": "At most {percent} % of the installed solar power may be fed in.",
    "numbered": "{limit} ({number})",
    # Tariffs by country
    "tariff_from_source": "{source}. These numbers hold from {valid_from}.",
    "tariff_partly_confirmed": (
        "Not confirmed by any page, so check this with your bill: {numbers}. The other"
        " numbers were compared with their source and hold from {valid_from}"
        " ({source})."
    ),
    "tariff_unconfirmed": (
        "None of these numbers is confirmed by a page: check them with your bill. They"
        " are meant to hold from {valid_from} ({source})."
    ),
    "tariff_numbers": "{first}; {rest}",
    "tariff_price_factor": "what the market price is multiplied by ({value})",
    "tariff_price_addition": "what is added to the market price ({value})",
    "tariff_import_price": "the price of a kWh ({value})",
    "tariff_period_prices": "the prices of the periods ({value})",
    "tariff_export_price": "what a kWh fed in brings ({value})",
    "tariff_export_factor": (
        "what the market price is multiplied by for a kWh fed in ({value})"
    ),
    "tariff_export_addition": (
        "what is added to the market price for a kWh fed in ({value})"
    ),
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
    "without_cem_car_at_once": (
        "Charges at full power from the moment it is plugged in."
    ),
    "without_cem_car_gives_nothing": (
        "Charges at full power from the moment it is plugged in, and gives nothing back."
        " What it gives and takes again later is no need of its own."
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
    # Answers through Assist
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
    "assist_only_advises": "The CEM only advises.",
    "assist_controls": "The CEM controls.",
    "assist_say_when": "{device} does not start once: say a time of day, or never.",
    "assist_cannot_tell": "Cannot tell: {cause}.",
    "assist_no_price": "No price is known now.",
    "assist_price": "Energy costs {price_per_kwh} {currency}/kWh now.",
    "assist_cheap": "That is cheap for today.",
    "assist_cheap_until": "That is cheap for today, until {end_time}.",
    "assist_dear": "That is expensive for today.",
    "assist_not_cheap": "That is neither cheap nor expensive for today.",
    "assist_cheap_from": "It is cheap from {start_time} to {end_time}.",
    "assist_no_day_saved": "No day of that time is over yet.",
    "assist_saved": (
        "From {start_time} to {end_time} control saved between {least_cost} and"
        " {most_cost} {currency}."
    ),
    "assist_would_have_saved": (
        "From {start_time} to {end_time} control would have saved between {least_cost}"
        " and {most_cost} {currency}."
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
    # What a profile of the home changes
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
