"""The other JSON forms: composed after each maker's description."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from hypothesis import given, strategies as st
import pytest

from cem_core.meter.json_forms import (
    ams2mqtt,
    dsmr_reader,
    esphome,
    glow,
    homewizard,
    shelly,
    tasmota,
    tibber,
    zigbee2mqtt,
)
from cem_core.meter.json_forms.fields import Document
from cem_core.model import PhaseReading, RawValue, Reading, SubmeterKind

NOON: Final = datetime(2026, 1, 15, 11, tzinfo=UTC)
ALL: Final[dict[str, Callable[[Document], Reading]]] = {
    "ams2mqtt": ams2mqtt.read,
    "dsmr_reader": dsmr_reader.read,
    "esphome": esphome.read,
    "glow": glow.read,
    "homewizard 1": homewizard.read_v1,
    "homewizard 2": homewizard.read_v2,
    "shelly em": shelly.read_em,
    "shelly 3em": shelly.read_3em,
    "tasmota": tasmota.read,
    "tibber": tibber.read,
    "zigbee2mqtt": zigbee2mqtt.read,
}


def test_tibber() -> None:
    reading = tibber.read(
        {
            "timestamp": "2026-01-15T12:00:00+01:00",
            "power": 0,
            "powerProduction": 1500,
            "lastMeterConsumption": 1234.567,
            "voltagePhase1": 231.2,
            "currentL1": 6.5,
            "voltagePhase2": None,
        }
    )
    assert reading.timestamp == NOON
    assert (reading.import_power_w, reading.export_power_w) == (0, 1500)
    assert reading.import_energy_wh == {"total": 1_234_567}
    assert reading.phases == (PhaseReading(phase=1, voltage_v=231.2, current_a=6.5),)
    assert RawValue(code="power", value=0, unit="W") in reading.raw


def test_dsmr_reader_says_numbers_as_text() -> None:
    reading = dsmr_reader.read(
        {
            "timestamp": "2026-01-15T11:00:00Z",
            "electricity_currently_delivered": "0.487",
            "electricity_currently_returned": "0.000",
            "electricity_delivered_1": "4210.035",
            "phase_currently_delivered_l1": "0.487",
            "extra_device_timestamp": "2026-01-15T10:00:00Z",
            "extra_device_delivered": "911.5",
        }
    )
    assert reading.timestamp == NOON
    assert reading.power_w == 487
    assert reading.import_energy_wh == {"1": 4_210_035}
    [device] = reading.submeters
    assert (device.kind, device.value) == (SubmeterKind.UNKNOWN, 911.5)


def test_ams2mqtt() -> None:
    reading = ams2mqtt.read(
        {
            "id": "ams",
            "data": {"id": "57", "lv": "AIDON", "P": 1234, "PO": 0, "U1": 230.1},
        }
    )
    assert (reading.meter_id, reading.version, reading.power_w) == ("57", "AIDON", 1234)
    assert reading.phases[0].voltage_v == 230.1


def test_glow() -> None:
    reading = glow.read(
        {
            "electricitymeter": {
                "timestamp": "2026-01-15T11:00:00Z",
                "energy": {"import": {"cumulative": 12.5, "units": "kWh", "mpan": "7"}},
                "power": {"value": -0.421, "units": "kW"},
            }
        }
    )
    assert (reading.import_power_w, reading.export_power_w) == (0, 421)
    assert (reading.meter_id, reading.timestamp) == ("7", NOON)
    assert reading.import_energy_wh == {"total": 12_500}


def test_glow_gas() -> None:
    energy = {"import": {"cumulativevol": 8.5, "cumulativevolunits": "m3", "mprn": "9"}}
    message = {"gasmeter": {"timestamp": "2026-01-15T11:00:00Z", "energy": energy}}
    [gas] = glow.read(message).submeters
    assert (gas.kind, gas.value, gas.unit) == (SubmeterKind.GAS, 8.5, "m3")
    assert (gas.meter_id, gas.timestamp) == ("9", NOON)


def test_shelly_of_both_generations() -> None:
    second = shelly.read_em(
        {"id": 0, "a_act_power": -100.4, "a_voltage": 230.0, "total_act_power": 55.2}
    )
    assert second.power_w == 55
    assert second.phases == (
        PhaseReading(phase=1, voltage_v=230, import_power_w=0, export_power_w=100),
    )
    first = shelly.read_3em(
        {
            "total_power": 20.0,
            "emeters": [
                {"power": 20.0, "voltage": 229.5, "is_valid": True},
                {"power": 0.0, "voltage": 0.0, "is_valid": False},
            ],
        }
    )
    assert first.power_w == 20
    assert [phase.phase for phase in first.phases] == [1]


def test_zigbee2mqtt_of_one_and_three_phases() -> None:
    one = zigbee2mqtt.read({"power": -300, "energy": 12.25, "linkquality": 90})
    assert (one.import_power_w, one.export_power_w) == (0, 300)
    three = zigbee2mqtt.read({"power": 100, "power_phase_b": 0, "power_phase_c": -5})
    assert three.power_w is None
    assert [phase.import_power_w for phase in three.phases] == [100, 0, 0]


def test_tasmota_in_any_case_of_letters() -> None:
    reading = tasmota.read(
        {
            "Time": "2026-01-15T12:00:00",
            "SML": {"Total_in": 12.5, "Power_curr": -42, "meter_number": "0a01"},
        }
    )
    assert (reading.export_power_w, reading.meter_id) == (42, "0a01")
    assert reading.import_energy_wh == {"total": 12_500}
    with pytest.raises(ValueError, match="expected one meter in the message, found 0"):
        tasmota.read({"Time": "2026-01-15T12:00:00"})


def test_esphome() -> None:
    reading = esphome.read({"power_delivered": 0.0, "power_returned": 1.25})
    assert reading.power_w == -1250


def nested(levels: int) -> dict[str, Any]:
    return {"x": nested(levels - 1)} if levels else {}


@pytest.mark.parametrize(
    ("document", "cause"),
    [
        ({"power": "much"}, "power: 'much' is no number"),
        ({"power": float("nan")}, "power: nan is no number"),
        ({"power": 1e9}, "power: 1000000000.0 W is out of range"),
        ({"timestamp": "noon"}, "timestamp: 'noon' is no time"),
        ({"x": list(range(2000))}, "more than 1000 values"),
        (nested(100), "more than 16 levels"),
    ],
)
def test_what_is_wrong_is_named(document: Any, cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        tibber.read(document)


def test_a_time_without_offset_is_unknown() -> None:
    assert tibber.read({"timestamp": "2026-01-15T12:00:00"}).timestamp is None


NAMES: Final = st.sampled_from(
    ["power", "emeters", "external", "data", "P", "electricitymeter", "unique_id", "x"]
)
SCALARS: Final = st.none() | st.booleans() | st.floats() | st.text(max_size=8)
DOCUMENTS: Final = st.dictionaries(
    NAMES,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
        max_leaves=8,
    ),
)


@pytest.mark.parametrize("name", ALL)
@given(document=DOCUMENTS)
def test_any_document_is_read_or_refused(name: str, document: dict[str, Any]) -> None:
    try:
        reading = ALL[name](document)
    except ValueError:
        return
    assert isinstance(reading, Reading)
