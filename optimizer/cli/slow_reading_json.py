"""A reading of a gas, water or heat meter as `cem mbus` and `cem decode` print it."""

from typing import Any

from cem_core.model.slow_reading import SlowReading


def slow_reading_to_json(reading: SlowReading) -> dict[str, Any]:
    """Return a reading as JSON: Wh, m3, W, m3/h and °C under the names of its values."""
    return {
        "kind": reading.kind,
        "meter_id": reading.meter_id,
        "manufacturer": reading.manufacturer,
        "values": dict(reading.values),
        "status": list(reading.status),
        "raw": {
            raw.code: {"value": raw.value, "unit": raw.unit} for raw in reading.raw
        },
    }
