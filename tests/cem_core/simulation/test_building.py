from hypothesis import given, strategies as st
import pytest

from cem_core.simulation.building import Building, BuildingParameters

LIKE = BuildingParameters.like(resistance_k_per_w=0.005, capacitance_wh_per_k=8000)


def building(air_c: float = 20, mass_c: float = 20) -> Building:
    return Building(parameters=LIKE, air_c=air_c, mass_c=mass_c)


@given(
    air_c=st.floats(5, 30),
    mass_c=st.floats(5, 30),
    outdoor_c=st.floats(-20, 35),
    heat_w=st.floats(0, 10_000),
)
def test_heat_in_is_heat_stored_plus_heat_lost(
    air_c: float, mass_c: float, outdoor_c: float, heat_w: float
) -> None:
    it = building(air_c, mass_c)
    before_wh = it.stored_wh
    for _ in range(3600):
        it.step(1, heat_w=heat_w, outdoor_c=outdoor_c)
    assert it.stored_wh - before_wh + it.lost_wh == pytest.approx(heat_w, abs=1e-3)


def test_without_heat_it_comes_to_the_outdoor_temperature() -> None:
    it = building()
    for _ in range(24 * 60 * 60):
        it.step(60, heat_w=0, outdoor_c=3)
    assert it.air_c == pytest.approx(3, abs=0.01)
    assert it.mass_c == pytest.approx(3, abs=0.01)


def test_from_afar_it_is_one_resistance() -> None:
    # With all heat in the air, 1/R = 1/R_ao + 1/(R_am + R_mo).
    p = BuildingParameters(
        air_out_k_per_w=LIKE.air_out_k_per_w,
        air_mass_k_per_w=LIKE.air_mass_k_per_w,
        mass_out_k_per_w=LIKE.mass_out_k_per_w,
        air_wh_per_k=LIKE.air_wh_per_k,
        mass_wh_per_k=LIKE.mass_wh_per_k,
        heat_to_mass=0,
    )
    it = Building(parameters=p, air_c=20, mass_c=20)
    for _ in range(60 * 24 * 60):
        it.step(60, heat_w=3000, outdoor_c=5)
    assert it.air_c == pytest.approx(5 + 3000 * 0.005, abs=0.01)


def test_air_warms_sooner_than_walls() -> None:
    it = building()
    for _ in range(1800):
        it.step(1, heat_w=5000, outdoor_c=10)
    assert it.air_c > it.mass_c > 19.5
