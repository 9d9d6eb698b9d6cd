"""SunSpec devices, by the models' own definitions."""

from collections.abc import Mapping, Sequence

from hypothesis import given, strategies as st
import pytest

from cem_core.modbus import Block, Table, blocks, reading, values
from cem_core.modbus.sunspec import Model, NoSunSpecError, known, points, scan
from cem_core.modbus.sunspec_meter import METER_MODELS, meter_map

LENGTHS = {1: 66, 103: 50, 123: 24, 201: 105, 203: 105, 213: 124}


def chain(base: int, models: Sequence[tuple[int, Sequence[int]]]) -> dict[int, int]:
    """Return the registers of a device with models, each with its words."""
    words = [0x5375, 0x6E53]
    for number, body in models:
        words += [number, len(body), *body]
    words += [0xFFFF, 0]
    return dict(enumerate(words, base))


def scanned(held: Mapping[int, int]) -> tuple[Model, ...]:
    """Return what a scan of these registers finds."""
    wishes = scan()
    try:
        block = next(wishes)
        while True:
            assert block.table is Table.HOLDING
            at = range(block.address, block.end)
            answer = (
                [held[place] for place in at] if all(p in held for p in at) else None
            )
            block = wishes.send(answer)
    except StopIteration as done:
        found: tuple[Model, ...] = done.value
        return found


@pytest.mark.parametrize("base", [40000, 50000, 0])
def test_the_chain_is_followed_from_any_of_the_three_places(base: int) -> None:
    models = [(number, [0] * length) for number, length in LENGTHS.items()]
    found = scanned(chain(base, [*models, (64_999, [7] * 3)]))
    assert [(m.number, m.length) for m in found] == [*LENGTHS.items(), (64_999, 3)]
    assert found[0].address == base + 2


def test_what_is_no_sunspec_device_is_said_so() -> None:
    with pytest.raises(NoSunSpecError, match="not at 40000, 50000, 0"):
        scanned({40000: 1, 40001: 2})


def test_a_broken_chain_is_said_so() -> None:
    held = chain(40000, [(1, [0] * 66), (203, [0] * 105)])
    for address in (max(held) - 1, max(held)):
        del held[address]
    with pytest.raises(NoSunSpecError, match="broken at address 40177 after model 203"):
        scanned(held)


@given(words=st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=400))
def test_whatever_a_device_holds_the_scan_ends(words: list[int]) -> None:
    held = dict(enumerate([0x5375, 0x6E53, *words], 40000))
    try:
        found = scanned(held)
    except NoSunSpecError:
        return
    ends = [m.end for m in found[:-1]]
    assert ends == [m.address for m in found[1:]]


@pytest.mark.parametrize("number", sorted(known()))
def test_points_neither_overlap_nor_leave_their_model(number: int) -> None:
    model = Model(number, 40000, 400)
    registers = list(points(model).values())
    planned = blocks(registers)
    for each in registers:
        assert 40000 <= each.address < each.end <= model.end
        assert sum(block.holds(each) for block in planned) == 1
        scaled = each.scale_register
        assert scaled is None or scaled in points(model)


def test_a_shorter_model_has_fewer_points() -> None:
    assert "SN" in points(Model(1, 0, 66))
    assert "Opt" not in points(Model(1, 0, 32))


def test_repeated_groups_are_as_many_as_fit() -> None:
    """Model 160 with two strings of modules."""
    found = points(Model(160, 0, 8 + 2 * 20))
    assert found["module.2.DCW"].address == 10 + 20 + 11
    assert "module.3.DCW" not in found
    assert found["module.2.DCW"].scale_register == "DCW_SF"


def meter_203(said: Mapping[str, int]) -> dict[int, int]:
    """Return a device with a meter of model 203 where all else is not implemented."""
    common = Model(1, 40002, 66)
    model = Model(203, common.end, 105)
    held = chain(40000, [(1, [0] * 66), (203, [0] * 105)])
    for name, register in points(model).items():
        if name in ("ID", "L"):
            continue
        nothing = next(iter(register.missing), 0)
        number = said.get(name, nothing) % (1 << 16 * register.length)
        for place in range(register.length):
            shift = 16 * (register.length - 1 - place)
            held[register.address + place] = number >> shift & 0xFFFF
    serial = points(common)["SN"]
    held[serial.address] = int.from_bytes(b"S7")
    return held


def test_a_sunspec_meter_gives_a_reading() -> None:
    held = meter_203(
        {"W": -1234, "W_SF": 1, "WphA": -1234, "A_SF": -2, "AphA": 5365, "V_SF": -1}
        | {"PhVphA": 2301, "Hz": 4998, "Hz_SF": -2, "PF": -990, "PF_SF": -1}
        | {"TotWhImp": 123_456, "TotWhExp": 0, "TotWh_SF": 1}
    )
    found_map = meter_map(scanned(held))
    answers = {
        block: [held[at] for at in range(block.address, block.end)]
        for block in blocks(found_map.registers.values(), gap=found_map.gap)
    }
    found = reading(found_map, values(found_map.registers.values(), answers))
    assert (found.import_power_w, found.export_power_w) == (0, 12_340)
    assert found.meter_id == "S7"
    assert found.frequency_hz == 49.98
    assert found.power_factor == -0.99
    assert found.import_energy_wh == {"total": 1_234_560}
    assert found.export_energy_wh == {"total": 0}
    [phase] = found.phases
    assert (phase.current_a, phase.voltage_v) == (53.65, 230.1)
    assert phase.export_power_w == 12_340


def test_a_value_without_its_scale_is_no_value() -> None:
    model = Model(203, 40000, 105)
    register = points(model)["W"]
    scale = points(model)["W_SF"]
    block = Block(Table.HOLDING, register.address, scale.end - register.address)
    words = [100, *[0] * (block.count - 2), 0x8000]
    assert "W" not in values([register, scale], {block: words})
    assert values([register, scale], {block: [*words[:-1], 1]})["W"] == 1000


def test_a_device_without_a_meter_is_refused_by_name() -> None:
    held = chain(40000, [(1, [0] * 66), (103, [0] * 50)])
    with pytest.raises(NoSunSpecError, match=r"203.* is here, only 1, 103"):
        meter_map(scanned(held))


def test_every_meter_model_is_known() -> None:
    assert set(METER_MODELS) <= known()
