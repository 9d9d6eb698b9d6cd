"""What is ordered goes out in the register's own steps, never looser than it was."""

from fractions import Fraction

from hypothesis import given, strategies as st
import pytest

from cem_core.modbus import Block, load, names, values
from cem_core.modbus.encoding import decode, encode
from cem_core.modbus.order import OrderError, words, writable
from cem_core.modbus.quantity import Field
from cem_core.modbus.reading import by_field
from cem_core.modbus.register_map import Kind
from cem_core.modbus.steering import Sizes, Wish, plugged, steps

DEVICES = [name for name in names() if load(name).kind is not Kind.METER]
CURRENT = Field.parse("current_limit_a")
SETPOINT = Field.parse("power_setpoint_w")


@given(value=st.fractions(6, 16))
@pytest.mark.parametrize(
    "name", [name for name in DEVICES if load(name).kind is Kind.CHARGER]
)
def test_a_limit_of_current_is_at_most_what_was_ordered(
    name: str, value: Fraction
) -> None:
    register = writable(load(name), CURRENT)
    said = decode(words(register, value, CURRENT), register.encoding)
    assert isinstance(said, Fraction)
    step = register.scale * CURRENT.per(register.unit)
    assert 0 <= value - said * step < step


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("heidelberg_energy_control", Fraction(105, 10), [105]),
        ("heidelberg_energy_control", Fraction(0), [0]),
        ("keba_p30", Fraction(16), [16_000]),
        ("tinkerforge_warp", Fraction(10), [0, 10_000]),
        ("go_e_charger", Fraction(13), [13]),
    ],
)
def test_a_current_in_the_charger_s_own_unit(
    name: str, value: Fraction, sent: list[int]
) -> None:
    assert words(writable(load(name), CURRENT), value, CURRENT) == sent


def test_charging_is_positive_whatever_the_battery_counts() -> None:
    register = writable(load("kostal_plenticore"), SETPOINT)
    sent = words(register, Fraction(3000), SETPOINT)
    assert decode(sent, register.encoding, low_word_first=True) == -3000


@pytest.mark.parametrize("value", [Fraction(3), Fraction(17), Fraction(-1)])
def test_what_the_map_does_not_allow_is_refused(value: Fraction) -> None:
    register = writable(load("heidelberg_energy_control"), CURRENT)
    with pytest.raises(OrderError, match="is not in 6 to 16"):
        words(register, value, CURRENT)


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        # Input 1 alone is state 3, input 2 alone state 1 (evcc stiebel-wpm, openHAB).
        (Wish(power_w=2500), [(4000, 1), (4002, 0), (4001, 1)]),
        (Wish(power_w=1000), [(4000, 1), (4002, 0), (4001, 0)]),
        (Wish(power_w=None), [(4000, 1), (4002, 0), (4001, 0)]),
        (Wish(power_w=0, limited=True), [(4000, 1), (4001, 0), (4002, 1)]),
    ],
)
def test_the_contacts_of_a_stiebel_eltron(
    wish: Wish, told: list[tuple[int, int]]
) -> None:
    known = load("stiebel_eltron_isg")
    written = []
    for step in steps(known, wish, Sizes(most_w=2500)):
        register = writable(known, step.field)
        [word] = words(register, step.value, step.field)
        written.append((register.address, word))
    assert written == told


def test_what_a_device_cannot_be_told_is_said() -> None:
    with pytest.raises(OrderError, match=r"ABB .* takes no order for"):
        writable(load("abb_b23"), CURRENT)
    only_read = load("abb_b23").registers["frequency"]
    with pytest.raises(OrderError, match="frequency cannot be written"):
        words(only_read, Fraction(50), Field.parse("frequency_hz"))


@pytest.mark.parametrize("name", DEVICES)
def test_a_device_can_be_told_something_and_says_something(name: str) -> None:
    known = load(name)
    assert any(r.write for r in known.registers.values())
    assert any(r.fields for r in known.readable())


@pytest.mark.parametrize(
    ("name", "register", "state", "there"),
    [
        # Alfen's document, 3.4.1.
        *(("alfen_ng9xx", "mode_3_state", s, True) for s in ("B1", "B2", "C2", "D1")),
        *(("alfen_ng9xx", "mode_3_state", s, False) for s in ("A", "E", "F")),
        *(("keba_p30", "cable_state", s, s >= 5) for s in (0, 1, 3, 5, 7)),
        *(("vestel_evc04", "cable_state", s, s >= 2) for s in range(4)),
        *(("bender_cc612", "control_pilot_state", s, s in {2, 3, 4}) for s in range(6)),
        *(
            ("heidelberg_energy_control", "charging_state", s, s in {4, 5, 6, 7, 8})
            for s in range(2, 12)
        ),
        *(("go_e_charger", "car_state", s, s >= 2) for s in range(1, 5)),
    ],
)
def test_a_car_is_there_where_the_state_says_so(
    name: str, register: str, state: int | str, there: bool
) -> None:
    known = load(name)
    found = known.registers[register]
    raw = state if isinstance(state, str) else Fraction(state)
    block = Block(found.table, found.address, found.length)
    read = encode(raw, found.encoding, length=found.length)
    assert plugged(known, by_field(known, values([found], {block: read}))) is there
