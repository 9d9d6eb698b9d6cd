"""Which name was said in a sentence that the agent found to fit a template."""

from collections.abc import Sequence
import re
from typing import Final

from custom_components.cem.assist.meant import spoken
from custom_components.cem.assist.vocabulary import Words

PRINTED_APOSTROPHE: Final = "\N{RIGHT SINGLE QUOTATION MARK}"
_DEVICE: Final = "{device}"
_SIGNS: Final = {"(": "(?:", ")": ")", "[": "(?:", "]": ")?", "|": "|", " ": r"\s*"}


def name_said(
    template: str, words: Words, names: Sequence[str], text: str
) -> str | None:
    """Return which of ``names`` stands for ``{device}`` in ``text``; None: no fit.

    ``template`` is one of the agent's: words, ``(this|or that)``, ``[if need be]``.
    Spaces do not count, and of two names that fit the longer was meant.
    """
    before, device, after = template.partition(_DEVICE)
    if not device:
        return None
    article = "|".join(map(re.escape, sorted(words.articles, key=len, reverse=True)))
    name = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    found = re.fullmatch(
        rf"{_pattern(before)}(?:(?:{article})\s*)?\b({name})\b{_pattern(after)}",
        spoken(text.replace(PRINTED_APOSTROPHE, "'")),
        re.IGNORECASE,
    )
    return None if found is None else found[1]


def _pattern(template: str) -> str:
    return "".join(_SIGNS.get(sign, re.escape(sign)) for sign in template)
