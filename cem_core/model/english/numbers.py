"""Numbers and times."""

from collections.abc import Mapping
from typing import Final

NUMBERS: Final[Mapping[str, str]] = {
    "decimal_mark": ".",
    "amount_of_money": "{symbol}{amount}",
    "clock_tomorrow": "{clock} tomorrow",
    "clock_on_day": "{clock} on {day} {month}",
    "january": "January",
    "february": "February",
    "march": "March",
    "april": "April",
    "may": "May",
    "june": "June",
    "july": "July",
    "august": "August",
    "september": "September",
    "october": "October",
    "november": "November",
    "december": "December",
}
