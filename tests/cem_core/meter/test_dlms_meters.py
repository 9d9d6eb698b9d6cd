"""What DLMS meters of each make push."""

import pytest

from cem_core.model import Breaker
from tests.cem_core.meter.test_dlms import (
    NO_TIME,
    WINTER,
    WINTER_UTC,
    described,
    one,
    pushed,
    refused,
)
from tests.telegrams.dlms import (
    HEAD,
    LLC,
    code,
    hdlc,
    mbus,
    notification,
    octets,
    structure,
    text,
    u16,
    u32,
)


def test_kamstrup() -> None:
    reading = pushed(
        structure(
            text("Kamstrup_V0001"),
            *(code("1-1:0.0.5"), text("5706567300000000")),
            *(code("1-1:96.1.1"), text("6861111BN242101040")),
            *(code("1-1:1.7.0"), u32(826)),
            *(code("1-1:31.7.0"), u32(237)),
            *(b"\0", b"\0"),
            *(code("1-1:32.7.0"), u16(232)),
            *(code("0-1:1.0.0"), octets(WINTER)),
            *(code("1-1:1.8.0"), u32(7_745_250)),
        ),
        NO_TIME,
    )
    assert reading.version == "Kamstrup_V0001"
    assert (reading.meter_id, reading.timestamp) == ("5706567300000000", WINTER_UTC)
    assert (reading.import_power_w, reading.import_energy_wh) == (
        826,
        {"total": 77_452_500},
    )
    assert (reading.phases[0].voltage_v, reading.phases[0].current_a) == (232, 2.37)


@pytest.mark.parametrize("phases", [1, 3])
def test_kaifa(phases: int) -> None:
    names = [octets(b"KFM_001"), octets(b"6970631402614476"), octets(b"MA304H3E")]
    powers = [u32(4904), u32(1), u32(2), u32(377)]
    currents, voltages = [u32(14_571)] * phases, [u32(2193)] * phases
    energies = [octets(WINTER), u32(79_591_144), u32(3), u32(4), u32(5)]
    short = [*names, *powers, *currents, *voltages]
    for items, energy in ((short, {}), ([*short, *energies], {"total": 79_591_144})):
        head = HEAD + b"\x09\x0c" + WINTER
        reading = one(hdlc(LLC + head + structure(*items)))
        assert reading.timestamp == WINTER_UTC
        assert (reading.version, reading.meter_id) == ("KFM_001", "6970631402614476")
        assert (reading.import_power_w, reading.export_power_w) == (4904, 1)
        assert reading.import_energy_wh == energy
        assert [p.voltage_v for p in reading.phases] == [219.3] * phases
        assert reading.phases[0].current_a == 14.571


def test_kaifa_list_1() -> None:
    assert pushed(structure(u32(5852))).import_power_w == 5852


def test_iskraemeco_lists() -> None:
    name, other = octets(b"ISK1030783826316"), octets(b"ISK83826316")
    powers = [u32(n) for n in (10, 20, 30, 40)]
    voltages, currents = [u16(2346)] * 3, [u16(125)] * 3
    reading = pushed(
        structure(
            *(name, other, *powers, *voltages, *currents),
            *(u32(n) for n in (1, 2, 3, 4, 5, 6)),
        )
    )
    assert (reading.meter_id, reading.import_power_w) == ("ISK1030783826316", 10)
    assert [(p.voltage_v, p.current_a) for p in reading.phases] == [(234.6, 1.25)] * 3
    assert [p.import_power_w for p in reading.phases] == [1, 2, 3]
    assert [p.export_power_w for p in reading.phases] == [4, 5, 6]
    assert pushed(structure(name, other, *voltages, *currents, *powers)) != reading
    energies = [u32(n) for n in (9, 4, 5, 3, 1, 2, 7, 8)]
    reading = pushed(
        structure(name, octets(b""), b"\x03\x01", octets(b"\0\2"), *energies)
    )
    assert reading.import_energy_wh == {"total": 9, "1": 4, "2": 5}
    assert reading.export_energy_wh == {"total": 3, "1": 1, "2": 2}
    assert (reading.breaker, reading.tariff) == (Breaker.CONNECTED, 2)


def test_iskraemeco_announces_twelve_and_sends_eight() -> None:
    items = [
        *(code("0-6:25.9.0"), octets(b"2221202033801"), octets(b"\x0e\x37\x21\0")),
        *(octets(b"\x07\xe5\3\7\7"), *(u32(n) for n in (44, 33, 22, 11))),
    ]
    body = structure(*items).replace(b"\x02\x08", b"\x02\x0c", 1)
    reading = pushed(body + b"\x06\x00")
    assert (reading.import_energy_wh, reading.export_energy_wh) == (
        {"total": 44},
        {"total": 33},
    )
    assert reading.meter_id == "2221202033801"
    assert "inside a value" in refused(mbus(notification(body)))  # 8 bits prove little


def test_siemens_without_reactive_powers() -> None:
    head = (code("0-6:25.9.0"), octets(b"18037098"), octets(b"\x0a\x08\x17\0"))
    numbers = (u32(n) for n in (3_531_997, 0, 392_120, 282_666, 146, 12))
    reading = pushed(structure(*head, octets(b"\x07\xe5\5\x13\3"), *numbers))
    assert (reading.import_power_w, reading.export_power_w) == (146, 12)
    assert reading.import_energy_wh == {"total": 3_531_997}
    assert reading.meter_id == "18037098"


def test_landis_gyr_without_codes() -> None:
    reading = pushed(
        structure(
            *([u16(231)] * 3),
            *([u16(102)] * 3),
            *(u32(n) for n in (500, 0, 1000, 2000)),
            octets(b"12345678"),
        )
    )
    assert reading.meter_id == "12345678"
    assert (reading.phases[2].voltage_v, reading.phases[2].current_a) == (231, 1.02)
    assert (reading.import_power_w, reading.export_energy_wh) == (500, {"total": 2000})


@pytest.mark.parametrize(
    ("raw", "volts", "amperes", "power_w"),
    [
        ((2357, 43), 235.7, 0.43, 90),  # tenths of a volt
        ((236, 43), 236, 0.43, 90),
        ((229, 400), 229, 400, 91_000),  # more than the hundredths could carry
        ((0, 0), 0, 0, 0),
    ],
)
def test_landis_gyr_with_codes_and_no_scale(
    raw: tuple[int, int], volts: float, amperes: float, power_w: int
) -> None:
    values = {"1-0:1.7.0": power_w, "1-0:32.7.0": raw[0], "1-0:31.7.0": raw[1]}
    descriptions = described((1, "0-0:42.0.0", 2), *((3, c, 2) for c in values))
    name = octets(b"LGZ1030653520967")
    [phase] = pushed(structure(descriptions, name, *map(u32, values.values()))).phases
    assert (phase.voltage_v, phase.current_a) == (volts, amperes)
