"""§14a EnWG in a home in Germany, and not elsewhere."""

import json
from pathlib import Path
from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from cem_core.evidence import EvidenceLog
from cem_core.model import (
    Basis,
    Direction,
    LimitsInForce,
    LimitSource,
    PowerLimit,
    Scope,
)
from cem_core.model.limit import DRAW
from custom_components.cem import para14a
from custom_components.cem.const import Kind
from custom_components.cem.forms import FORMS
from custom_components.cem.forms.para14a import GROUPS, extended
from custom_components.cem.problems import problems
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA, W
from tests.custom_components.test_config_flow import start
from tests.custom_components.test_evidence import stop
from tests.custom_components.test_limits import order, value

HOUSE = (Kind.METER, Kind.EV_CHARGER, Kind.BATTERY, Kind.HEAT_PUMP)
ANSWERS = {
    "para14a_group": "heat_pump",
    "para14a_rated_power": 6.0,
    "para14a_commissioned": "2025-03-01",
    "para14a_registration": "registered",
    "para14a_operator": "Stadtwerke",
    "para14a_number": "SteuVE-17",
}


@pytest.fixture
def germany(hass: HomeAssistant) -> None:
    """Move the home to Germany."""
    hass.config.country = "DE"


@pytest.fixture
def large_pump(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the heat pump have an auxiliary heater, and be registered."""
    for key, answer in ANSWERS.items():
        monkeypatch.setitem(DATA[Kind.HEAT_PUMP], key, answer)


def limit(source: LimitSource, **changes: Any) -> PowerLimit:
    given: dict[str, Any] = {
        "limit_id": "x",
        "source": source,
        "issuer": "somebody",
        "direction": Direction.IMPORT,
        "scope": Scope.CONTROLLABLE,
        "limit_w": 4200,
    }
    return PowerLimit(**(given | changes))


@pytest.mark.usefixtures("germany")
async def test_what_is_large_counts_and_a_heat_pump_of_2_5_kw_does_not(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(*HOUSE)
    counts = {n: d.model.counts_as_controllable for n, d in home.devices.items()}
    assert counts == {"wallbox": True, "cellar_battery": True, "heat_pump": False}
    assert home.minimum_w == 7560
    assert value(hass, "sensor.home_guaranteed_minimum_ss_14a") == "7560"


@pytest.mark.usefixtures("germany", "large_pump")
async def test_the_devices_page_shows_what_the_form_was_told(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(*HOUSE)
    assert home.minimum_w == 10_500
    state = hass.states.get("sensor.heat_pump_guaranteed_power_ss_14a")
    assert state is not None
    assert state.state == "3500"
    shown = {key: state.attributes[key] for key in ("counts", "group")}
    assert shown == {"counts": True, "group": "heat_pump"}
    assert state.attributes["rated_power_kw"] == 6
    assert state.attributes["commissioned"] == "2025-03-01"
    assert state.attributes["grid_operator"] == "Stadtwerke"
    assert state.attributes["registration_number"] == "SteuVE-17"


@pytest.mark.usefixtures("germany", "large_pump")
@pytest.mark.parametrize(
    ("changed", "counts"),
    [
        ({"para14a_registration": "not_registered"}, False),
        ({"para14a_commissioned": "2023-12-31"}, False),
        (
            {
                "para14a_commissioned": "2023-12-31",
                "para14a_registration": "voluntary",
            },
            True,
        ),
        ({"para14a_group": "none"}, False),
        ({"para14a_group": "cooling"}, True),
    ],
)
async def test_the_form_decides_who_counts(
    monkeypatch: pytest.MonkeyPatch,
    set_up: SetUp,
    changed: dict[str, str],
    *,
    counts: bool,
) -> None:
    for key, answer in changed.items():
        monkeypatch.setitem(DATA[Kind.HEAT_PUMP], key, answer)
    home = await set_up(*HOUSE)
    assert home.devices["heat_pump"].model.counts_as_controllable is counts


async def test_elsewhere_all_count_and_nothing_is_owed(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    hass.config.country = "NL"
    home = await set_up(*HOUSE)
    assert all(d.model.counts_as_controllable for d in home.devices.values())
    assert home.minimum_w is None
    assert hass.states.get("sensor.home_guaranteed_minimum_ss_14a") is None
    assert hass.states.get("sensor.wallbox_guaranteed_power_ss_14a") is None


@pytest.mark.parametrize("country", ["DE", "NL"])
async def test_the_form_asks_in_germany_alone(
    hass: HomeAssistant, country: str
) -> None:
    hass.config.country = country
    form = await start(hass, Kind.HEAT_PUMP)
    asked = {str(marker) for marker in form["data_schema"].schema}
    assert ("para14a" in asked) is (country == "DE")


@pytest.mark.usefixtures("germany")
async def test_what_is_filled_in_is_kept_flat_and_offered_again(
    hass: HomeAssistant,
) -> None:
    form = await start(hass, Kind.HEAT_PUMP)
    kind = Kind.HEAT_PUMP
    table = extended(FORMS[kind]["power_limit"], kind, "DE")
    answers = {k: v for k, v in DATA[kind].items() if k != "method"} | ANSWERS
    flows = hass.config_entries.subentries
    done = await flows.async_configure(form["flow_id"], table.nested(answers))
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert ANSWERS.items() <= done["data"].items()
    assert table.nested(done["data"])["para14a"] == ANSWERS


@pytest.mark.parametrize("kind", GROUPS)
def test_each_form_that_asks_has_its_words(kind: Kind) -> None:

    strings = json.loads(Path("custom_components/cem/strings.json").read_text())
    for method, form in FORMS[kind].items():
        said = strings["config_subentries"][kind]["step"][method]["sections"]["para14a"]
        asked = {
            f.key for f in extended(form, kind, "DE").fields if f.section == "para14a"
        }
        assert set(said["data"]) == set(said["data_description"]) == asked


@pytest.mark.usefixtures("germany")
@pytest.mark.parametrize(
    ("kind", "step", "key"),
    [
        (Kind.CONTROL_BOX, None, "failsafe_import"),
        (Kind.RELAY, "single_contact", "relay_limit"),
    ],
)
async def test_a_failsafe_limit_of_what_is_owed_is_suggested(
    hass: HomeAssistant, set_up: SetUp, kind: Kind, step: str | None, key: str
) -> None:
    home = await set_up(*HOUSE)
    flows = hass.config_entries.subentries
    form: Any = await flows.async_init(
        (home.entry.entry_id, str(kind)), context={"source": SOURCE_USER}
    )
    if step is not None:
        form = await flows.async_configure(form["flow_id"], {"next_step_id": step})
    (marker,) = (m for m in form["data_schema"].schema if m == key)
    assert marker.description == {"suggested_value": 7.56}


def test_an_operators_order_bounds_grid_draw_in_germany_alone() -> None:
    given = [limit(source) for source in LimitSource]
    based = {x.source: x.basis for x in para14a.by_grid_draw(given, "DE")}
    by_draw = {s for s, basis in based.items() if basis is Basis.GRID_DRAW}
    assert by_draw == {LimitSource.CONTROL_BOX, LimitSource.RELAY}
    assert para14a.by_grid_draw(given, "FR") == tuple(given)
    whole = limit(LimitSource.CONTROL_BOX, scope=Scope.CONNECTION)
    assert para14a.by_grid_draw([whole], "DE") == (whole,)


@pytest.mark.usefixtures("germany", "large_pump")
async def test_an_order_below_the_minimum_is_carried_out_reported_and_kept(
    hass: HomeAssistant, set_up: SetUp, evidence_folder: Path
) -> None:
    home = await set_up(*HOUSE)
    switches = async_mock_service(hass, "switch", "turn_off")
    async_mock_service(hass, "number", "set_value")
    hass.states.async_set("switch.charger", "on")
    hass.states.async_set("sensor.charger", "11000", W)
    hass.states.async_set("sensor.grid", "12000", W)
    await order(hass, limit_w=2000, basis="grid_draw")
    await home.devices["wallbox"].queue.join()
    assert [call.data["entity_id"] for call in switches] == ["switch.charger"]
    assert "limit_below_minimum" in [code for code, _ in problems(home)]
    in_force: LimitsInForce = home.snapshot.in_force
    assert in_force.strictest[DRAW].basis is Basis.GRID_DRAW
    await stop(hass, home)
    first = next(EvidenceLog(evidence_folder).records())
    assert first.data["minimum_owed_w"] == 10_500
    assert first.data["below_minimum"] is True
    assert first.data["basis"] == "grid_draw"


async def test_grid_draw_of_the_connection_is_refused(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await set_up(Kind.METER)
    with pytest.raises(ServiceValidationError, match="grid_draw"):
        await order(hass, scope="connection", basis="grid_draw")


@pytest.mark.usefixtures("germany")
async def test_a_plan_leaves_alone_what_does_not_count(set_up: SetUp) -> None:
    home = await set_up(*HOUSE)
    found = {name: para14a.for_plan(d) for name, d in home.devices.items()}
    assert found["heat_pump"] == {"controllable": False}
    assert found["wallbox"] == found["cellar_battery"] == {}
