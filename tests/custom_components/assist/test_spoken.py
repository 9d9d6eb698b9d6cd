"""Every sentence, said to Home Assistant's own agent."""

from hassil.parse_expression import parse_sentence
import pytest
from custom_components.cem.home import Home
from tests.custom_components.assist.conftest import Say


@pytest.mark.parametrize("text", ["Why is the Wallbox not charging?", "why is the car not charging", "what is planned", "is energy cheap right now?", "is the power limited", "what is the energy manager doing?", "when will the car be full?", "charge the car now", "why is the toaster not charging", "why is the cellar battery not charging"])
async def test_try(home: Home, say: Say, text: str) -> None:
    print(text, "->", await say(text))
