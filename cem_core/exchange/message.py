"""What is published: messages with a versioned schema, of what was agreed to only.

Fields are named as `cem decode` names them. ``id`` never comes twice for two messages,
so who gets one again knows it. A pseudonym is a keyed hash of the meter's id that is
another for each consent: two recipients cannot tell that they watch the same home.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
import hashlib
import hmac
from typing import Any, Final

from cem_core.exchange import json_form
from cem_core.exchange.consent import Consent, What
from cem_core.exchange.curve import NOT_FOR_BILLING, LoadCurve, Status
from cem_core.exchange.from_registers import NO_ID, status_of
from cem_core.exchange.values import utc
from cem_core.model import PhaseReading, Reading

SCHEMA: Final = "cem-nrtd/1"
_SKEW: Final = timedelta(seconds=5)
_PSEUDONYM_LENGTH: Final = 32


def meter_name(consent: Consent, key: bytes, meter_id: str | None) -> str:
    """Return the meter's id, or its pseudonym: HMAC-SHA-256 with the home's key."""
    plain = meter_id or NO_ID
    if not consent.pseudonymous:
        return plain
    words = f"{consent.consent_id}\n{plain}".encode()
    return hmac.new(key, words, hashlib.sha256).hexdigest()[:_PSEUDONYM_LENGTH]


def reading_message(
    reading: Reading, consent: Consent, key: bytes, heard: datetime
) -> dict[str, Any] | None:
    """Return what of a telegram may leave; None where that is nothing.

    ``clock_skew`` says that the meter's clock and ours are more than 5 s apart.
    """
    parts: dict[str, Any] = {}
    if What.POWER in consent.what:
        parts |= _known(
            import_power_w=reading.import_power_w, export_power_w=reading.export_power_w
        )
    if What.REGISTERS in consent.what:
        parts |= _known(
            import_energy_wh=dict(reading.import_energy_wh) or None,
            export_energy_wh=dict(reading.export_energy_wh) or None,
        )
    if What.PHASES in consent.what and reading.phases:
        parts["phases"] = [_phase(phase) for phase in reading.phases]
    if not parts:
        return None
    time = reading.timestamp or heard
    return {
        **_head(consent, key, reading.meter_id),
        "time": utc(time),
        "clock": "host" if reading.timestamp is None else "meter",
        "clock_skew": abs(time - heard) > _SKEW,
        "status": status_of(reading).value,
        "billing": NOT_FOR_BILLING,  # near-real-time data are not validated
        **parts,
    }


def curve_message(curve: LoadCurve, consent: Consent, key: bytes) -> dict[str, Any]:
    """Return a load curve as a message: its document, under the meter's name."""
    tree = json_form.tree_of([curve])
    name = meter_name(consent, key, curve.meter_id)
    (body,) = tree["curves"]
    return {
        **_head(consent, key, curve.meter_id),
        "time": utc(curve.end),
        "load_curve": {**tree, "curves": [body | {"meter_id": name}]},
    }


def numbered(message: Mapping[str, Any], run: str, sequence: int) -> dict[str, Any]:
    """Return the message with its id: the run's and its place in it."""
    return {**message, "id": f"{run}-{sequence}", "sequence": sequence}


def _head(consent: Consent, key: bytes, meter_id: str | None) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "consent": consent.consent_id,
        "meter": meter_name(consent, key, meter_id),
        "pseudonymous": consent.pseudonymous,
    }


def _known(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _phase(phase: PhaseReading) -> dict[str, object]:
    return {"phase": phase.phase} | _known(
        voltage_v=phase.voltage_v, current_a=phase.current_a
    )


_NUMBER: Final = {"type": "integer"}
_REGISTERS: Final = {"type": "object", "additionalProperties": {"type": "integer"}}
JSON_SCHEMA: Final[Mapping[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": SCHEMA,
    "title": "Near-real-time data of a grid connection point, not validated",
    "type": "object",
    "required": [
        "schema",
        "id",
        "sequence",
        "consent",
        "meter",
        "pseudonymous",
        "time",
    ],
    "additionalProperties": False,
    "properties": {
        "schema": {"const": SCHEMA},
        "id": {"type": "string", "description": "Never the same for two messages."},
        "sequence": {"type": "integer", "minimum": 1},
        "consent": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
        "meter": {"type": "string"},
        "pseudonymous": {"type": "boolean"},
        "time": {
            "type": "string",
            "format": "date-time",
            "description": "When the meter said it; of a load curve, its end.",
        },
        "clock": {"enum": ["meter", "host"]},
        "clock_skew": {"type": "boolean"},
        "status": {"enum": list(Status)},
        "billing": {"type": "string"},
        "import_power_w": _NUMBER,
        "export_power_w": _NUMBER,
        "import_energy_wh": _REGISTERS,
        "export_energy_wh": _REGISTERS,
        "phases": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["phase"],
                "additionalProperties": False,
                "properties": {
                    "phase": {"type": "integer", "minimum": 1, "maximum": 3},
                    "voltage_v": {"type": "number"},
                    "current_a": {"type": "number"},
                },
            },
        },
        "load_curve": {"type": "object", "required": ["schema", "curves"]},
    },
}
