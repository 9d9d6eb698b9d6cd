"""Time-of-use calendars as laws and operators publish them: data with sources.

Only the periods: prices are those of a contract, by the names of the periods.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from cem_core.tariff.calendar import When, YearDay, when
from cem_core.tariff.time_of_use import Calendar, Period


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPreset:
    """A calendar, since when it holds, and where that stands."""

    calendar: Calendar
    valid_from: date
    source: str


def _period(name: str, when: When | None = None, day: str | None = None) -> Period:
    return Period(name=name, when=when or When(), day=day)


# The national holidays with a fixed date, and 6 January.
_SPANISH_HOLIDAYS: Final = tuple(
    YearDay.parse(day)
    for day in ["1-1", "1-6", "5-1", "8-15", "10-12", "11-1", "12-6", "12-8", "12-25"]
)

CALENDAR_PRESETS: Final[Mapping[str, CalendarPreset]] = {
    # Circular 3/2020 of the CNMC, article 7: the mainland, Balearic and Canary Is.
    "spain_2_0td": CalendarPreset(
        calendar=Calendar(
            periods=(
                _period("P3", when(weekdays="sat-sun")),
                _period("P1", when(hours="10-14,18-22")),
                _period("P2", when(hours="8-10,14-18,22-24")),
                _period("P3"),
            ),
            yearly_holidays=_SPANISH_HOLIDAYS,
        ),
        valid_from=date(2021, 6, 1),
        source="https://www.respiraenergia.com/support/kb/a2364/"
        "periodos-de-discriminacion-horaria.aspx",
    ),
    # The days are blue where no colour is told; each begins at 6.
    "france_tempo": CalendarPreset(
        calendar=Calendar(
            periods=tuple(
                _period(f"{colour}_{name}", when(hours=hours), colour)
                for colour in ("blue", "white", "red")
                for name, hours in (("peak", "6-22"), ("off_peak", "22-6"))
            ),
            other_days="blue",
            day_start_hour=6,
        ),
        valid_from=date(2025, 9, 1),
        source="https://www.services-rte.com/files/live/sites/services-rte/files/"
        "M%c3%a9thode%20de%20choix%20des%20jours%20Tempo%20indice%202.pdf",
    ),
    # 22 days a winter, each from 7 to 1 the next night.
    "france_ejp": CalendarPreset(
        calendar=Calendar(
            periods=(
                _period("mobile_peak", when(hours="7-1"), "mobile_peak"),
                _period("normal"),
            ),
            day_start_hour=7,
        ),
        valid_from=date(2025, 9, 1),
        source="https://cesml.com/jours-ejp",
    ),
    # Supply contracts; the network has no day and night since 2023. In some
    # municipalities from 6 to 21. A holiday in the week is a working day.
    "belgium_day_night": CalendarPreset(
        calendar=Calendar(
            periods=(
                _period("day", when(weekdays="mon-fri", hours="7-22")),
                _period("night"),
            )
        ),
        valid_from=date(2018, 4, 1),
        source="https://www.energieleveranciers.be/nachttarief-elektriciteit/",
    ),
    # Hours differ by region and meter; these are on GMT all year.
    "uk_economy_7": CalendarPreset(
        calendar=Calendar(
            periods=(_period("night", when(hours="0-7")), _period("day")),
            daylight_saving=False,
        ),
        valid_from=date(2019, 1, 1),
        source="https://conversation.which.co.uk/home-energy/"
        "economy-7-energy-meters-cheaper-electricity/",
    ),
    # Section 14a EnWG, module 3 (BK8-22/010-A): every operator has windows of its
    # own and no format to read them from; these are EWW Wanfried's.
    "germany_module_3_wanfried": CalendarPreset(
        calendar=Calendar(
            periods=(
                _period("NT", when(months="10-3", hours="1-4")),
                _period("HT", when(months="10-3", hours="17-19")),
                _period("ST"),
            )
        ),
        valid_from=date(2025, 4, 1),
        source="https://www.ewwanfried.de/netz/netzanschluss/"
        "steuerbare-verbrauchseinrichtungen/",
    ),
}
