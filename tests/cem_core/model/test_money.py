"""Amounts of money as `Intl.NumberFormat` of the frontend writes them."""

import json
from pathlib import Path

import pytest

from cem_core.model import Message
from cem_core.model.english import ENGLISH
from cem_core.model.render import Renderer

TRANSLATIONS = Path("custom_components/cem/translations")
NBSP = "\N{NO-BREAK SPACE}"


def renderer(language: str) -> Renderer:
    said = json.loads((TRANSLATIONS / f"{language}.json").read_text())["common"]
    return Renderer(sentence=lambda key: said.get(key, ENGLISH[key]))


@pytest.mark.parametrize(
    ("language", "currency", "amount", "shown"),
    [  # as Intl.NumberFormat(language, {style: "currency", currency}) of Node 22
        ("en", "EUR", 1.5, "€1.50"),
        ("en", "EUR", -1.5, "-€1.50"),
        ("en", "GBP", 1.5, "£1.50"),
        ("en", "NOK", 1.5, f"NOK{NBSP}1.50"),
        ("en", "NOK", -1.5, f"-NOK{NBSP}1.50"),
        ("de", "EUR", 1.5, f"1,50{NBSP}€"),
        ("de", "EUR", -1.5, f"-1,50{NBSP}€"),
        ("de", "CHF", 1.5, f"1,50{NBSP}CHF"),
        ("nl", "EUR", 1.5, f"€{NBSP}1,50"),
        ("nl", "EUR", -1.5, f"€{NBSP}-1,50"),
        ("nl", "SEK", 1.5, f"SEK{NBSP}1,50"),
        ("fr", "EUR", 1.5, f"1,50{NBSP}€"),
        ("es", "EUR", -1.5, f"-1,50{NBSP}€"),
        ("it", "NOK", 1.5, f"1,50{NBSP}NOK"),
    ],
)
def test_an_amount_is_written_as_its_language_does(
    language: str, currency: str, amount: float, shown: str
) -> None:
    message = Message.of("budget_money", spent_cost=amount, currency=currency)
    assert renderer(language).text(message) == shown


def test_a_price_has_its_currency_and_what_it_is_per() -> None:
    price = Message.of("assist_price", price_per_kwh=0.2481, currency="EUR")
    assert Renderer().text(price) == "Energy costs €0.248/kWh now."
    assert f"0,248{NBSP}€/kWh" in renderer("de").text(price)


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "nl"])
def test_no_amount_is_written_in_another_way(language: str) -> None:
    """A currency stands right behind its amount, so that both become one."""
    said = json.loads((TRANSLATIONS / f"{language}.json").read_text())["common"]
    for key, sentence in said.items():
        rest = sentence.replace("} {currency}", "").replace(f"}}{NBSP}{{currency}}", "")
        assert "{currency}" not in rest, key
