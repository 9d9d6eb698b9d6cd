"""Calendars of laws and operators against tables written out by hand, for years."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from cem_core.tariff import Calendar, NoPriceError, Period, TimeOfUse
from cem_core.tariff.calendar import easter, when
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


def augsburg(local: datetime) -> str:
    if 4 <= local.month <= 9:
        return "ST"
    if 60 <= local.hour * 60 + local.minute < 270:
        return "NT"
    return "HT" if local.hour in {17, 18} else "ST"


def wallonia(local: datetime) -> str:
    # ORES counts 105 off-peak hours a week, 15 a day.
    return "peak" if local.hour in {7, 8, 9, 10, 17, 18, 19, 20, 21} else "off_peak"


def impact(local: datetime) -> str:
    # The five spans of the CWaPE, hour by hour from midnight.
    return ("medium " + "eco " * 6 + "medium " * 4 + "eco " * 6 + "peak " * 5 + "medium "
            + "medium ").split()[local.hour]  # fmt: skip


# Easter Sundays as church calendars print them.
EASTER = {2024: (3, 31), 2026: (4, 5), 2028: (4, 16), 2038: (4, 25), 2285: (3, 22)}


def after_easter(local: datetime) -> int:
    return (local.date() - date(local.year, *EASTER[local.year])).days


def brussels(local: datetime) -> str:
    fixed = {(1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)}
    holiday = (local.month, local.day) in fixed or after_easter(local) in {1, 39, 50}
    if holiday or local.weekday() >= 5:
        return "night"
    return "day" if 7 <= local.hour < 22 else "night"


def italy(local: datetime) -> str:
    fixed = {
        (1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25),
        (12, 26),
    }  # fmt: skip
    holiday = (local.month, local.day) in fixed or after_easter(local) == 1
    if holiday or local.weekday() == 6 or not 7 <= local.hour < 23:
        return "F3"
    return "F1" if local.weekday() < 5 and 8 <= local.hour < 19 else "F2"


def in_summer(local: datetime) -> bool:
    """From the last Sunday of March, 1:00 UTC, to that of October."""
    march, october = (
        max(d for d in range(25, 32) if date(local.year, m, d).weekday() == 6)
        for m in (3, 10)
    )
    start = datetime(local.year, 3, march, 1, tzinfo=UTC)
    return start <= local < datetime(local.year, 10, october, 1, tzinfo=UTC)


def portugal_daily(local: datetime) -> str:
    half = local.hour * 2 + local.minute // 30
    if half >= 44 or half < 16:
        return "vazio"
    peak = {*range(21, 26), *range(39, 42)}
    if not in_summer(local):
        peak = {*range(18, 21), *range(36, 41)}
    return "ponta" if half in peak else "cheias"


def portugal_weekly(local: datetime) -> str:
    minute, summer = local.hour * 60 + local.minute, in_summer(local)
    if local.weekday() == 6:
        return "vazio"
    if local.weekday() == 5:
        spans = [(540, 840), (1200, 1320)] if summer else [(570, 780), (1110, 1320)]
        return "cheias" if any(a <= minute < b for a, b in spans) else "vazio"
    if minute < 420:
        return "vazio"
    spans = [(555, 735)] if summer else [(570, 720), (1110, 1260)]
    return "ponta" if any(a <= minute < b for a, b in spans) else "cheias"


def peak_off_peak(local: datetime) -> str:
    return "off_peak" if local.hour in {2, 3, 4, 5, 6, 13, 14, 15} else "peak"


def agile(local: datetime) -> str:
    return "evening" if local.hour in {16, 17, 18} else "other"


def snap(local: datetime) -> str:
    summer_noon = 4 <= local.month <= 9 and 10 <= local.hour <= 15
    return "summer_noon" if summer_noon else "other"


TABLES = {
    "spain_2_0td": ("Europe/Madrid", spain, {}),
    "france_tempo": ("Europe/Paris", tempo, COLOURS),
    "france_ejp": ("Europe/Paris", ejp, MOBILE),
    "belgium_day_night": ("Europe/Brussels", belgium, {}),
    "uk_economy_7": ("Europe/London", economy_7, {}),
    "germany_module_3_wanfried": ("Europe/Berlin", wanfried, {}),
    "germany_module_3_augsburg": ("Europe/Berlin", augsburg, {}),
    "belgium_wallonia_day_night": ("Europe/Brussels", wallonia, {}),
    "belgium_wallonia_impact": ("Europe/Brussels", impact, {}),
    "belgium_brussels_day_night": ("Europe/Brussels", brussels, {}),
    "italy_f1_f2_f3": ("Europe/Rome", italy, {}),
    "portugal_daily": ("Europe/Lisbon", portugal_daily, {}),
    "portugal_weekly": ("Europe/Lisbon", portugal_weekly, {}),
    "france_peak_off_peak": ("Europe/Paris", peak_off_peak, {}),
    "uk_agile": ("Europe/London", agile, {}),
    "austria_snap": ("Europe/Vienna", snap, {}),
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


@pytest.mark.parametrize("year", EASTER)
def test_easter_moves(year: int) -> None:
    assert easter(year) == date(year, *EASTER[year])


@given(st.integers(1583, 4000))
def test_easter_is_a_sunday_of_spring(year: int) -> None:
    assert easter(year).weekday() == 6
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


@pytest.mark.parametrize(
    ("preset", "zone", "day", "hours"),
    [
        # Hours of the long and the short day that each period gets.
        ("italy_f1_f2_f3", "Europe/Rome", date(2026, 10, 25), {"F3": 25}),
        (
            "belgium_wallonia_impact",
            "Europe/Brussels",
            date(2026, 3, 29),
            {"eco": 11, "medium": 7, "peak": 5},
        ),
        (
            "portugal_daily",
            "Europe/Lisbon",
            date(2026, 10, 25),
            {"vazio": 11, "ponta": 4, "cheias": 10},
        ),
        ("uk_economy_7", "Europe/London", date(2026, 3, 29), {"night": 7, "day": 16}),
    ],
)
def test_a_day_of_23_or_25_hours(
    preset: str, zone: str, day: date, hours: dict[str, int]
) -> None:
    calendar, clock = CALENDAR_PRESETS[preset].calendar, ZoneInfo(zone)
    start = datetime.combine(day, datetime.min.time(), clock).astimezone(UTC)
    after = datetime.combine(day + timedelta(days=1), datetime.min.time(), clock)
    found: Counter[str] = Counter()
    while start < after.astimezone(UTC):
        found[calendar.period(start.astimezone(clock)).name] += 1
        start += QUARTER
    assert {name: count / 4 for name, count in found.items()} == hours


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
