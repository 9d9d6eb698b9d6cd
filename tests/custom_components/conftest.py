"""What every test of the integration needs."""

import pytest


@pytest.fixture(autouse=True)
def _custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant load what lies in custom_components/.

    The recorder's database must be there before Home Assistant is: a test that asks
    for both gets them in that order.
    """
    for name in ("recorder_mock", "hass"):
        if name in request.fixturenames:
            request.getfixturevalue(name)
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")
