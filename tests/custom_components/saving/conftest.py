"""What tests of savings share: a day that the recorder knows."""

from collections.abc import Iterable
from datetime import datetime

from homeassistant.core import HomeAssistant
import pytest

from tests.custom_components.saving.recorded_day import (
    BOILER,
    DISHWASHER,
    GRID,
    PUMP,
    Columns,
)


@pytest.fixture
def columns(monkeypatch: pytest.MonkeyPatch) -> Columns:
    """Let the recorder know a day: W or °C of each quarter hour, by entity."""
    says: Columns = {
        "sensor.home_house_load": lambda _: 500,
        "sensor.indoor": lambda _: 20.5,
        "sensor.outdoor": lambda _: 2.0,
        PUMP: lambda _: 0,
        DISHWASHER: lambda _: 0,
        BOILER: lambda _: 0,
        "sensor.boiler_water": lambda _: 50.0,
    }

    def drawn(quarter: int) -> float | None:
        shares = [says[entity](quarter) for entity in (PUMP, DISHWASHER, BOILER)]
        return 500 + sum(share or 0.0 for share in shares)

    says[GRID] = drawn

    async def means(
        _: HomeAssistant, wanted: Iterable[str], __: datetime, rows: int, *___: object
    ) -> dict[str, list[float | None]]:
        # By five minutes a day, by hours those before it, each like it.
        quarters = [row // 3 if rows == 288 else 4 * row % 96 for row in range(rows)]
        return {name: [says[name](each) for each in quarters] for name in wanted}

    for module in ("observed", "asked"):
        monkeypatch.setattr(f"custom_components.cem.saving.{module}.async_means", means)
    return says
