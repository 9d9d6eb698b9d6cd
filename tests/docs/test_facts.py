"""Numbers and words of the pages that the code can contradict."""

import json
from typing import Final

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from cem_core.devices.command_queue import RETRY_AFTER_S
from cem_core.dispatch import DispatchSettings
from cem_core.meter.json_forms.forms import FORMS
from custom_components.cem.care.faults import _CLOCK_OFF_S
from custom_components.cem.drivers.ocpp_driver import LASTS
from custom_components.cem.meters.own import SILENT_AFTER_S
from custom_components.cem.reported import _STALE_CAR_AFTER
from custom_components.cem.settings import HomeSettings
from optimizer.cli.curves import FORMATS
from tests.test_repository import ROOT

WORDS: Final = {
    2: "two",
    6: "six",
    7: "seven",
    10: "ten",
    11: "eleven",
    12: "twelve",
}
OLDEST: Final = json.loads((ROOT / "hacs.json").read_text())["homeassistant"]
OLDEST_SHORT: Final = OLDEST.rpartition(".")[0]
DISPATCH: Final = DispatchSettings()
HOME: Final = HomeSettings.of(
    MockConfigEntry(data={"import_limit": 9, "export_limit": 6, "phases": "3"})
)
RETRY: Final = f"{RETRY_AFTER_S:g} s"
LANGUAGES: Final = len(list((ROOT / "custom_components/cem/translations").iterdir()))
COUNTRIES: Final = len(
    list((ROOT / "custom_components/cem/presets/tariffs").glob("*.json"))
)

FACTS: Final = [
    ("README.md", f"Home Assistant ({OLDEST_SHORT} or newer)"),
    ("docs/start.md", f"Home Assistant {OLDEST_SHORT} or newer"),
    ("docs/home_assistant.md", f"Home Assistant {OLDEST_SHORT} or later"),
    ("docs/faq.md", f"alone for {WORDS[HOME.hand_off.seconds // 3600]} hours"),
    (
        "docs/home_assistant.md",
        f"that person for {WORDS[HOME.hand_off.seconds // 3600]} hours",
    ),
    *(
        (f"docs/devices/{kind}.md", f"again after {RETRY}")
        for kind in ("ocpp", "s2", "eebus", "evcc")
    ),
    ("docs/devices/ocpp.md", f"10.1 A that lasts {LASTS.seconds} s"),
    ("docs/devices/ocpp.md", f"within {LASTS.seconds // 60} min"),
    (
        "docs/troubleshooting.md",
        f"older than {WORDS[_STALE_CAR_AFTER.seconds // 3600]} hours",
    ),
    ("docs/troubleshooting.md", f"more than {WORDS[_CLOCK_OFF_S // 60]} minutes apart"),
    ("docs/limits.md", f"declared time ({DISPATCH.settle_s:g} s"),
    ("docs/limits.md", f"stays off for {DISPATCH.restart_after_s:g} s"),
    (
        "docs/limits.md",
        f"over {DISPATCH.return_least_s:g} to {DISPATCH.return_most_s:g} s",
    ),
    ("docs/faq.md", f"about once in {WORDS[int(SILENT_AFTER_S)]} seconds"),
    ("docs/architecture.md", f"in {WORDS[len(FORMATS)]} formats"),
    ("docs/use-cases.md", f"tariffs of {WORDS[COUNTRIES]} countries"),
    ("docs/use-cases/uc11.md", f"in {WORDS[LANGUAGES]} languages"),
]


@pytest.mark.parametrize(("page", "says"), FACTS)
def test_a_page_says_what_the_code_does(page: str, says: str) -> None:
    assert says in " ".join((ROOT / page).read_text(encoding="utf-8").split())


def test_each_form_of_json_is_on_its_page() -> None:
    page = (ROOT / "docs/meters/json.md").read_text(encoding="utf-8")
    assert {form for form in FORMS if f"`{form}`" not in page} == set()
