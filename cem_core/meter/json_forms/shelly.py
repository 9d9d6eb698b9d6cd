"""Shelly energy meters: answers of EM and EMData (Pro 3EM, 3EM-63), and of a 3EM.

Sources: shelly-api-docs.shelly.cloud, components EM and EMData of generation 2,
``/status`` of the Shelly 3EM of generation 1. Powers are net, import positive.
"""

from collections.abc import Mapping
from typing import Final

from cem_core.meter.json_forms.fields import (
    PHASES,
    Document,
    Register,
    phase_code,
    reading,
)
from cem_core.model import Reading

_LETTERS: Final = dict(zip("abc", PHASES, strict=True))
_EM: Final = {
    "total_act_power": Register("1-0:16.7.0", "W"),
    "total_act": Register("1-0:1.8.0", "Wh"),  # EMData
    "total_act_ret": Register("1-0:2.8.0", "Wh"),
    "a_freq": Register("1-0:14.7.0", "Hz"),
    **{f"{x}_act_power": Register(phase_code(36, p), "W") for x, p in _LETTERS.items()},
    **{f"{x}_voltage": Register(phase_code(32, p), "V") for x, p in _LETTERS.items()},
    **{f"{x}_current": Register(phase_code(31, p), "A") for x, p in _LETTERS.items()},
}
_3EM: Final = {
    "total_power": Register("1-0:16.7.0", "W"),
    **{f"emeters.{p - 1}.power": Register(phase_code(36, p), "W") for p in PHASES},
    **{f"emeters.{p - 1}.voltage": Register(phase_code(32, p), "V") for p in PHASES},
    **{f"emeters.{p - 1}.current": Register(phase_code(31, p), "A") for p in PHASES},
}


def read_em(document: Document) -> Reading:
    """Return the reading of generation 2; ValueError says what is wrong."""
    return reading("shelly", document, _EM)


def read_3em(document: Document) -> Reading:
    """Return the reading of generation 1; ValueError says what is wrong.

    A channel that says it is not valid measures nothing.
    """
    emeters = document.get("emeters")
    valid = [
        meter
        if isinstance(meter, Mapping) and meter.get("is_valid") is not False
        else {}
        for meter in (emeters if isinstance(emeters, list) else [])
    ]
    return reading("shelly", {**document, "emeters": valid}, _3EM)
