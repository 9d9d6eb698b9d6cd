"""Zigbee2MQTT: what a metering device publishes (zigbee2mqtt.io, "Exposes").

``power`` is net in W, ``energy`` imported and ``produced_energy`` exported kWh;
phases B and C have their own names, phase A has the plain one.
"""

from collections.abc import Iterator
from typing import Final

from cem_core.meter.json_forms.fields import Document, Register, phase_code, reading
from cem_core.model import Reading

_SUFFIXES: Final = {"phase_b": 2, "phase_c": 3}


def _table(*, three_phases: bool) -> Iterator[tuple[str, Register]]:
    yield "energy", Register("1-0:1.8.0", "kWh")
    yield "produced_energy", Register("1-0:2.8.0", "kWh")
    yield "ac_frequency", Register("1-0:14.7.0", "Hz")
    yield "power_factor", Register("1-0:13.7.0")
    yield "voltage", Register(phase_code(32, 1), "V")
    yield "current", Register(phase_code(31, 1), "A")
    # With phases beside it the plain power is that of phase A.
    yield "power", Register(phase_code(36, 1) if three_phases else "1-0:16.7.0", "W")
    for suffix, phase in _SUFFIXES.items():
        yield f"power_{suffix}", Register(phase_code(36, phase), "W")
        yield f"voltage_{suffix}", Register(phase_code(32, phase), "V")
        yield f"current_{suffix}", Register(phase_code(31, phase), "A")


_ONE: Final = dict(_table(three_phases=False))
_THREE: Final = dict(_table(three_phases=True))


def read(document: Document) -> Reading:
    """Return the reading in one message; ValueError says what is wrong."""
    three = any(document.get(f"power_{suffix}") is not None for suffix in _SUFFIXES)
    return reading("zigbee2mqtt", document, _THREE if three else _ONE)
