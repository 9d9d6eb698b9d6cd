"""ESPHome's component ``dsmr``: the states of its sensors by name.

Names are the component's options (esphome.io, "DSMR Component"), as they are the
object ids where a user keeps them; powers are kW and energies kWh there.
"""

from typing import Final

from cem_core.meter.json_forms.fields import (
    PHASES,
    Document,
    Register,
    phase_code,
    reading,
)
from cem_core.model import Reading

_TABLE: Final = {
    "power_delivered": Register("1-0:1.7.0", "kW"),
    "power_returned": Register("1-0:2.7.0", "kW"),
    "energy_delivered_lux": Register("1-0:1.8.0", "kWh"),
    "energy_returned_lux": Register("1-0:2.8.0", "kWh"),
    "energy_delivered_tariff1": Register("1-0:1.8.1", "kWh"),
    "energy_delivered_tariff2": Register("1-0:1.8.2", "kWh"),
    "energy_returned_tariff1": Register("1-0:2.8.1", "kWh"),
    "energy_returned_tariff2": Register("1-0:2.8.2", "kWh"),
    **{f"power_delivered_l{p}": Register(phase_code(21, p), "kW") for p in PHASES},
    **{f"power_returned_l{p}": Register(phase_code(22, p), "kW") for p in PHASES},
    **{f"voltage_l{p}": Register(phase_code(32, p), "V") for p in PHASES},
    **{f"current_l{p}": Register(phase_code(31, p), "A") for p in PHASES},
    "frequency": Register("1-0:14.7.0", "Hz"),
}


def read(document: Document) -> Reading:
    """Return the reading in the states; ValueError says what is wrong."""
    return reading("esphome", document, _TABLE)
