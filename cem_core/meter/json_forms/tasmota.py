"""Tasmota's smart meter interface: ``tele/<device>/SENSOR`` (tasmota.github.io).

Names are those of the user's script; read are the ones its documentation uses
in its examples, in any case. Powers are net in W, energies kWh.
"""

from collections.abc import Mapping
from typing import Final

from cem_core.meter.json_forms.fields import (
    PHASES,
    Document,
    Register,
    leaves,
    named,
    phase_code,
    reading,
    text,
)
from cem_core.model import Reading

_POWER: Final = Register("1-0:16.7.0", "W")
_IMPORT: Final = Register("1-0:1.8.0", "kWh")
_EXPORT: Final = Register("1-0:2.8.0", "kWh")
_TABLE: Final = {
    "power_curr": _POWER,
    "power_cur": _POWER,
    "power": _POWER,
    "total_in": _IMPORT,
    "e_in": _IMPORT,
    "total_out": _EXPORT,
    "e_out": _EXPORT,
    **{f"power_p{p}": Register(phase_code(36, p), "W") for p in PHASES},
    **{f"volt_p{p}": Register(phase_code(32, p), "V") for p in PHASES},
    **{f"amperage_p{p}": Register(phase_code(31, p), "A") for p in PHASES},
    **{f"curr_p{p}": Register(phase_code(31, p), "A") for p in PHASES},
    "freq": Register("1-0:14.7.0", "Hz"),
    "hz": Register("1-0:14.7.0", "Hz"),
}
_NUMBERS: Final = ("meter_number", "meter_id", "server_id")
_NOT_A_METER: Final = frozenset({"Time", "TempUnit"})


def read(document: Document) -> Reading:
    """Return the reading in one message; ValueError says what is wrong.

    The meter is the one group of the message that has values in it.
    """
    groups = [
        group
        for name, group in document.items()
        if name not in _NOT_A_METER and isinstance(group, Mapping)
    ]
    if len(groups) != 1:
        raise ValueError(f"expected one meter in the message, found {len(groups)}")
    meter = {str(name).lower(): value for name, value in groups[0].items()}
    said = leaves(meter)
    meter_id = next((found for n in _NUMBERS if (found := text(said, n))), None)
    return named(reading("tasmota", meter, _TABLE), meter_id=meter_id)
