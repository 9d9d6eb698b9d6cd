"""The grid connection: the contract's limits; fuse and feed-in cap among the options."""

from collections.abc import Mapping
from typing import Final

from custom_components.cem.forms.field import Answers, choice, number

NO_CAP: Final = "none"
CAP_POWER: Final = "power"
SHARES: Final = ("0", "50", "60", "70")

TERMS: Final = (
    number("import_limit", 0.5, 1000, unit="kW", required=True, default=9.2),
    number("export_limit", 0, 1000, unit="kW", required=True, default=9.2),
    choice("phases", ("1", "3"), default="1"),
)
FIELDS: Final = (
    number("fuse", 6, 1000, unit="A"),
    choice("feed_in_cap", (NO_CAP, *SHARES, CAP_POWER), default=NO_CAP),
    number("feed_in_peak", 0.1, 1000, unit="kW"),
    number("feed_in_cap_power", 0, 1000, unit="kW"),
)


def refused(answers: Answers, installed_kw: float) -> Mapping[str, str]:
    """Return what is missing of a feed-in cap; ``installed_kw`` is known anyway."""
    chosen = answers["feed_in_cap"]
    if chosen == CAP_POWER and "feed_in_cap_power" not in answers:
        return {"feed_in_cap_power": "cap_power_missing"}
    a_share_of_something = chosen in SHARES and chosen != "0"
    if a_share_of_something and not (answers.get("feed_in_peak") or installed_kw):
        return {"feed_in_peak": "cap_peak_missing"}
    return {}
