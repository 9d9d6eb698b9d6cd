"""Hildebrand Glow, local MQTT of the IHD/CAD: ``glow/<id>/SENSOR/electricitymeter``.

The power is net and signed. The gas meter has a topic and a document of its own.
"""

from dataclasses import replace
from typing import Final

from cem_core.meter.json_forms.fields import (
    Document,
    Register,
    aware_time,
    leaves,
    named,
    number,
    reading,
    text,
)
from cem_core.model import Reading, Submeter, SubmeterKind

_HOME: Final = "electricitymeter"
_GAS: Final = "gasmeter"
_POWER: Final = f"{_HOME}.power"
_ENERGY: Final = f"{_HOME}.energy"


def read(document: Document) -> Reading:
    """Return the reading in one message; ValueError says what is wrong."""
    said = leaves(document)
    units = {
        _POWER: text(said, f"{_POWER}.units") or "kW",
        "import": text(said, f"{_ENERGY}.import.units") or "kWh",
        "export": text(said, f"{_ENERGY}.export.units") or "kWh",
    }
    table = {
        f"{_POWER}.value": Register("1-0:16.7.0", units[_POWER]),
        f"{_ENERGY}.import.cumulative": Register("1-0:1.8.0", units["import"]),
        f"{_ENERGY}.export.cumulative": Register("1-0:2.8.0", units["export"]),
    }
    read = named(
        reading("glow", document, table),
        meter_id=text(said, f"{_ENERGY}.import.mpan"),
        timestamp=aware_time(said, f"{_HOME}.timestamp"),
    )
    if (volume := number(said, f"{_GAS}.energy.import.cumulativevol")) is None:
        return read
    gas = Submeter(
        channel=1,
        kind=SubmeterKind.GAS,
        meter_id=text(said, f"{_GAS}.energy.import.mprn"),
        timestamp=aware_time(said, f"{_GAS}.timestamp"),
        value=volume,
        unit=text(said, f"{_GAS}.energy.import.cumulativevolunits"),
    )
    return replace(read, submeters=(gas,))
