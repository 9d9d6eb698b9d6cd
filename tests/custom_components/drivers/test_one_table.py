"""A driver is one file, one row of a table, one page and one peer that tests it."""

from pathlib import Path
from typing import Final

import pytest

from custom_components.cem.const import DEVICE_KINDS, OWN_PROTOCOLS
from custom_components.cem.drivers import DRIVERS, TRANSLATIONS
from tests.custom_components.conformance.test_drivers import PEERS
from tests.test_repository import ROOT

ROOM: Final = Path("custom_components/cem/drivers")
OF_ENTITIES: Final = tuple(
    translate.__module__.rpartition(".")[2] for translate in TRANSLATIONS.values()
)
OF_PROTOCOLS: Final = tuple(
    path.stem
    for path in sorted((ROOT / ROOM).glob("*_driver.py"))
    if path.stem not in ("entity_driver", "home_driver")
)
PAGES: Final = {
    path.name: path.read_text() for path in (ROOT / "docs/devices").glob("*.md")
}


def test_each_protocol_has_a_row_and_each_kind_of_device_calls_of_its_own() -> None:
    assert tuple(DRIVERS) == OWN_PROTOCOLS
    assert len(DRIVERS) == len(OF_PROTOCOLS)
    assert set(TRANSLATIONS) == set(DEVICE_KINDS)


@pytest.mark.parametrize("module", [*OF_ENTITIES, *OF_PROTOCOLS])
def test_its_page_says_how_far_it_goes_and_what_it_does_without_orders(
    module: str,
) -> None:
    (page,) = [text for text in PAGES.values() if f"`{ROOM}/{module}.py`" in text]
    for said in ("Drives", "Range", "Reaction", "When orders stop", "Handed back"):
        assert said in page


@pytest.mark.parametrize("module", OF_PROTOCOLS)
def test_a_peer_speaks_its_protocol(module: str) -> None:
    protocol = module.removesuffix("_driver")
    assert any(name.startswith(protocol) for name in PEERS)
