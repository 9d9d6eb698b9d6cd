"""Entities -> the retained messages from which Home Assistant makes them."""

from collections.abc import Iterable, Mapping
import json
from typing import Final

from cem_core.simulation.entities import MODELS
from cem_core.simulation.entity import Entity, Json

ONLINE: Final = "online"
OFFLINE: Final = "offline"
ORIGIN: Final[Json] = {"name": "cem simulate"}
# A climate entity has a topic for each thing that can be set.
CLIMATE_TOPICS: Final[Mapping[str, str]] = {
    "mode_state_topic": "climate_mode",
    "mode_command_topic": "climate_mode/set",
    "temperature_state_topic": "climate_temperature",
    "temperature_command_topic": "climate_temperature/set",
    "current_temperature_topic": "indoor_temperature",
    "action_topic": "climate_action",
}


def discovery(
    entities: Iterable[Entity], *, prefix: str, discovery_prefix: str
) -> dict[str, str]:
    """Return topic -> payload of each entity's discovery message."""
    return {
        f"{discovery_prefix}/{entity.component}/{prefix}/{entity.object_id}/config": (
            json.dumps(_config(entity, prefix), ensure_ascii=False)
        )
        for entity in entities
    }


def availability_topic(prefix: str, device: str) -> str:
    """Return the topic that says whether ``device`` can be reached."""
    return f"{prefix}/{device}/availability"


def _config(entity: Entity, prefix: str) -> dict[str, Json]:
    base = f"{prefix}/{entity.device}"
    name, model = MODELS[entity.device]
    config: dict[str, Json] = {
        "name": entity.name,
        "unique_id": f"{prefix}_{entity.object_id}",
        "default_entity_id": f"{entity.component}.{entity.object_id}",
        "availability": [
            {"topic": f"{prefix}/status"},
            {"topic": availability_topic(prefix, entity.device)},
        ],
        "availability_mode": "all",
        "device": {
            "identifiers": [f"{prefix}_{entity.device}"],
            "name": name,
            "manufacturer": "CEM",
            "model": model,
        },
        "origin": ORIGIN,
        **entity.extra,
    }
    if entity.component == "climate":
        config |= {key: f"{base}/{topic}" for key, topic in CLIMATE_TOPICS.items()}
        return config
    if entity.component != "button":
        config["state_topic"] = f"{base}/{entity.key}"
    if entity.ordered:
        config["command_topic"] = f"{base}/{entity.key}/set"
    if entity.attributes:
        config["json_attributes_topic"] = f"{base}/{entity.key}/attributes"
    return config
