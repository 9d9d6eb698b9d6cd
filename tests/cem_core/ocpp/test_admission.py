"""Who may charge."""

from datetime import UTC, datetime, timedelta
from typing import Final

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
