"""DSMR-reader: a reading as JSON over MQTT, topic ``dsmr/json``.

Source: dsmr-reader.readthedocs.io, "MQTT: Data source", names of the API's
``DsmrReading``. Powers are kW, energies kWh; numbers may stand as text.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from cem_core.meter.json_forms.fields import (
    PHASES,
    Document,
    Leaf,
    Register,
    aware_time,
    leaves,
    named,
    number,
    phase_code,
    reading,
)
from cem_core.model import Reading, Submeter, SubmeterKind

_TABLE: Final = {
    "electricity_currently_delivered": Register("1-0:1.7.0", "kW"),
    "electricity_currently_returned": Register("1-0:2.7.0", "kW"),
    "electricity_delivered_1": Register("1-0:1.8.1", "kWh"),
    "electricity_delivered_2": Register("1-0:1.8.2", "kWh"),
    "electricity_returned_1": Register("1-0:2.8.1", "kWh"),
    "electricity_returned_2": Register("1-0:2.8.2", "kWh"),
    **{
        f"phase_currently_delivered_l{p}": Register(phase_code(21, p), "kW")
        for p in PHASES
    },
    **{
        f"phase_currently_returned_l{p}": Register(phase_code(22, p), "kW")
        for p in PHASES
    },
    **{f"phase_voltage_l{p}": Register(phase_code(32, p), "V") for p in PHASES},
    **{f"phase_power_current_l{p}": Register(phase_code(31, p), "A") for p in PHASES},
}


def read(document: Document) -> Reading:
    """Return the reading in one message; ValueError says what is wrong."""
    said = leaves(document)
    read = named(
        reading("dsmr_reader", document, _TABLE),
        timestamp=aware_time(said, "timestamp"),
    )
    return replace(read, submeters=_gas(said))


def _gas(said: Mapping[str, Leaf]) -> tuple[Submeter, ...]:
    """Return the device on the M interface, whose kind the message does not say."""
    if (value := number(said, "extra_device_delivered")) is None:
        return ()
    when = aware_time(said, "extra_device_timestamp")
    return (
        Submeter(channel=1, kind=SubmeterKind.UNKNOWN, timestamp=when, value=value),
    )
