"""Who may charge."""

from datetime import UTC, datetime, time, timedelta
from typing import Final

import pytest

from cem_core.ocpp.admission import Admission, Card, Cards

_NOW: Final = datetime(2026, 1, 15, 12, tzinfo=UTC)
_CARDS: Final = (
    Card(id_tag="04A1", name="Ada"),
    Card(id_tag="04B2", blocked=True),
    Card(id_tag="04C3", expires_at=_NOW),
)


def test_each_card_by_what_is_known_of_it() -> None:
    cards = Cards.of(_CARDS)
    assert cards.admit(" 04a1", _NOW) is Admission.ACCEPTED
    assert cards.admit("04B2", _NOW) is Admission.BLOCKED
    assert cards.admit("04C3", _NOW) is Admission.EXPIRED
    assert cards.admit("04C3", _NOW - timedelta(seconds=1)) is Admission.ACCEPTED
    assert cards.admit("04D4", _NOW) is Admission.INVALID
    assert (cards.name("04a1"), cards.name("04D4")) == ("Ada", "")


def test_everyone_means_all_but_those_that_are_blocked() -> None:
    cards = Cards.of(_CARDS, everyone=True)
    assert cards.admit("04D4", _NOW) is Admission.ACCEPTED
    assert cards.admit("04B2", _NOW) is Admission.BLOCKED


def test_a_card_says_what_its_cars_need() -> None:
    assert Card.of_words("04A1") == Card(id_tag="04A1")
    assert Card.of_words("04A1 17:30").departs == time(17, 30)
    assert Card.of_words(" 04A1  17:30 20 ").needed_wh == 20_000
    card = Cards.of([Card.of_words("04A1 17:30")]).card("04a1")
    assert card is not None
    assert card.departs == time(17, 30)


@pytest.mark.parametrize(
    "line",
    ["", "04A1 noon", "04A1 25:00", "04A1 17:30 much", "04A1 17:30 -5", "a 1:00 2 3"],
)
def test_what_is_no_card_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Card.of_words(line)
