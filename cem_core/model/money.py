"""Amounts of money as a language writes them.

As the frontend's `Intl` does, which follows the Unicode CLDR (part 3, number patterns):
a currency without a symbol that everybody knows is its ISO 4217 code, and a code that
would touch the number stands apart from it.
"""

from collections.abc import Mapping
from typing import Final

_SYMBOLS: Final[Mapping[str, str]] = {"EUR": "€", "GBP": "£", "JPY": "¥", "USD": "$"}
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"


def money(amount: str, currency: str, pattern: str) -> str:
    """Return ``amount``, a number as it is shown, in ``currency``, an ISO 4217 code.

    ``pattern`` is the language's, of ``{symbol}`` and ``{amount}``. A sign comes first,
    but after a symbol that stands apart.
    """
    symbol = _SYMBOLS.get(currency, currency)
    size, sign = amount.removeprefix("-"), "-" if amount.startswith("-") else ""
    apart = pattern.replace(" ", _NO_BREAK)
    if apart.startswith("{symbol}{amount}") and symbol[-1:].isalpha():
        apart = apart.replace("{symbol}", "{symbol}" + _NO_BREAK, 1)
    if pattern.startswith("{symbol} "):
        size, sign = f"{sign}{size}", ""
    return sign + apart.format(symbol=symbol, amount=size)
