"""The past that a new demonstration is given."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from cem_core.simulation.day_series import DaySeries
from script.rig.past import rows

BRUSSELS = ZoneInfo("Europe/Brussels")


def test_each_hour_before_now_has_its_mean_by_the_clock_on_the_wall() -> None:
    now = datetime(2026, 4, 8, 10, 20, tzinfo=UTC)
    quarters = [hour + quarter / 10 for hour in range(24) for quarter in range(4)]
    played = DaySeries(
        time_zone=BRUSSELS,
        first_day=datetime(2026, 4, 6, tzinfo=BRUSSELS).date(),
        step=timedelta(minutes=15),
        columns={"load_kw": quarters * 28},
    )
    found = rows(played, "load_kw", now)
    assert len(found) == 28 * 24
    # The last whole hour is 11:00 on the wall: 11.0, 11.1, 11.2 and 11.3 kW.
    assert found[-1] == {"start": "2026-04-08T09:00:00+00:00", "mean": 11_150}
    starts = [datetime.fromisoformat(row["start"]) for row in found]
    assert {b - a for a, b in pairwise(starts)} == {timedelta(hours=1)}
