"""Tariffs by country and supplier or operator: data files, each entry with its source.

One JSON file a country in `tariffs/`. An entry's answers are those of the tariff's
forms, to be looked at and changed. Each of its numbers is either in ``checked``, with
the page that it was compared with, or in ``unconfirmed``: usual, but on no page that
was read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
import json
from pathlib import Path
from typing import Any, Final

from custom_components.cem.presets.price_sources import TIBBER

_RULES: Final = ("calendar", "capacity_preset")
_FOLDER: Final = Path(__file__).parent / "tariffs"


class Basis(StrEnum):
    """What a tariff's energy price is made from."""

    MARKET = "market"
    CALENDAR = "calendar"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Where and when one number was read, and from when it holds there.

    ``valid_from`` None: the page names no day.
    """

    url: str
    valid_from: date | None
    read: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffPreset:
    """A tariff as it is published; ``valid_until`` None: until it is changed.

    ``network_per_kwh`` is what a supplier's price with taxes leaves out: the grid's.
    """

    tariff_id: str
    country: str
    currency: str
    name: str
    basis: Basis
    answers: Mapping[str, Any]
    network_per_kwh: float
    valid_from: date
    valid_until: date | None
    source: str
    checked: Mapping[str, Checked]
    unconfirmed: tuple[str, ...]

    @property
    def label(self) -> str:
        """How it is offered."""
        return f"{self.country}: {self.name}"

    @property
    def numbers(self) -> tuple[str, ...]:
        """The answers that are prices; the others name rules with their own source."""
        return tuple(key for key in self.answers if key not in _RULES)

    def holds(self, day: date) -> bool:
        """Tell whether it holds on ``day`` or will."""
        return self.valid_until is None or day <= self.valid_until

    def answers_by(self, method: str) -> dict[str, Any]:
        """Return the answers to the form of ``method``.

        Tibber tells prices with the taxes and its own share in: those of the market
        price would count twice.
        """
        answers = dict(self.answers)
        if method == TIBBER:
            answers |= {"price_factor": 1.0, "price_addition": self.network_per_kwh}
        return answers


def _presets_in(path: Path) -> tuple[TariffPreset, ...]:
    document = json.loads(path.read_text(encoding="utf-8"))
    return tuple(
        TariffPreset(
            tariff_id=row["id"],
            country=document["country"],
            currency=document["currency"],
            name=row["name"],
            basis=Basis(row["basis"]),
            answers=row["answers"],
            network_per_kwh=row.get("network_per_kwh", 0.0),
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_until=_day(row.get("valid_until")),
            source=row["source"],
            checked={
                key: Checked(
                    url=found["url"],
                    valid_from=_day(found["valid_from"]),
                    read=date.fromisoformat(found["read"]),
                )
                for key, found in row["checked"].items()
            },
            unconfirmed=tuple(row["unconfirmed"]),
        )
        for row in document["tariffs"]
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


# Home Assistant imports modules outside its event loop: the files are read there.
TARIFFS: Final[Mapping[str, TariffPreset]] = {
    preset.tariff_id: preset
    for path in sorted(_FOLDER.glob("*.json"))
    for preset in _presets_in(path)
}


def tariffs_for(country: str | None, day: date) -> tuple[TariffPreset, ...]:
    """Return the tariffs that hold on ``day``: those of ``country``, else of all."""
    now = [preset for preset in TARIFFS.values() if preset.holds(day)]
    own = tuple(preset for preset in now if preset.country == country)
    return own or tuple(now)
