"""What SunSpec's models say of a battery's power, and in which direction."""

from fractions import Fraction

from hypothesis import given, strategies as st
import pytest

from cem_core.modbus.sunspec_storage import Direction, by_bank, by_ports, says_direction
from cem_core.modbus.values import Value

PV, ESS, EV = 0, 1, 2  # PrtTyp of json/model_714.json
DISCHARGING, CHARGING, HOLDING = 3, 4, 6


def ports(*said: tuple[int, int | None]) -> dict[str, Value]:
    """Return what model 714 says of ports: their types and powers."""
    found: dict[str, Value] = {}
    for place, (kind, power_w) in enumerate(said, 1):
        found[f"Prt.{place}.PrtTyp"] = Fraction(kind)
        if power_w is not None:
            found[f"Prt.{place}.DCW"] = Fraction(power_w)
    return found


@pytest.mark.parametrize(
    ("said", "power_w"),
    [
        (ports((PV, 3000), (ESS, 1500)), 1500),
        (ports((ESS, -700), (ESS, -800)), -1500),
        (ports((ESS, 0)), 0),
        (ports((EV, -7000), (ESS, 1500)), 1500),
        (ports((EV, -7000)), None),
        (ports((PV, 3000)), None),
        (ports((ESS, None)), None),
        ({"DCW": Fraction(3000)}, None),
    ],
)
def test_the_ports_of_a_storage_count_and_no_roof(
    said: dict[str, Value], power_w: int | None
) -> None:
    assert by_ports(said) == power_w


@pytest.mark.parametrize(
    ("state", "power_w", "given_out_w"),
    [
        (None, 1500, 1500),
        (None, -1500, -1500),
        (HOLDING, -20, -20),
        (DISCHARGING, -1500, 1500),
        (CHARGING, 1500, -1500),
        (CHARGING, 0, 0),
    ],
)
def test_a_bank_gives_out_what_is_positive_unless_it_says_otherwise(
    state: int | None, power_w: int, given_out_w: int
) -> None:
    said: dict[str, Value] = {"W": Fraction(power_w)}
    if state is not None:
        said["ChaSt"] = Fraction(state)
    assert by_bank(said) == given_out_w


@given(
    power_w=st.integers(-32_767, 32_767), state=st.sampled_from((CHARGING, DISCHARGING))
)
def test_a_direction_that_is_said_holds_whatever_the_sign(
    power_w: int, state: int
) -> None:
    said: dict[str, Value] = {"W": Fraction(power_w), "ChaSt": Fraction(state)}
    turned: dict[str, Value] = said | {"W": Fraction(-power_w)}
    assert by_bank(said) == by_bank(turned)


def test_a_bank_without_a_power_says_nothing() -> None:
    assert by_bank({"ChaSt": Fraction(CHARGING)}) is None


def test_only_charging_and_discharging_are_directions() -> None:
    assert says_direction({"ChaSt": Fraction(CHARGING)})
    assert says_direction({"ChaSt": Fraction(DISCHARGING)})
    assert not says_direction({"ChaSt": Fraction(HOLDING)})
    assert not says_direction({})


@pytest.mark.parametrize("sign", [1, -1])
def test_a_battery_that_counts_the_other_way_is_found_out(sign: int) -> None:
    """It is ordered to draw 2 kW, then to give 1 kW, and does so."""
    direction = Direction()
    direction.ordered(2000, 0)
    seen = [direction.drawn_w(sign * 1950, at_s) for at_s in range(0, 40, 5)]
    assert seen[-1] == 1950
    assert direction.turned is (sign < 0)
    assert seen[2] == sign * 1950  # not at once
    direction.ordered(-1000, 40)
    seen = [direction.drawn_w(-sign * 1010, at_s) for at_s in range(40, 80, 5)]
    assert set(seen) == {-1010}


def test_what_is_learned_is_unlearned_where_it_is_contradicted() -> None:
    direction = Direction(turned=True)
    direction.ordered(2000, 0)
    assert [direction.drawn_w(2000, at_s) for at_s in range(15, 30, 5)][-1] == 2000
    assert not direction.turned


@pytest.mark.parametrize(
    ("ordered_w", "said_w"),
    [
        (2000, -1400),  # it does something else
        (2000, 0),
        (200, -200),  # too little to tell
        (0, -1500),
        (None, -1500),
    ],
)
def test_what_need_not_come_of_the_order_says_nothing(
    ordered_w: int | None, said_w: int
) -> None:
    direction = Direction()
    direction.ordered(ordered_w, 0)
    assert {direction.drawn_w(said_w, at_s) for at_s in range(0, 300, 5)} == {said_w}


def test_an_order_the_other_way_begins_anew() -> None:
    """A battery may take its time to turn round."""
    direction = Direction()
    for at_s in range(0, 300, 15):
        direction.ordered(2000 if at_s % 30 else -2000, at_s)
        assert direction.drawn_w(-2000 if at_s % 30 else 2000, at_s + 14) != 0
    assert not direction.turned


@given(
    steps=st.lists(
        st.tuples(st.integers(-5000, 5000), st.integers(1, 60)), min_size=1, max_size=20
    )
)
def test_a_battery_that_obeys_is_never_turned(steps: list[tuple[int, int]]) -> None:
    direction, now_s = Direction(), 0
    for power_w, lasts_s in steps:
        direction.ordered(power_w, now_s)
        for _ in range(lasts_s):
            now_s += 1
            assert direction.drawn_w(power_w, now_s) == power_w
