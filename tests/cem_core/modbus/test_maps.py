"""The maps that come with the CEM."""

from fractions import Fraction
from pathlib import Path
import struct

from hypothesis import given, strategies as st
import pytest

from cem_core.modbus import (
    Block,
    Kind,
    MapError,
    RegisterMap,
    Table,
    blocks,
    load,
    names,
    reading,
    values,
)
from cem_core.modbus.encoding import Encoding
from cem_core.modbus.quantity import Field, Quantity
from cem_core.modbus.reading import by_field
from cem_core.model import PhaseReading
from tests.cem_core.modbus.served import fractions, words_of

PAGE = Path(__file__).resolve().parents[3] / "docs/modbus.md"
ROW = 6  # cells of a row of its table of maps, with the two outside
METERS = [name for name in names() if load(name).kind is Kind.METER]


@pytest.mark.parametrize("name", names())
def test_a_map_says_where_it_comes_from(name: str) -> None:
    found = load(name)
    assert found.id == name
    assert found.source.document
    assert found.source.place


def test_a_map_that_is_not_there_is_named() -> None:
    with pytest.raises(MapError, match="there is no map 'nobody'; there are abb_b23, "):
        load("nobody")


@pytest.mark.parametrize("name", METERS)
def test_a_meter_says_power_and_both_energies(name: str) -> None:
    fields = {field for each in load(name).registers.values() for field in each.fields}
    assert Field(Quantity.POWER) in fields
    assert Field(Quantity.IMPORT_ENERGY) in fields
    assert Field(Quantity.EXPORT_ENERGY) in fields


@pytest.mark.parametrize("name", METERS)
def test_what_a_meter_holds_is_read(name: str) -> None:
    known = load(name)
    power, energy = (
        _register_of(name, "power_w"),
        _register_of(name, "import_energy_wh"),
    )
    held = words_of(known, fractions({power: -2345, energy: 4321.5}))
    planned = blocks(
        known.registers.values(), most_words=known.most_words, gap=known.gap
    )
    answers = {
        block: [
            held.get((block.table, at), 0) for at in range(block.address, block.end)
        ]
        for block in planned
    }
    found = reading(known, values(known.registers.values(), answers))
    assert (found.import_power_w, found.export_power_w) == (0, 2345)
    assert found.import_energy_wh == {"total": 4_321_500}
    assert found.export_energy_wh == {"total": 0}
    assert {raw.code for raw in found.raw} == set(numbers(known))


def numbers(known: RegisterMap) -> list[str]:
    """Return the registers that are no texts: an empty text is no value."""
    registers = known.registers.values()
    return [r.name for r in registers if r.encoding is not Encoding.TEXT]


def _register_of(name: str, field: str) -> str:
    wanted = Field.parse(field)
    return next(r.name for r in load(name).registers.values() if wanted in r.fields)


def test_abb_s_own_example() -> None:
    """A43/A44 User Manual 2CMC48001M0201 revision C, pages 169 and 170."""
    known = load("abb_b23")
    instantaneous = bytes.fromhex(
        "00000065 000000C9 0000012E 00000086"  # currents from 5B0C
        "0001E8E4 00005AE2 0000B097 0000DD6B"  # active powers
        "00007541 0000001C FFFFD04A 0000A4DB"  # reactive powers
        "000225C3 00005AE2 0000B6DF 00011402"  # apparent powers
        "1383"  # frequency
    )
    words = [
        int.from_bytes(instantaneous[at : at + 2])
        for at in range(0, len(instantaneous), 2)
    ]
    block = Block(Table.HOLDING, 0x5B0C, len(words))
    found = reading(known, values(known.registers.values(), {block: words}))
    assert found.import_power_w == 1252
    assert found.frequency_hz == 49.95
    assert found.reactive_import_power_var == 300
    assert found.phases == (
        PhaseReading(phase=1, current_a=1.01, import_power_w=233, export_power_w=0),
        PhaseReading(phase=2, current_a=2.01, import_power_w=452, export_power_w=0),
        PhaseReading(phase=3, current_a=3.02, import_power_w=567, export_power_w=0),
    )


@pytest.mark.parametrize(
    ("name", "register", "words"),
    [
        ("abb_b23", "active_power_l2", [0x7FFF, 0xFFFF]),
        ("abb_b23", "active_export", [0xFFFF] * 4),
        ("carlo_gavazzi_em24", "active_power", [0x1234, 0x7FFF]),
        ("eastron_sdm630", "frequency", [0x7FC0, 0x0000]),
        ("bender_cc612", "current_l1", [0xFFFF, 0xFFFF]),
        ("bender_cc612", "total_energy", [0xFFFF, 0xFFFF]),
        ("huawei_sun2000_luna", "state_of_charge", [0xFFFF]),
        ("huawei_sun2000_luna", "battery_power", [0x7FFF, 0xFFFF]),
        ("lambda_eureka", "outdoor_temperature", [0xF448]),
        ("stiebel_eltron_isg", "sg_ready_input_1", [0x8000]),
        ("alfen_ng9xx", "active_power", [0xFFFF, 0xFFFF]),
    ],
)
def test_no_value_is_never_zero(name: str, register: str, words: list[int]) -> None:
    found = load(name).registers[register]
    block = Block(found.table, found.address, found.length)
    assert values([found], {block: words}) == {}
    assert values([found], {block: [0] * len(words)}) == {register: Fraction(0)}


def test_a_meter_wired_the_other_way_is_turned() -> None:
    known = load("eastron_sdm630")
    said = fractions({"total_active_power": 700, "active_power_l1": 700})
    found = reading(known, said, export_positive=True)
    assert (found.import_power_w, found.export_power_w) == (0, 700)
    assert (found.phases[0].import_power_w, found.phases[0].export_power_w) == (0, 700)


def test_the_page_lists_every_map_as_it_is() -> None:
    rows = {
        cells[1].strip("` "): [cell.strip() for cell in cells[2:-1]]
        for line in PAGE.read_text().splitlines()
        if line.startswith("| `") and len(cells := line.split("|")) == ROW
    }
    assert set(rows) == {*names(), "sunspec"}
    for name in names():
        found = load(name)
        device, taken_from, verified = rows[name]
        assert device == found.title
        assert taken_from.split(",")[0] in found.source.document
        assert verified == ("verified" if found.verified else "not verified")


@given(data=st.data())
@pytest.mark.parametrize("name", names())
def test_whatever_a_device_holds_only_possible_values_are_read(
    name: str, data: st.DataObject
) -> None:
    known = load(name)
    registers = known.readable()
    answers = {
        block: data.draw(
            st.lists(st.integers(0, 0xFFFF), min_size=block.count, max_size=block.count)
        )
        for block in blocks(registers, most_words=known.most_words, gap=known.gap)
    }
    found = reading(known, values(registers, answers))
    for power in (found.import_power_w, found.export_power_w):
        assert power is None or 0 <= power < 10**8
    assert found.power_w is None or 0 in {found.import_power_w, found.export_power_w}
    for energy in (*found.import_energy_wh.values(), *found.export_energy_wh.values()):
        assert 0 <= energy < 10**15


def test_a_wrong_word_order_gives_no_power() -> None:
    known = load("eastron_sdm630")
    block = Block(Table.INPUT, 52, 2)
    words = struct.unpack(">2H", struct.pack(">f", 3456.5))
    right = reading(known, values(known.readable(), {block: words}))
    assert right.import_power_w == 3456
    wrong = reading(known, values(known.readable(), {block: [0x7ABC, words[0]]}))
    assert wrong.power_w is None


# What a second source has not: other register lists do without it.
UNCHECKED = {
    ("carlo_gavazzi_em24", "reactive_power"),
    ("carlo_gavazzi_em24_e1", "reactive_power"),
}


def test_every_register_that_is_not_verified_was_found_elsewhere() -> None:
    maps = [load(name) for name in names()]
    lonely = {
        (each.id, register)
        for each in maps
        if not each.verified
        for register in set(each.registers) - set().union(*each.checked.values())
    }
    assert lonely == UNCHECKED


def test_the_page_says_what_each_map_was_compared_with() -> None:
    rows = {
        cells[1].strip("` "): [cell.strip() for cell in cells[2:-1]]
        for line in PAGE.read_text().splitlines()
        if line.startswith("| `") and len(cells := line.split("|")) == ROW - 1
    }
    assert set(rows) == set(names())
    for name, (compared, lonely) in rows.items():
        found = load(name)
        everything = set(found.registers)
        assert compared == "; ".join(
            f"{source}: {'all' if registers == everything else len(registers)}"
            for source, registers in found.checked.items()
        )
        left = everything - set().union(*found.checked.values())
        assert left == (set() if lonely == "-" else set(lonely.split(", ")))


@pytest.mark.parametrize(
    ("name", "register", "words", "field", "value"),
    [
        # goecharger/go-eCharger-API-v2, issue 163: 6000 W are 600000, 2500 W 25000.
        ("go_e_charger", "power_total", [0x0009, 0x27C0], "power_w", 6000),
        ("go_e_charger", "power_l1", [0x0000, 0x61A8], "power_w.1", 2500),
        # Its issue 175: for a moment it gives back.
        ("go_e_charger", "power_total", [0xFFFF, 0xFC18], "power_w", -10),
        ("kostal_plenticore", "battery_power", [0xFA24], "power_w", 1500),
        ("huawei_sun2000_luna", "battery_power", [0, 1500], "power_w", 1500),
        ("victron_gx", "battery_power", [0xFA24], "power_w", -1500),
        (
            "keba_p30",
            "active_power",
            [0x0001, 0x8165],
            "power_w",
            Fraction(98661, 1000),
        ),
        ("keba_p30", "cable_state", [0, 7], "state", 7),
        ("vestel_evc04", "meter_reading", [0, 1176], "import_energy_wh", 117_600),
        ("alfen_ng9xx", "current_limit", [0x4180, 0], "current_limit_a", 16),
        (
            "lambda_eureka",
            "flow_temperature",
            [3512],
            "flow_temperature_c",
            Fraction(3512, 100),
        ),
    ],
)
def test_what_devices_are_known_to_say(
    name: str, register: str, words: list[int], field: str, value: Fraction
) -> None:
    known = load(name)
    found = known.registers[register]
    block = Block(found.table, found.address, found.length)
    said = by_field(known, values([found], {block: words}))
    assert said == {Field.parse(field): value}
