from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from cem_core.tariff import EnergyBlock, TimeGrid, block_charge, block_cost, blocks_left

BLOCKS = (
    EnergyBlock(up_to_kwh=100, price_per_kwh=0.10),
    EnergyBlock(up_to_kwh=300, price_per_kwh=0.20),
    EnergyBlock(up_to_kwh=None, price_per_kwh=0.15),
)


def test_each_kwh_costs_what_its_block_says() -> None:
    charges = [block_charge(BLOCKS, kwh) for kwh in (0, 50, 100, 250, 300, 400)]
    assert charges == pytest.approx([0, 5, 10, 40, 50, 65])


def test_above_the_last_block_its_price_holds() -> None:
    assert block_charge(BLOCKS[:2], 400) == pytest.approx(10 + 60)


@given(first=st.floats(0, 500), more=st.floats(0, 500))
def test_what_is_left_goes_on_where_the_month_stands(first: float, more: float) -> None:
    added = block_charge(BLOCKS, first + more) - block_charge(BLOCKS, first)
    assert block_charge(blocks_left(BLOCKS, first), more) == pytest.approx(
        added, abs=1e-9
    )


def test_a_new_month_begins_with_the_first_block() -> None:
    grid = TimeGrid.equal(
        start=datetime(2026, 1, 31, 22, tzinfo=UTC),
        step=timedelta(hours=1),
        steps=2,
        zone=ZoneInfo("Europe/Brussels"),
    )
    assert block_cost(BLOCKS, grid, [10.0, 10.0], 95.0) == pytest.approx(
        5 * 0.10 + 5 * 0.20 + 10 * 0.10
    )
