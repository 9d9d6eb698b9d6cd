"""The P1 text of each country, composed from its operators' list of objects.

Composed: no meter sent these; codes, units and digits are those of the lists
named beside them. What a telegram says is compared field by field.
"""

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from cem_core.meter import parse
from cem_core.model import Breaker, PhaseReading, Reading, SubmeterKind
from tests.telegrams.compose import telegram

WINTER_NOON: Final = datetime(2026, 1, 15, 11, 0, 10, tzinfo=UTC)

# Energiföretagen "Branschrekommendation lokalt kundgränssnitt" 2.0; the same
# objects in Denmark, Finland (Energiateollisuus, H1) and Norwegian P1 meters.
NORDIC: Final = (
    "0-0:1.0.0(260115120010W)",
    "1-0:1.8.0(00006678.394*kWh)",
    "1-0:2.8.0(00000000.011*kWh)",
    "1-0:3.8.0(00000021.988*kvarh)",
    "1-0:4.8.0(00001020.971*kvarh)",
    "1-0:1.7.0(0001.727*kW)",
    "1-0:2.7.0(0000.000*kW)",
    "1-0:3.7.0(0000.012*kvar)",
    "1-0:4.7.0(0000.309*kvar)",
    "1-0:21.7.0(0001.023*kW)",
    "1-0:41.7.0(0000.350*kW)",
    "1-0:61.7.0(0000.353*kW)",
    "1-0:22.7.0(0000.000*kW)",
    "1-0:42.7.0(0000.000*kW)",
    "1-0:62.7.0(0000.000*kW)",
    "1-0:23.7.0(0000.000*kvar)",
    "1-0:32.7.0(240.3*V)",
    "1-0:52.7.0(240.1*V)",
    "1-0:72.7.0(241.3*V)",
    "1-0:31.7.0(004.2*A)",
    "1-0:51.7.0(001.6*A)",
    "1-0:71.7.0(001.7*A)",
)
# ESO (Lithuania), Sadales tīkls (Latvia): DSMR 5 with four tariffs.
BALTIC: Final = (
    "1-3:0.2.8(50)",
    "0-0:1.0.0(260115120010W)",
    "0-0:96.1.1(4C54303031323334353637)",
    "0-0:96.14.0(0003)",
    "1-0:1.8.0(001234.500*kWh)",
    "1-0:1.8.1(000234.500*kWh)",
    "1-0:1.8.2(000300.000*kWh)",
    "1-0:1.8.3(000300.000*kWh)",
    "1-0:1.8.4(000400.000*kWh)",
    "1-0:2.8.0(000000.000*kWh)",
    "1-0:1.7.0(02.150*kW)",
    "1-0:2.7.0(00.000*kW)",
    "1-0:14.7.0(50.02*Hz)",
    "1-0:13.7.0(0.985)",
    "0-0:96.13.0(4C616261732072797461732C206B6C69656E7465)",
)
# SODO (Slovenia) and HEP-ODS (Croatia): the serial number under 96.1.0,
# limiter and breaker, energies as a whole and by two tariffs.
ADRIATIC: Final = (
    "0-0:1.0.0(260115120010W)",
    "0-0:42.0.0(49534B30303731383639353434)",
    "0-0:96.1.0(3731383639353434)",
    "0-0:96.14.0(0002)",
    "0-0:96.3.10(1)",
    "0-0:17.0.0(13.800*kW)",
    "1-0:1.8.0(000173.640*kWh)",
    "1-0:1.8.1(000047.719*kWh)",
    "1-0:1.8.2(000125.921*kWh)",
    "1-0:2.8.0(000627.177*kWh)",
    "1-0:1.7.0(00.000*kW)",
    "1-0:2.7.0(02.601*kW)",
    "1-0:31.4.0(20.00*A)",
    "1-0:51.4.0(20.00*A)",
    "1-0:71.4.0(20.00*A)",
)
# Creos "Specification of the consumer port P1" (Luxembourg): apparent power
# and its threshold, up to four meters behind.
LUXEMBOURG: Final = (
    "1-3:0.2.8(42)",
    "0-0:1.0.0(260115120010W)",
    "0-0:42.0.0(53414731303330373930303032353734)",
    "1-0:1.8.0(000025.653*kWh)",
    "1-0:2.8.0(000000.040*kWh)",
    "1-0:1.7.0(00.005*kW)",
    "1-0:2.7.0(00.000*kW)",
    "0-0:17.0.0(069.0*kVA)",
    "1-0:9.7.0(00.021*kVA)",
    "1-1:31.4.0(100*A)(-063*A)",
    "0-0:96.3.10(1)",
    "0-1:96.3.10(0)",
    "0-0:96.13.2()",
    "0-1:24.1.0(003)",
    "0-1:96.1.0(464C4F313839393030303630333535)",
    "0-1:24.2.1(260115120000W)(00000.006*m3)",
    "0-2:24.1.0(007)",
    "0-2:96.1.0()",
    "0-2:24.2.1(632525252525S)(00000.000)",
)
# Stoen, Energa, Tauron (Poland): DSMR 5 with watts and volt-amperes.
POLAND: Final = (
    "1-3:0.2.8(50)",
    "0-0:1.0.0(260115120010W)",
    "0-0:96.1.0(3330303132333435)",
    "1-0:1.8.0(000012345*Wh)",
    "1-0:2.8.0(000000007*Wh)",
    "1-0:1.7.0(000000286*W)",
    "1-0:2.7.0(000000000*W)",
    "1-0:3.7.0(000000000*var)",
    "1-0:4.7.0(000000166*var)",
)


def said(lines: tuple[str, ...], identification: str) -> Reading:
    return parse(telegram(lines, identification=identification))


@pytest.mark.parametrize(
    "identification", ["ADN9 6534", "LGF5E360", "KAM5", "ELL5\\253833635_A"]
)
def test_nordic(identification: str) -> None:
    reading = said(NORDIC, identification)
    assert reading.timestamp == WINTER_NOON
    assert reading.version is None
    assert reading.meter_id is None
    assert (reading.import_power_w, reading.export_power_w) == (1727, 0)
    assert reading.reactive_import_power_var == 12
    assert reading.reactive_export_power_var == 309
    assert reading.import_energy_wh == {"total": 6_678_394}
    assert reading.export_energy_wh == {"total": 11}
    assert [p.import_power_w for p in reading.phases] == [1023, 350, 353]
    assert reading.phases[0] == PhaseReading(
        phase=1, voltage_v=240.3, current_a=4.2, import_power_w=1023, export_power_w=0
    )


def test_baltic() -> None:
    reading = said(BALTIC, "KFM5KAIFA-METER")
    assert reading.version == "50"
    assert reading.meter_id == "LT001234567"
    assert reading.tariff == 3
    assert reading.import_energy_wh == {
        "total": 1_234_500, "1": 234_500, "2": 300_000, "3": 300_000, "4": 400_000
    }  # fmt: skip
    assert (reading.frequency_hz, reading.power_factor) == (50.02, 0.985)
    assert reading.message == "Labas rytas, kliente"


def test_adriatic() -> None:
    reading = said(ADRIATIC, "ISK5MT174")
    assert reading.meter_id == "71869544"
    assert (reading.tariff, reading.breaker) == (2, Breaker.CONNECTED)
    assert reading.limiter_threshold_w == 13_800
    assert reading.fuse_threshold_a == 20
    assert reading.power_w == -2601


def test_luxembourg() -> None:
    reading = said(LUXEMBOURG, "Lux5\\253663629_D")
    assert reading.meter_id == "SAG1030790002574"
    assert reading.limiter_threshold_w is None  # it is kVA and stays raw
    assert reading.breaker is Breaker.CONNECTED
    gas, water = reading.submeters
    assert (gas.kind, gas.value, gas.unit) == (SubmeterKind.GAS, 0.006, "m3")
    assert gas.meter_id == "FLO189900060355"
    assert (water.kind, water.value, water.meter_id) == (SubmeterKind.WATER, None, None)


def test_poland() -> None:
    reading = said(POLAND, "APA5\\1234")
    assert reading.meter_id == "30012345"
    assert (reading.import_power_w, reading.import_energy_wh) == (286, {"total": 12345})
    assert reading.reactive_export_power_var == 166


@pytest.mark.parametrize(
    ("lines", "meter_id"),
    [
        (("0-0:96.1.1(41)", "0-0:96.1.0(42)", "0-0:42.0.0(43)"), "A"),
        (("0-0:42.0.0(43)", "0-0:96.1.0(42)", "0-0:96.1.1()"), "B"),
        (("0-0:42.0.0(43)", "1-0:0.0.0(1336001560)"), "C"),
        (("1-0:0.0.0*255(13360)", "0-0:96.1.255*255(1ESY133)"), "1ESY133"),
        (("1-0:0.0.0*255(13360)", "1-0:96.1.0*255(0010651)"), "0010651"),
        (("1-0:0.0.0*255(13360)",), "13360"),
        (("0-0:96.1.0()",), None),
    ],
)
def test_the_best_name_of_the_meter_wins(lines: Any, meter_id: str | None) -> None:
    assert said(lines, "TST5 A").meter_id == meter_id
