"""What every test can rely on."""

import pytest

import custom_components  # noqa: F401  (else the pytest plugin's own is found first)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the full durations, see script/soak."""
    parser.addoption(
        "--soak", action="store_true", help="run time tests for their full duration"
    )


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave out what runs only for its full duration, unless asked for."""
    if config.getoption("--soak"):
        return
    skip = pytest.mark.skip(reason="only with --soak")
    for item in items:
        if "soak" in item.keywords:
            item.add_marker(skip)
