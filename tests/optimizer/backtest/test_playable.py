import pytest

from optimizer.backtest.playable import playable
from optimizer.document import InputError
from optimizer.home import Battery
from tests.optimizer.backtest import years
from tests.optimizer.homes import Json


def test_a_reserve_is_the_least_energy() -> None:
    home = playable(years.home({**years.BATTERY, "reserve_kwh": 2.5}))
    battery = home.devices[0]
    assert isinstance(battery, Battery)
    assert (battery.min_energy_kwh, battery.reserve_kwh) == (2.5, 0.0)


@pytest.mark.parametrize(
    ("device", "where"),
    [
        ({**years.BATTERY, "max_cycles_per_day": 1.0}, "devices[0].max_cycles_per_day"),
        ({**years.BATTERY, "grid_charge": False}, "devices[0].grid_charge"),
    ],
)
def test_what_is_not_played_is_named(device: Json, where: str) -> None:
    with pytest.raises(InputError) as refused:
        playable(years.home(device))
    assert [p.where for p in refused.value.problems] == [where]
    assert "does not play this yet" in str(refused.value)


def test_netting_is_not_played() -> None:
    home = years.home(years.ROOF, tariff={"netting_minutes": 60})
    with pytest.raises(InputError, match=r"tariff.netting_minutes"):
        playable(home)
