from dataclasses import replace
from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from cem_core.insight.learned import (
    CopModel,
    Dwelling,
    DwellingKind,
    HotWaterDraw,
    ThermalModel,
)
from cem_core.insight.learned.bounds import bounded

HOUSE = Dwelling(kind=DwellingKind.DETACHED, floor_area_m2=150, building_year=1970)


def test_a_detached_house_of_1970() -> None:
    # 2.8 W/(m2 K) x 150 m2; 165 kJ/(m2 K) x 150 m2.
    model = ThermalModel.typical(HOUSE)
    assert 1 / model.resistance_k_per_w == pytest.approx(420)
    assert model.capacitance_wh_per_k == pytest.approx(6875)
    assert model.solar_aperture_m2 == pytest.approx(6)
    assert model.internal_gains_w == pytest.approx(450)


def test_newer_and_more_sheltered_loses_less() -> None:
    years = (1900, 1960, 1985, 2000, 2005, 2012, 2024)
    losses = [replace(HOUSE, building_year=year).loss_w_per_k for year in years]
    kinds = [replace(HOUSE, kind=kind).loss_w_per_k for kind in DwellingKind]
    for more, less in (*pairwise(losses), *pairwise(kinds)):
        assert more > less


@given(
    kind=st.sampled_from(DwellingKind),
    area=st.floats(5, 3000),
    year=st.integers(1500, 2100),
)
def test_start_values_are_inside_the_bounds(
    kind: DwellingKind, area: float, year: int
) -> None:
    dwelling = Dwelling(kind=kind, floor_area_m2=area, building_year=year)
    for model in (
        ThermalModel.typical(dwelling),
        CopModel.typical(dwelling),
        HotWaterDraw.typical(dwelling),
    ):
        values = {name: getattr(model, name) for name in model.__slots__}
        assert bounded(type(model), values) == model
