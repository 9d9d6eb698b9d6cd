"""What a roof is expected to produce before anything was measured or foretold.

The sun's height by latitude, longitude and day, and what clouds and the system leave of
it in an average year: neither tilt nor shade nor weather is known.

Duffie and Beckman, Solar Engineering of Thermal Processes (4th ed.), equations 1.5.2 and
1.5.3 (solar time), 1.6.1a (declination) and 1.6.5 (zenith angle).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from cem_core.insight.distribution import Numbers

_SOLAR_CONSTANT: Final = 1.367  # kW/m2
_TEST_IRRADIANCE: Final = 1.0  # kW/m2, at which a roof gives its peak power
# Yearly means of a European climate: what passes the clouds, what the system keeps.
# At 52 degrees north they give some 900 kWh a year of each kW.
_CLEARNESS: Final = 0.45
_PERFORMANCE: Final = 0.85
_SUBSTEP: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a home is, in degrees: north and east are positive."""

    latitude: float
    longitude: float


def typical_sun_kw(
    place: Place, peak_kw: float, start: datetime, step: timedelta, rows: int
) -> Numbers:
    """Return mean production >= 0 in kW of ``rows`` steps from ``start`` (aware)."""
    parts = max(1, round(step / _SUBSTEP))
    begin = start.astimezone(UTC)
    first = datetime(begin.year, 1, 1, tzinfo=UTC)
    hours = (begin - first) / timedelta(hours=1)
    within = (np.arange(rows * parts) + 0.5) * (step / timedelta(hours=1) / parts)
    high = _sine_of_height(place, np.asarray(hours + within, np.float64))
    mean = np.maximum(high, 0.0).reshape(rows, parts).mean(axis=1)
    share = _SOLAR_CONSTANT * _CLEARNESS * _PERFORMANCE / _TEST_IRRADIANCE
    return np.asarray(peak_kw * share * mean)


def _sine_of_height(place: Place, hours: Numbers) -> Numbers:
    """Return the sine of the sun's height ``hours`` (UTC) after the year began."""
    angle = 2 * np.pi * np.floor(hours / 24) / 365
    time_min = 229.2 * (
        0.000075
        + 0.001868 * np.cos(angle)
        - 0.032077 * np.sin(angle)
        - 0.014615 * np.cos(2 * angle)
        - 0.04089 * np.sin(2 * angle)
    )
    solar_h = hours + place.longitude / 15 + time_min / 60
    day = np.floor(hours / 24) + 1
    declination = np.deg2rad(23.45) * np.sin(2 * np.pi * (284 + day) / 365)
    hour_angle = np.deg2rad(15 * (solar_h % 24 - 12))
    latitude = np.deg2rad(place.latitude)
    return np.asarray(
        np.cos(latitude) * np.cos(declination) * np.cos(hour_angle)
        + np.sin(latitude) * np.sin(declination)
    )
