"""What a limit is called, and what its source says."""

from collections.abc import Mapping
from typing import Final

LIMITS: Final[Mapping[str, str]] = {
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
    "broker_silent": (
        "The MQTT broker has passed nothing on since {since_time}: what is known of"
        " {devices} is old, and orders may not arrive. Limits at the connection are kept"
        " by the meter and by the other devices; what Home Assistant then calls"
        " unavailable counts at its rated power. Look whether the broker runs."
    ),
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
}
