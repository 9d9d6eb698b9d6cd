import pytest

from cem_core.model import Reading


@pytest.mark.parametrize(
    ("import_w", "export_w", "net_w"),
    [(300, 0, 300), (0, 300, -300), (0, 0, 0), (None, 300, -300), (None, None, None)],
)
def test_net_power_counts_import_positive(
    import_w: int | None, export_w: int | None, net_w: int | None
) -> None:
    reading = Reading(format="dsmr", import_power_w=import_w, export_power_w=export_w)
    assert reading.power_w == net_w
