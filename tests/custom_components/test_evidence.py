"""Evidence of limits in Home Assistant."""

from pathlib import Path
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockUser, async_mock_service

from cem_core.evidence import EvidenceLog, Head
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.home import Home
from tests.custom_components.conftest import SetUp
from tests.custom_components.test_control_box import until


async def order(hass: HomeAssistant, limit_w: int = 4200) -> None:
    """Order a limit on what is controllable."""
    data = {"direction": "import", "scope": "controllable", "limit_w": limit_w}
    data |= {"limit_id": "dso", "reason": "maintenance"}
    await hass.services.async_call(DOMAIN, "order_limit", data, blocking=True)


async def stop(hass: HomeAssistant, home: Home) -> None:
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    await hass.async_block_till_done()


async def test_an_order_its_effect_and_its_end_are_kept(
    hass: HomeAssistant, set_up: SetUp, evidence_folder: Path
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    await order(hass)
    data = {"limit_id": "dso"}
    await hass.services.async_call(DOMAIN, "end_limit", data, blocking=True)
    await stop(hass, home)
    log = EvidenceLog(evidence_folder)
    assert [record.kind.value for record in log.records()] == ["order", "effect", "end"]
    first = next(log.records())
    assert first.data["limit_w"] == 4200
    assert first.data["issuer"] == "automation"
    assert first.data["source"] == "order"
    assert first.data["priority"] == "obligation"
    assert first.data["reason"] == "maintenance"
    assert log.verify() == []
    head = Head.from_json((evidence_folder / "head.json").read_text())
    assert log.verify([head]) == []
    names = {path.suffix for path in evidence_folder.iterdir()}  # noqa: ASYNC240 - stopped
    assert names == {".sqlite", ".json"}  # the key is not given away with it


async def test_it_is_returned_by_an_action(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await set_up(Kind.METER)
    await order(hass)
    await until((home.evidence.folder / "head.json").exists)
    found: Any = await hass.services.async_call(
        DOMAIN, "get_evidence", {}, blocking=True, return_response=True
    )
    assert found["entries"][0]["kind"] == "order"
    assert found["faults"] == []
    later = {"start": "2999-01-01T00:00:00+00:00"}
    found = await hass.services.async_call(
        DOMAIN, "get_evidence", later, blocking=True, return_response=True
    )
    assert found["entries"] == []
    await stop(hass, home)


async def test_only_an_administrator_reads_it(
    hass: HomeAssistant, set_up: SetUp, hass_read_only_user: MockUser
) -> None:
    home = await set_up(Kind.METER)
    context = Context(user_id=hass_read_only_user.id)
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            "get_evidence",
            {},
            blocking=True,
            return_response=True,
            context=context,
        )
    await stop(hass, home)


async def test_the_signed_head_goes_to_the_broker(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    published = async_mock_service(hass, "mqtt", "publish")
    home = await set_up(Kind.METER)
    await order(hass)
    await until(lambda: bool(published))
    [call] = published
    assert call.data["topic"] == f"cem/{home.entry.entry_id}/evidence_head"
    assert Head.from_json(call.data["payload"]).sequence >= 0
    await stop(hass, home)


async def test_a_disk_that_takes_nothing_is_told_and_limits_hold(
    hass: HomeAssistant, set_up: SetUp, evidence_folder: Path
) -> None:
    text = "a file where the folder should be"
    await hass.async_add_executor_job(evidence_folder.write_text, text)
    home = await set_up(Kind.METER)
    await order(hass)
    issues = ir.async_get(hass)
    issue_id = f"evidence_unwritable_{home.entry.entry_id}"
    await until(lambda: issues.async_get_issue(DOMAIN, issue_id) is not None)
    assert home.operator_limit is not None
    # Nothing was lost: with room again it is all there, in order.
    await hass.async_add_executor_job(evidence_folder.unlink)
    data = {"limit_id": "dso"}
    await hass.services.async_call(DOMAIN, "end_limit", data, blocking=True)
    await until((evidence_folder / "head.json").exists)
    await until(lambda: issues.async_get_issue(DOMAIN, issue_id) is None)
    found: Any = await hass.services.async_call(
        DOMAIN, "get_evidence", {}, blocking=True, return_response=True
    )
    kinds = [entry["kind"] for entry in found["entries"]]
    assert kinds == ["order", "effect", "end"]
    await stop(hass, home)


async def test_evidence_that_cannot_be_read_is_said_so(
    hass: HomeAssistant, set_up: SetUp, evidence_folder: Path
) -> None:
    text = "a file where the folder should be"
    await hass.async_add_executor_job(evidence_folder.write_text, text)
    home = await set_up(Kind.METER)
    with pytest.raises(HomeAssistantError, match="cannot be read"):
        await hass.services.async_call(
            DOMAIN, "get_evidence", {}, blocking=True, return_response=True
        )
    await stop(hass, home)
