"""AmsToMqttBridge (amsleser.no): its JSON payload, by MQTT or ``/data.json``.

``P`` and ``PO`` are import and export in W, ``Q`` and ``QO`` in var, ``tPI`` and
``tPO`` energies in kWh. Keys that a list of the meter lacks are absent.
"""

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

_TABLE: Final = {
    "data.P": Register("1-0:1.7.0", "W"),
    "data.PO": Register("1-0:2.7.0", "W"),
    "data.Q": Register("1-0:3.7.0", "var"),
    "data.QO": Register("1-0:4.7.0", "var"),
    "data.tPI": Register("1-0:1.8.0", "kWh"),
    "data.tPO": Register("1-0:2.8.0", "kWh"),
    "data.PF": Register("1-0:13.7.0"),
    **{f"data.U{p}": Register(phase_code(32, p), "V") for p in PHASES},
    **{f"data.I{p}": Register(phase_code(31, p), "A") for p in PHASES},
    **{f"data.P{p}": Register(phase_code(21, p), "W") for p in PHASES},
    **{f"data.PO{p}": Register(phase_code(22, p), "W") for p in PHASES},
}


def read(document: Document) -> Reading:
    """Return the reading in one payload; ValueError says what is wrong."""
    said = leaves(document)
    return named(
        reading("ams2mqtt", document, _TABLE),
        meter_id=text(said, "data.id"),
        version=text(said, "data.lv"),
    )
