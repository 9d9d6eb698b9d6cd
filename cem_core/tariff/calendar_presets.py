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

# 1 and 6 January, Easter Monday, 25 April, 1 May, 2 June, 15 August, 1 November,
# 8, 25 and 26 December.
_ITALIAN_HOLIDAYS: Final = tuple(
    YearDay.parse(day)
    for day in [
        "1-1",
        "1-6",
        "4-25",
        "5-1",
        "6-2",
        "8-15",
        "11-1",
        "12-8",
        "12-25",
        "12-26",
    ]
)
# Easter Monday, Ascension and Pentecost Monday move.
_BELGIAN_HOLIDAYS: Final = tuple(
    YearDay.parse(day)
    for day in ["1-1", "5-1", "7-21", "8-15", "11-1", "11-11", "12-25"]
)
_EASTER_MONDAY: Final = 1
_ASCENSION: Final = 39
_PENTECOST_MONDAY: Final = 50

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
    # SNE-V 2018 in the wording of 2026, section 2 (1) 9: the grid's price on Netzebene
    # 7 is a fifth lower then, for meters that are read by the quarter hour.
    "austria_snap": CalendarPreset(
        calendar=Calendar(
            periods=(
                _period("summer_noon", when(months="4-9", hours="10-16")),
                _period("other"),
            )
        ),
        valid_from=date(2026, 4, 1),
        source="https://certexternal-www.360.lexisnexis.at/d/"
        "b_bgbl_2025_2025_II_305_e5c40b8e1d",
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
    # Its windows are until half past four.
    "germany_module_3_augsburg": CalendarPreset(
        calendar=Calendar(
            periods=(
                _period("NT", when(months="10-3", hours="1-4:30")),
                _period("HT", when(months="10-3", hours="17-19")),
                _period("ST"),
            )
        ),
        valid_from=date(2025, 4, 1),
        source="https://www.reddit.com/r/Energiewirtschaft/comments/1g49wne",
    ),
    # Of the network, all days alike; energy prices follow where the supplier says so.
    "belgium_wallonia_day_night": CalendarPreset(
        calendar=Calendar(
            periods=(_period("peak", when(hours="7-11,17-22")), _period("off_peak"))
        ),
        valid_from=date(2026, 1, 1),
        source="https://www.ores.be/comprendre-ma-facture/bihoraire",
    ),
    "belgium_wallonia_impact": CalendarPreset(
        calendar=Calendar(
            periods=(
                _period("eco", when(hours="1-7,11-17")),
                _period("peak", when(hours="17-22")),
                _period("medium"),
            )
        ),
        valid_from=date(2026, 1, 1),
        source="https://www.cwape.be/publications/document/6649",
    ),
    # Holidays are nights there, unlike in the rest of the country.
    "belgium_brussels_day_night": CalendarPreset(
        calendar=Calendar(
            periods=(
                _period("day", when(weekdays="mon-fri", hours="7-22")),
                _period("night"),
            ),
            yearly_holidays=_BELGIAN_HOLIDAYS,
            easter_holidays=(_EASTER_MONDAY, _ASCENSION, _PENTECOST_MONDAY),
        ),
        valid_from=date(2018, 4, 1),
        source="https://ecoconso.be/fr/content/un-compteur-bihoraire",
    ),
    # ARERA 181/06. A tariff of two periods, F1 and F23, prices F2 and F3 alike.
    "italy_f1_f2_f3": CalendarPreset(
        calendar=Calendar(
            periods=(
                _period("F1", when(weekdays="mon-fri", hours="8-19")),
                _period("F2", when(weekdays="mon-sat", hours="7-23")),
                _period("F3"),
            ),
            yearly_holidays=_ITALIAN_HOLIDAYS,
            easter_holidays=(_EASTER_MONDAY,),
        ),
        valid_from=date(2012, 1, 1),
        source="https://teknoenergy.it/fasceorarie",
    ),
    # Mainland, low voltage, the cycle that is the same on all days. New hours come
    # installation by installation from July to December 2027.
    "portugal_daily": CalendarPreset(
        calendar=Calendar(
            periods=(
                _period("vazio", when(hours="22-8")),
                _period("ponta", when(hours="10:30-13,19:30-21", summer_time=True)),
                _period("ponta", when(hours="9-10:30,18-20:30", summer_time=False)),
                _period("cheias"),
            )
        ),
        valid_from=date(2019, 1, 1),
        source="https://github.com/dgomes/python-electricity",
    ),
    "portugal_weekly": CalendarPreset(
        calendar=Calendar(
            periods=(
                _period("vazio", when(weekdays="sun")),
                _period("vazio", when(weekdays="mon-fri", hours="0-7")),
                _period(
                    "vazio", when(weekdays="sat", hours="14-20,22-9", summer_time=True)
                ),
                _period(
                    "vazio",
                    when(weekdays="sat", hours="13-18:30,22-9:30", summer_time=False),
                ),
                _period("cheias", when(weekdays="sat")),
                _period("ponta", when(hours="9:15-12:15", summer_time=True)),
                _period("ponta", when(hours="9:30-12,18:30-21", summer_time=False)),
                _period("cheias"),
            )
        ),
        valid_from=date(2019, 1, 1),
        source="https://poupaenergia.pt/faq/que-ciclos-horarios-existem",
    ),
    # Enedis sets eight off-peak hours for each customer, five of them or more from 23
    # to 7 and the others from 11 to 17; these are one way to keep that: give yours.
    "france_peak_off_peak": CalendarPreset(
        calendar=Calendar(
            periods=(_period("off_peak", when(hours="2-7,13-16")), _period("peak"))
        ),
        valid_from=date(2025, 11, 1),
        source="https://www.boursorama.com/budget/conso/actualites/electricite-les-"
        "heures-creuses-vont-etre-deplacees-a-partir-du-1er-novembre-2025-"
        "afeb6976ee8066d373063599617d03a2",
    ),
    # What is added to the half-hourly market price; see `cap_per_kwh` for its cap.
    "uk_agile": CalendarPreset(
        calendar=Calendar(
            periods=(_period("evening", when(hours="16-19")), _period("other"))
        ),
        valid_from=date(2022, 1, 1),
        source="https://octopus.energy/blog/agile-pricing-explained/",
    ),
}
