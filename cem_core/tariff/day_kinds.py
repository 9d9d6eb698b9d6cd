"""Which kind of day somebody's word for it means: a colour of Tempo, a day of EJP.

As integrations and the meter itself say it: `Bleu`, `TEMPO_ROUGE`, `Jour Tempo Blanc`,
`Rouge HP`, `NON_EJP`, `ejp`.
"""

from collections.abc import Mapping
import re
from typing import Final

from cem_core.tariff.time_of_use import Calendar

_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "blue": frozenset({"blue", "bleu", "blau", "azul", "blu", "blauw", "🔵"}),
    "white": frozenset({"white", "blanc", "weiß", "blanco", "bianco", "wit", "⚪"}),
    "red": frozenset({"red", "rouge", "rot", "rojo", "rosso", "rood", "🔴"}),
    "mobile_peak": frozenset({"ejp", "mobile_peak", "pm", "oui", "yes", "on", "true"}),
}
_NOT: Final = frozenset({"non", "no", "not", "pas", "hn", "off", "false", "normal"})
_BETWEEN: Final = re.compile(r"[\W_]+")
_EMOJI: Final = re.compile("[🔵⚪🔴]")


def kinds_of(calendar: Calendar) -> frozenset[str]:
    """Return the kinds of day that a calendar tells apart, none where it does not."""
    return frozenset(period.day for period in calendar.periods if period.day)


def kind_of(said: str, calendar: Calendar) -> str | None:
    """Return the kind of day that ``said`` means, ``other_days`` for none of them.

    None: it means none that is known, or more than one.
    """
    text = said.casefold()
    words = {*_BETWEEN.split(text), *_EMOJI.findall(text), text.strip()}
    kinds = kinds_of(calendar)
    if words & _NOT:
        return calendar.other_days if calendar.other_days not in kinds else None
    found = [kind for kind in kinds if words & _WORDS.get(kind, {kind})]
    return found[0] if len(found) == 1 else None
