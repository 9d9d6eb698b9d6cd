"""What trembles is not ordered anew each second: each order may wear a memory out."""

from math import sin
from random import Random

import pytest

from cem_core.model import Action, Direction
from tests.cem_core.dispatch.home import BATTERY, SOLAR, Home, Machine, limit
from tests.cem_core.dispatch.test_rows import planned, step

_MINUTES = 15


@pytest.mark.parametrize("sun_w", [3500, 4500, 5900])
@pytest.mark.parametrize("load_w", [200, 800])
def test_a_ceiling_under_an_export_cap_stands_though_sun_and_load_tremble(
    sun_w: int, load_w: int
) -> None:
    noise = Random(sun_w + load_w)  # noqa: S311 - a trembling load, no secret
    roof = Machine(SOLAR, sun_w, own_w=sun_w)
    home = Home(
        [roof, Machine(BATTERY)],
        plan=planned(battery=step(Action.DISCHARGE, -2500)),
        limits=limit(6000, Direction.EXPORT),
        load=lambda _: load_w + noise.uniform(-60, 60),
    )
    for second in range(60 * _MINUTES):
        roof.own_w = sun_w + 300 * sin(second / 40) + noise.uniform(-60, 60)
        home.tick()
    assert home.changes("roof", 20) < 4 * _MINUTES
    assert sum(-w > 6000 + 60 for w in home.grid[20:]) < 10
