"""Calendars of laws and operators against tables written out by hand, for years."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cem_core.tariff import Calendar, NoPriceError, Period, TimeOfUse
from cem_core.tariff.calendar import when
from cem_core.tariff.calendar_presets import CALENDAR_PRESETS

QUARTER = timedelta(minutes=15)
RED = {date(2026, 1, 5), date(2026, 12, 31)}
WHITE = {date(2026, 1, 6)}
COLOURS = dict.fromkeys(RED, "red") | dict.fromkeys(WHITE, "white")
MOBILE = dict.fromkeys(RED, "mobile_peak")


def spain(local: datetime) -> str:
    fixed = {
        (1, 1), (1, 6), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25),
    }  # fmt: skip
    if local.weekday() >= 5 or (local.month, local.day) in fixed or local.hour < 8:
        return "P3"
    # What respiraenergia.com prints for Monday, hour by hour from 8.
    return [
        "P2",
        "P2",
        "P1",
        "P1",
        "P1",
        "P1",
        "P2",
        "P2",
        "P2",
        "P2",
        "P1",
        "P1",
        "P1",
        "P1",
        "P2",
        "P2",
    ][local.hour - 8]


def tempo(local: datetime) -> str:
    day = local.date() if local.hour >= 6 else local.date() - timedelta(days=1)
    colour = "red" if day in RED else "white" if day in WHITE else "blue"
    return colour + ("_peak" if 6 <= local.hour < 22 else "_off_peak")


def ejp(local: datetime) -> str:
    if local.hour >= 7 and local.date() in RED:
        return "mobile_peak"
    night = local.hour == 0 and local.date() - timedelta(days=1) in RED
    return "mobile_peak" if night else "normal"


def belgium(local: datetime) -> str:
    return "day" if local.weekday() < 5 and 7 <= local.hour < 22 else "night"


def economy_7(local: datetime) -> str:
    return "night" if local.astimezone(UTC).hour < 7 else "day"


def wanfried(local: datetime) -> str:
    if 4 <= local.month <= 9:
        return "ST"
    if 1 <= local.hour < 4:
        return "NT"
    return "HT" if local.hour in {17, 18} else "ST"


TABLES = {
    "spain_2_0td": ("Europe/Madrid", spain, {}),
    "france_tempo": ("Europe/Paris", tempo, COLOURS),
    "france_ejp": ("Europe/Paris", ejp, MOBILE),
    "belgium_day_night": ("Europe/Brussels", belgium, {}),
    "uk_economy_7": ("Europe/London", economy_7, {}),
    "germany_module_3_wanfried": ("Europe/Berlin", wanfried, {}),
}


def test_every_preset_has_a_table_and_a_source() -> None:
    assert TABLES.keys() == CALENDAR_PRESETS.keys()
    assert all(p.source.startswith("https://") for p in CALENDAR_PRESETS.values())


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize(("year", "quarters"), [(2026, 35_040), (2028, 35_136)])
def test_each_quarter_hour_of_a_year_is_in_its_period(
    name: str, year: int, quarters: int
) -> None:
    zone_name, expected, days = TABLES[name]
    zone, calendar = ZoneInfo(zone_name), CALENDAR_PRESETS[name].calendar
    time = datetime(year, 1, 1, tzinfo=zone).astimezone(UTC)
    end = datetime(year + 1, 1, 1, tzinfo=zone).astimezone(UTC)
    count, wrong = 0, []
    while time < end:
        local = time.astimezone(zone)
        if calendar.period(local, days=days).name != expected(local):
            wrong.append(local)
        count, time = count + 1, time + QUARTER
    assert not wrong
    assert count == quarters


def test_the_hour_that_comes_twice_is_twice_in_its_period() -> None:
    zone = ZoneInfo("Europe/Madrid")
    calendar = CALENDAR_PRESETS["spain_2_0td"].calendar
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).astimezone(zone)
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC).astimezone(zone)
    assert first.hour == second.hour == 2
    assert calendar.period(first) == calendar.period(second)


def test_a_holiday_that_is_told_counts_as_a_sunday() -> None:
    calendar = CALENDAR_PRESETS["belgium_day_night"].calendar
    noon = datetime(2026, 7, 21, 12, tzinfo=ZoneInfo("Europe/Brussels"))
    assert calendar.period(noon).name == "day"
    assert calendar.period(noon, {date(2026, 7, 21)}).name == "night"


PRICE = TimeOfUse(
    calendar=Calendar(
        periods=(
            Period(name="high", when=when(hours="6-22:30")),
            Period(name="red", when=when(), day="red"),
        ),
        day_start_hour=6,
    ),
    prices={"high": 0.3},
    days={date(2026, 1, 5): "red"},
)


@pytest.mark.parametrize(
    ("day", "text"),
    [(5, "no price for red"), (6, "no period holds at 2026-01-06T23:00:00")],
)
def test_what_has_no_price_is_said(day: int, text: str) -> None:
    with pytest.raises(NoPriceError, match=text):
        PRICE.price(datetime(2026, 1, day, 23))  # noqa: DTZ001 - the local clock


def test_boundaries_have_a_common_grain() -> None:
    assert PRICE.calendar.grain_minutes == 90
    assert CALENDAR_PRESETS["france_tempo"].calendar.grain_minutes == 120
