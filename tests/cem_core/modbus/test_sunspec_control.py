"""Orders to SunSpec devices end by themselves when nobody renews them."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given, strategies as st
import pytest

from cem_core.modbus.sunspec import Model, points
from cem_core.modbus.sunspec_control import (
    ControlError,
    Revert,
    Write,
    limit_output,
    limit_storage,
    release_output,
    reverts,
)
from cem_core.modbus.values import Value

IMMEDIATE = points(Model(123, 40_100, 24))
STORAGE = points(Model(124, 40_200, 24))
DER = points(Model(704, 40_300, 65))
SAID_123: dict[str, Value] = {
    "WMaxLimPct_SF": Fraction(-2),
    "WMaxLimPct_RvrtTms": Fraction(0),
}
SAID_124: dict[str, Value] = {
    "WChaMax": Fraction(5000),
    "InOutWRte_SF": Fraction(-2),
    "InOutWRte_RvrtTms": Fraction(0),
}
SAID_704: dict[str, Value] = {
    "WMaxLimPct_SF": Fraction(-1),
    "WMaxLimPctRvrtTms": Fraction(0),
    "WMaxLimPctEnaRvrt": Fraction(0),
}


def test_a_limit_of_output_reverts_and_is_switched_on_last() -> None:
    orders = {"limit_w": Fraction(3000), "max_w": Fraction(8000)}
    assert limit_output(IMMEDIATE, SAID_123, **orders, revert_s=60) == (
        Write(40_105, (3750,)),
        Write(40_107, (60,)),
        Write(40_109, (1,)),
    )
    assert limit_output(DER, SAID_704, **orders, revert_s=60) == (
        Write(DER["WMaxLimPct"].address, (375,)),
        Write(DER["WMaxLimPctRvrtTms"].address, (0, 60)),
        Write(DER["WMaxLimPctEnaRvrt"].address, (0,)),
        Write(DER["WMaxLimPctEna"].address, (1,)),
    )


@given(limit_w=st.integers(0, 20_000), max_w=st.integers(1, 20_000))
def test_a_limit_is_never_looser_than_ordered(limit_w: int, max_w: int) -> None:
    percent, *_ = limit_output(
        IMMEDIATE,
        SAID_123,
        limit_w=Fraction(limit_w),
        max_w=Fraction(max_w),
        revert_s=60,
    )
    [word] = percent.words
    assert 0 <= word <= 10_000
    assert Fraction(word, 10_000) * max_w <= limit_w


def test_a_device_without_revert_timer_is_told_without() -> None:
    said: dict[str, Value] = {"WMaxLimPct_SF": Fraction(0)}
    writes = limit_output(
        IMMEDIATE, said, limit_w=Fraction(50), max_w=Fraction(100), revert_s=60
    )
    assert [write.address for write in writes] == [40_105, 40_109]
    assert reverts(SAID_123)
    assert reverts(SAID_704)
    assert not reverts(said)


def test_a_limit_ends_at_once_when_released() -> None:
    assert release_output(IMMEDIATE, SAID_123) == (Write(40_109, (0,)),)
    assert release_output(DER, SAID_704) == (Write(DER["WMaxLimPctEna"].address, (0,)),)


def test_charge_and_discharge_are_limited_or_forced() -> None:
    writes = limit_storage(
        STORAGE,
        SAID_124,
        charge_w=Fraction(2500),
        discharge_w=Fraction(-1000),
        revert_s=90,
    )
    assert writes == (
        # -20 %: charge at least 1 kW; both bounds in one write.
        Write(STORAGE["OutWRte"].address, (0x1_0000 - 2000, 5000)),
        Write(STORAGE["InOutWRte_RvrtTms"].address, (90,)),
        Write(STORAGE["StorCtl_Mod"].address, (3,)),
    )


def test_bounds_that_do_not_touch_are_written_apart() -> None:
    apart = STORAGE | {"InWRte": replace(STORAGE["InWRte"], address=41_000)}
    writes = limit_storage(
        apart, SAID_124, charge_w=Fraction(0), discharge_w=Fraction(0), revert_s=90
    )
    bounds = (STORAGE["OutWRte"].address, 41_000)
    assert writes[:2] == tuple(Write(address, (0,)) for address in bounds)


def test_no_limit_of_storage_is_mode_0() -> None:
    writes = limit_storage(
        STORAGE, SAID_124, charge_w=None, discharge_w=None, revert_s=90
    )
    assert writes[-1] == Write(STORAGE["StorCtl_Mod"].address, (0,))


@pytest.mark.parametrize(
    ("said", "cause"),
    [({}, "no highest charge power"), ({"WChaMax": Fraction(1)}, "InOutWRte_SF")],
)
def test_what_the_device_does_not_say_is_named(
    said: dict[str, Value], cause: str
) -> None:
    with pytest.raises(ControlError, match=cause):
        limit_storage(
            STORAGE, said, charge_w=Fraction(0), discharge_w=None, revert_s=90
        )


def test_no_such_control_is_said() -> None:
    with pytest.raises(ControlError, match="the device has no WMaxLimPct"):
        limit_output({}, {}, limit_w=Fraction(0), max_w=Fraction(1), revert_s=60)
    with pytest.raises(ControlError, match="no highest power"):
        limit_output(
            IMMEDIATE, SAID_123, limit_w=Fraction(0), max_w=Fraction(0), revert_s=60
        )


def test_an_order_is_renewed_in_half_its_time() -> None:
    revert = Revert(revert_s=60)
    assert revert.due(0.0)
    revert.sent(100.0)
    assert not revert.due(129.9)
    assert revert.due(130.0)
