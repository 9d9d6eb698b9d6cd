"""Tibber Pulse: the subscription ``liveMeasurement`` (developer.tibber.com).

``power`` is what is imported and ``powerProduction`` what is exported.
"""

from typing import Final

from cem_core.meter.json_forms.fields import (
    PHASES,
    Document,
    Register,
    aware_time,
    leaves,
    named,
    phase_code,
    reading,
)
from cem_core.model import Reading

_TABLE: Final = {
    "power": Register("1-0:1.7.0", "W"),
    "powerProduction": Register("1-0:2.7.0", "W"),
    "powerReactive": Register("1-0:3.7.0", "kvar"),
    "powerProductionReactive": Register("1-0:4.7.0", "kvar"),
    "powerFactor": Register("1-0:13.7.0"),
    "lastMeterConsumption": Register("1-0:1.8.0", "kWh"),
    "lastMeterProduction": Register("1-0:2.8.0", "kWh"),
    **{f"voltagePhase{p}": Register(phase_code(32, p), "V") for p in PHASES},
    **{f"currentL{p}": Register(phase_code(31, p), "A") for p in PHASES},
}


def read(document: Document) -> Reading:
    """Return the reading in one measurement; ValueError says what is wrong."""
    said = leaves(document)
    return named(
        reading("tibber", document, _TABLE), timestamp=aware_time(said, "timestamp")
    )
