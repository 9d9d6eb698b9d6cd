"""Give a new demonstration a past: four weeks of load and sun, in the statistics.

They are those that the simulated home plays, so the forecasters find in them what
will come, and the sensors show how far off they are from the first day on.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from cem_core.simulation.day_series import DaySeries, read_day_series
from script.rig.home import ROOT
from script.rig.websocket import WebSocket

HOUR: Final = timedelta(hours=1)
WEEKS: Final = timedelta(weeks=4)
# As Home Assistant will name them: sensors of the CEM's home and of the simulator.
COLUMNS: Final[Mapping[str, str]] = {
    "sensor.demo_home_house_load": "load_kw",
    "sensor.home_solar_power": "pv_kw",
}
_W_PER_KW: Final = 1000
_ARITHMETIC: Final = 1  # StatisticMeanType
_ZONE: Final = ZoneInfo("Europe/Brussels")


async def import_past(
    socket: WebSocket, now: datetime, columns: Mapping[str, str] = COLUMNS
) -> None:
    """Put the four weeks before ``now`` into Home Assistant's statistics.

    ``columns`` says of each statistic which column of the played series it is.
    """
    played = read_day_series(ROOT / "examples/demo/series.csv", _ZONE)
    for statistic_id, column in columns.items():
        await socket.send(
            "recorder/import_statistics",
            metadata={
                "statistic_id": statistic_id,
                "source": "recorder",
                "name": None,
                "unit_of_measurement": "W",
                "unit_class": "power",
                "has_sum": False,
                "mean_type": _ARITHMETIC,
            },
            stats=rows(played, column, now),
        )


def rows(played: DaySeries, column: str, now: datetime) -> list[dict[str, Any]]:
    """Return the hourly means in W of the four weeks before the hour of ``now``."""
    end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    steps = HOUR // played.step
    found = []
    for hour in range(WEEKS // HOUR):
        start = end - WEEKS + hour * HOUR
        powers = [played.at(column, start + k * played.step) for k in range(steps)]
        mean_w = round(_W_PER_KW * sum(powers) / steps, 1)
        found.append({"start": start.isoformat(), "mean": mean_w})
    return found
