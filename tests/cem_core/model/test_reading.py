import pytest

from cem_core.model import Quality, Reading
from cem_core.model.reading_json import reading_to_json


@pytest.mark.parametrize(
    ("import_w", "export_w", "net_w"),
    [(300, 0, 300), (0, 300, -300), (0, 0, 0), (None, 300, -300), (None, None, None)],
)
def test_net_power_counts_import_positive(
    import_w: int | None, export_w: int | None, net_w: int | None
) -> None:
    reading = Reading(format="dsmr", import_power_w=import_w, export_power_w=export_w)
    assert reading.power_w == net_w


def test_what_is_not_metered_is_marked() -> None:
    reading = Reading(
        format="dsmr",
        source="P1 over TCP",
        import_power_w=0,
        import_energy_wh={"1": 5},
        quality={"import_energy_wh.1": Quality.ESTIMATED},
    )
    assert reading.quality_of("import_power_w") is Quality.METERED
    assert reading.quality_of("import_energy_wh.1") is Quality.ESTIMATED
    assert reading_to_json(reading) == {
        "format": "dsmr",
        "source": "P1 over TCP",
        "import_power_w": 0,
        "import_energy_wh": {"1": 5},
        "quality": {"import_energy_wh.1": "estimated"},
        "raw": {},
    }
