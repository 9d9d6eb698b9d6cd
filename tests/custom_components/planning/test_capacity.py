"""What peaks cost by the tariff's answers, and those that were already."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from custom_components.cem.peak_guard import peak_guard
from custom_components.cem.planning.capacity import (
    async_peaks,
    by_quarter_hours,
    capacity_document,
    tariff_of,
)
from tests.custom_components.conftest import SetUp

NOW = datetime(2026, 1, 3, 10, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answers", "document"),
    [
        ({}, None),
        ({"capacity_floor_kw": 2.5}, None),
        ({"capacity_price_per_kw": 0, "capacity_floor_kw": 2.5}, None),
        (
            {"capacity_price_per_kw": 4.4, "capacity_floor_kw": 2.5},
            {"integration_minutes": 15, "price_per_kw": 4.4, "floor_kw": 2.5},
        ),
        (
            {"capacity_preset": "belgium_flanders", "capacity_floor_kw": 9},
            {"preset": "belgium_flanders"},
        ),
        (
            {"capacity_preset": "sweden_falkenberg", "capacity_price_per_kw": 60},
            {"preset": "sweden_falkenberg", "price_per_kw": 60},
        ),
        (
            {"capacity_preset": "spain", "capacity_floor_kw": 17},
            {"preset": "spain", "floor_kw": 17},
        ),
    ],
)
def test_the_form_tells_what_peaks_cost(
    answers: dict[str, Any], document: dict[str, Any] | None
) -> None:
    assert capacity_document(answers) == document


def test_a_given_price_goes_before_the_operators() -> None:
    answers = {"capacity_preset": "belgium_flanders", "capacity_price_per_kw": 5.0}
    tariff = tariff_of(answers)
    assert tariff is not None
    assert (tariff.price_per_kw, tariff.floor_kw) == (5.0, 2.5)
    assert tariff_of({}) is None


def test_only_a_peak_of_one_quarter_hour_is_guarded() -> None:
    assert peak_guard({"capacity_preset": "belgium_flanders"}) is not None
    assert peak_guard({"capacity_preset": "spain", "capacity_floor_kw": 17}) is not None
    assert peak_guard({"capacity_preset": "norway"}) is None
    assert peak_guard({"capacity_preset": "sweden_falkenberg"}) is None
    assert peak_guard({}) is None


async def test_peaks_by_the_hour_come_from_the_grids_means(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hass.config.async_set_time_zone("UTC")
    home = await set_up(Kind.METER)

    async def means(
        _: HomeAssistant, wanted: Iterable[str], start: datetime, rows: int
    ) -> dict[str, list[float | None]]:
        assert start == datetime(2026, 1, 1, tzinfo=UTC)
        column: list[float | None] = [500.0] * rows
        column[5], column[6] = 7000.0, 6000.0  # one day counts once
        column[30], column[31] = None, -9000.0  # feeding in is no import
        column[50] = 4000.0  # today
        return dict.fromkeys(wanted, column)

    monkeypatch.setattr("custom_components.cem.planning.capacity.async_means", means)
    tariff: dict[str, Any] = {"capacity_preset": "norway"}
    monkeypatch.setattr(Home, "tariff", property(lambda _: tariff))
    peaks = await async_peaks(home, NOW)
    assert peaks is not None
    assert peaks.peaks_kw == (7.0, 0.5)
    assert peaks.first_day_kw == 4.0
    begun = await async_peaks(home, datetime(2026, 2, 1, 0, 10, tzinfo=UTC))
    assert begun is not None
    assert begun.peaks_kw == ()
    tariff["capacity_preset"] = "belgium_flanders"
    assert by_quarter_hours(tariff)
    assert await async_peaks(home, NOW) is None
