"""Words for kinds of day, as integrations and meters say them."""

import pytest

from cem_core.tariff.calendar_presets import CALENDAR_PRESETS
from cem_core.tariff.day_kinds import kind_of, kinds_of

TEMPO = CALENDAR_PRESETS["france_tempo"].calendar
EJP = CALENDAR_PRESETS["france_ejp"].calendar


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Bleu", "blue"),
        ("🔵", "blue"),
        ("TEMPO_BLANC", "white"),
        ("Jour Tempo Blanc ⚪", "white"),
        ("Rouge HP", "red"),
        ("red", "red"),
        ("inconnu", None),
        ("", None),
        ("Bleu ou blanc", None),
        ("non", None),  # with Tempo each day has a colour
        ("3", None),
    ],
)
def test_a_colour_is_understood(said: str, kind: str | None) -> None:
    assert kind_of(said, TEMPO) == kind


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("EJP", "mobile_peak"),
        ("on", "mobile_peak"),
        ("mobile_peak", "mobile_peak"),
        ("NON_EJP", ""),
        ("non EJP", ""),
        ("off", ""),
        ("unsure", None),
    ],
)
def test_a_day_of_ejp_is_told_from_others(said: str, kind: str | None) -> None:
    assert kind_of(said, EJP) == kind


def test_a_calendar_without_kinds_of_day_has_none() -> None:
    assert kinds_of(TEMPO) == {"blue", "white", "red"}
    assert kinds_of(CALENDAR_PRESETS["spain_2_0td"].calendar) == frozenset()
