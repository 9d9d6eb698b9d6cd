"""Forecast errors on recorded homes, as docs/insight.md gives them."""

from pathlib import Path
from statistics import median

import pytest

from benchmarks.forecasts import figures

SERIES = Path(__file__).resolve().parents[4] / "shared" / "data" / "series"

pytestmark = [pytest.mark.shared, pytest.mark.timeout(300)]


def test_the_errors_that_are_documented() -> None:
    found = {f.case: f for f in figures(SERIES)}
    ours = {case: f.samples.wall[0] for case, f in found.items()}
    gains = [
        1 - f.samples.wall[0] / f.base.wall[0]
        for case, f in found.items()
        if "Fontana" in case and f.base is not None
    ]
    assert len(gains) == 5
    assert median(gains) >= 0.04
    assert ours["load, 30 min, all days"] <= 47.2
    assert ours["solar, 30 min, day ahead, odd days"] <= 39.0
    assert ours["solar, 30 min, made again each hour, odd days"] <= 27.0
