"""What SunSpec's models say of a battery's power, and in which direction."""

from fractions import Fraction

from hypothesis import given, strategies as st
import pytest

from cem_core.modbus.sunspec_storage import by_bank, by_ports
from cem_core.modbus.values import Value

PV, ESS, DISCHARGING, CHARGING, HOLDING = 1, 2, 3, 4, 6


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
