"""What is said of a device that waits."""

from datetime import UTC, datetime

import pytest

from cem_core.model.render import Renderer
from optimizer.waiting import wait_until

UNTIL = datetime(2026, 1, 15, 18, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "later", "sentence"),
    [
        (
            0.2412,
            0.2183,
            ("Waits: energy costs €0.241/kWh on average until 18:40, €0.218/kWh then."),
        ),
        (
            0.2384,
            0.2381,
            (
                "Waits until 18:40: what it needs fits in from then on, at €0.238/kWh;"
                " until then energy costs €0.238/kWh on average."
            ),
        ),
        (
            0.20,
            0.25,
            (
                "Waits until 18:40: what it needs fits in from then on, at €0.250/kWh;"
                " until then energy costs €0.200/kWh on average."
            ),
        ),
    ],
)
def test_a_price_that_is_not_lower_is_no_reason_to_wait(
    now: float, later: float, sentence: str
) -> None:
    assert Renderer().text(wait_until(UNTIL, now, later, "EUR")) == sentence
