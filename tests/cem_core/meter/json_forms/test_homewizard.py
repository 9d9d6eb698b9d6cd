"""What a HomeWizard meter answers, by the maker's examples beside this checkout."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from cem_core.meter.json_forms import homewizard
from cem_core.model import PhaseReading, PowerFailures, Reading, SubmeterKind
from tests.conftest import SHARED

FOLDER: Final = SHARED / "data" / "meters" / "json-homewizard"


def read(name: str) -> Reading:
    document: dict[str, Any] = json.loads(
        Path(FOLDER / f"{name}.fixture").read_text(encoding="utf-8")
    )
    by_version = {"v1": homewizard.read_v1, "v2": homewizard.read_v2}
    return by_version[name[:2]](document)


@pytest.mark.shared
def test_every_example_is_read() -> None:
    names = [path.stem for path in FOLDER.glob("*.fixture")]
    assert len(names) >= 10
    for name in names:
        assert read(name).format == "homewizard"


@pytest.mark.shared
def test_version_1() -> None:
    reading = read("v1_HWE-P1_data")
    assert (reading.version, reading.meter_id) == ("50", "NGGYU")
    assert (reading.import_power_w, reading.export_power_w) == (0, 543)
    assert reading.import_energy_wh == {
        "total": 13_779_338, "1": 10_830_511, "2": 2_948_827
    }  # fmt: skip
    assert reading.phases[0] == PhaseReading(
        phase=1, current_a=-4, import_power_w=0, export_power_w=676
    )
    assert (reading.tariff, reading.demand_w, reading.frequency_hz) == (2, 123, 50)
    assert reading.month_peak is not None
    assert reading.month_peak.power_w == 1111
    assert reading.power_failures == PowerFailures(short=4, long=5)
    assert reading.voltage_sags == {1: 1, 2: 1, 3: 0}
    assert [(s.kind, s.meter_id, s.value, s.unit) for s in reading.submeters][:2] == [
        (SubmeterKind.GAS, "NGLYD", 111.111, "m3"),
        (SubmeterKind.HEAT, "NGRAADY", 222.222, "m3"),
    ]


@pytest.mark.shared
def test_version_2() -> None:
    reading = read("v2_HWE-P1_measurement_3_phase_with_gas_with_watermeter")
    assert (reading.version, reading.tariff) == ("50", 2)
    assert reading.meter_id == "Never Gonna Let You Down"
    assert (reading.import_power_w, reading.export_power_w) == (0, 543)
    assert [p.current_a for p in reading.phases] == [-4, 2, 0]
    assert reading.export_energy_wh == {"total": 0, "1": 0, "2": 0}
    assert reading.demand_w == 123
    assert [s.kind for s in reading.submeters] == [SubmeterKind.GAS, SubmeterKind.WATER]


@pytest.mark.shared
def test_meters_behind_without_name_kind_value_or_unit_are_left_out() -> None:
    assert read("v2_HWE-P1_measurement_invalid_external").submeters == ()
    [gas] = read("v1_exceptions_data_invalid_external_data").submeters
    assert gas.value == 111.111


def test_a_single_phase_says_nothing_of_the_others() -> None:
    reading = homewizard.read_v1({"active_power_w": 0, "active_power_l2_w": None})
    assert (reading.import_power_w, reading.export_power_w) == (0, 0)
    assert reading.phases == ()
