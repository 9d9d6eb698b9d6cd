import pytest

from optimizer.backtest.playable import playable
from optimizer.document import InputError
from optimizer.home import Battery
from optimizer.read_home import home_from_json
from tests.optimizer.backtest import years
from tests.optimizer.homes import ROOF, Json, home as plain_home


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


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        (
            {
                "sub_connections": [
                    {"id": "a", "wiring": "own", "import_series": "import_price"}
                ]
            },
            "sub_connections",
        ),
        ({"tariff": {"metered_phases": "each"}}, r"tariff\.metered_phases"),
        (
            {
                "flexibility": {
                    "reservations": [
                        {
                            "id": "r",
                            "direction": "reduce",
                            "start": "2026-01-15T12:00:00+01:00",
                            "end": "2026-01-15T13:00:00+01:00",
                            "power_kw": 1,
                        }
                    ]
                }
            },
            "flexibility",
        ),
    ],
)
def test_meters_and_what_is_sold_are_not_played(
    fields: dict[str, object], named: str
) -> None:
    home = home_from_json(plain_home(ROOF) | fields)
    with pytest.raises(InputError, match=named):
        playable(home)
