"""What every test of the integration needs."""

import pytest


@pytest.fixture(autouse=True)
def _custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant load what lies in custom_components/."""
