"""What wmbusmeters publishes, composed after its README."""

from datetime import UTC, datetime
from typing import Any, Final

from hypothesis import given, strategies as st
import pytest

from cem_core.meter.json_forms import wmbusmeters
from cem_core.model import SubmeterKind
from cem_core.model.slow_reading import SlowQuantity

WATER: Final = {
    "_": "telegram",
    "media": "cold water",
    "meter": "multical21",
    "name": "Kitchen",
    "id": "44332211",
    "total_m3": 9.5,
    "target_m3": 8.2,
    "flow_temperature_c": 127,
    "current_status": "DRY BURST",
    "timestamp": "2026-02-08T09:07:22Z",
    "rssi_dbm": -40,
}


def test_water() -> None:
    read = wmbusmeters.read(WATER)
    assert (read.kind, read.meter_id) == (SubmeterKind.WATER, "44332211")
    assert read.timestamp == datetime(2026, 2, 8, 9, 7, 22, tzinfo=UTC)
    # A water meter without a sensor says 127 °C: heat meters only have a flow.
    assert read.values == {SlowQuantity.VOLUME: 9.5}
    assert read.status == ("DRY", "BURST")
    assert {raw.code: raw.value for raw in read.raw} == WATER


@pytest.mark.parametrize(
    ("media", "said", "kind", "values"),
    [
        (
            "heat",
            {
                "total_energy_consumption_kwh": 12.5,
                "total_volume_m3": 3,
                "power_kw": "1.5",
                "volume_flow_m3h": 0.2,
                "flow_temperature_c": 60,
                "return_temperature_c": 40,
            },
            SubmeterKind.HEAT,
            {
                SlowQuantity.ENERGY: 12_500,
                SlowQuantity.VOLUME: 3,
                SlowQuantity.POWER: 1_500,
                SlowQuantity.FLOW: 0.2,
                SlowQuantity.FLOW_TEMPERATURE: 60,
                SlowQuantity.RETURN_TEMPERATURE: 40,
            },
        ),
        (
            "electricity",
            {"total_energy_consumption_kwh": 1, "total_energy_production_kwh": 0},
            SubmeterKind.ELECTRICITY,
            {SlowQuantity.ENERGY: 1_000, SlowQuantity.EXPORT_ENERGY: 0},
        ),
        ("gas", {"total_m3": None}, SubmeterKind.GAS, {}),
        ("smoke detector", {}, SubmeterKind.UNKNOWN, {}),
    ],
)
def test_media(
    media: str,
    said: dict[str, Any],
    kind: SubmeterKind,
    values: dict[SlowQuantity, float],
) -> None:
    read = wmbusmeters.read({"media": media, "id": "1", "status": "OK"} | said)
    assert (read.kind, read.values, read.status) == (kind, values, ())


@pytest.mark.parametrize(
    ("document", "cause"),
    [
        ({"total_m3": 1}, "id or media is missing"),
        ({"media": "water"}, "id or media is missing"),
        ({"media": "water", "id": "1", "total_m3": "x"}, "total_m3: 'x' is no number"),
        ({"media": "gas", "id": "1", "timestamp": "x"}, "timestamp: 'x' is no time"),
    ],
)
def test_what_is_refused(document: dict[str, Any], cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        wmbusmeters.read(document)


@given(
    st.fixed_dictionaries(
        {name: st.none() | st.text(max_size=8) | st.floats() for name in WATER}
    )
)
def test_any_document_is_read_or_refused(document: dict[str, Any]) -> None:
    try:
        read = wmbusmeters.read(document)
    except ValueError:
        return
    assert read.meter_id
