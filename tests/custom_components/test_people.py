"""Each person of a household chooses what they are told, where, and when not."""

from typing import Any

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockUser,
    async_fire_time_changed,
    async_mock_service,
)

from cem_core.model import Message
from cem_core.notification import Notification, Subject, Urgency, Verdict
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.home import Home
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_messages_to_people import texts
from tests.custom_components.test_notices import actions_of, press

FAMILY = "notify.mobile_app_family"
ANN = "notify.mobile_app_ann"
NOON = "2026-03-12 12:00:00+00:00"
MORNING = "2026-03-13 08:00:00+00:00"


def told(
    key: str, subject: Subject = Subject.LIMIT, urgency: Urgency = Urgency.NORMAL
) -> Notification:
    return Notification(
        key=key,
        subject=subject,
        title=Message.of("title_problem"),
        text=Message.of("issuer_says", text=key),
        urgency=urgency,
    )


@pytest.fixture
def family(hass: HomeAssistant) -> list[ServiceCall]:
    """Return what the phone of the house got."""
    calls: list[ServiceCall] = async_mock_service(hass, "notify", "mobile_app_family")
    return calls


@pytest.fixture
def ann(hass: HomeAssistant) -> list[ServiceCall]:
    """Return what the phone of one person got."""
    calls: list[ServiceCall] = async_mock_service(hass, "notify", "mobile_app_ann")
    return calls


@pytest.fixture
async def home(hass: HomeAssistant, set_up: SetUp, freezer: Any) -> Home:
    """Return a home where Ann wants to hear of budgets and faults alone."""
    freezer.move_to(NOON)
    await hass.config.async_set_time_zone("UTC")
    return await set_up(
        Kind.METER, Kind.PERSON, options={"notify": [FAMILY, ANN], "most_a_day": 2}
    )


async def tell(home: Home, *every: Notification) -> list[Verdict]:
    verdicts = [home.messages.tell(each) for each in every]
    await home.hass.async_block_till_done()
    return verdicts


async def test_each_is_told_what_they_chose(
    home: Home, family: list[ServiceCall], ann: list[ServiceCall]
) -> None:
    verdicts = await tell(
        home, told("limit"), told("budget", Subject.BUDGET), told("plan", Subject.PLAN)
    )
    assert verdicts == [Verdict.SEND, Verdict.SEND, Verdict.DROP]
    assert texts(family) == ["limit", "budget"]
    assert texts(ann) == ["budget"]  # and not once more as one of the household


async def test_what_is_about_safety_is_told_to_all(
    home: Home, family: list[ServiceCall], ann: list[ServiceCall]
) -> None:
    await tell(home, told("cut", Subject.NEAR_LIMIT, Urgency.SAFETY))
    assert texts(family) == texts(ann) == ["cut"]


async def test_counts_and_digests_are_each_ones_own(
    hass: HomeAssistant,
    home: Home,
    family: list[ServiceCall],
    ann: list[ServiceCall],
    freezer: Any,
) -> None:
    await tell(home, *(told(f"budget {k}", Subject.BUDGET) for k in range(3)))
    assert len(family) == 2
    assert len(ann) == 3
    freezer.move_to(MORNING)
    async_fire_time_changed(hass, dt_util.utcnow())
    await hass.async_block_till_done()
    assert "budget 2" in texts(family)[-1]
    assert len(ann) == 3


async def test_quiet_on_ones_phone_is_ones_own(
    hass: HomeAssistant, home: Home, family: list[ServiceCall], ann: list[ServiceCall]
) -> None:
    await tell(home, told("one", Subject.BUDGET))
    await press(hass, actions_of(ann[-1])["snooze"])
    await tell(home, told("two", Subject.BUDGET))
    assert texts(family) == ["one", "two"]
    assert texts(ann) == ["one"]


async def test_what_is_over_is_taken_back_from_who_was_told(
    hass: HomeAssistant, home: Home, family: list[ServiceCall], ann: list[ServiceCall]
) -> None:
    await tell(home, told("limit"))
    home.messages.forget("limit")
    await hass.async_block_till_done()
    assert texts(family) == ["limit", "clear_notification"]
    assert ann == []


async def test_a_restart_forgets_nobody(
    hass: HomeAssistant, home: Home, family: list[ServiceCall], ann: list[ServiceCall]
) -> None:
    await tell(home, told("one", Subject.BUDGET))
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    assert await tell(home.entry.runtime_data, told("one", Subject.BUDGET)) == [
        Verdict.DROP
    ]
    assert (len(family), len(ann)) == (1, 1)


async def test_a_home_in_which_each_phone_is_a_persons_tells_the_persons(
    hass: HomeAssistant, set_up: SetUp, ann: list[ServiceCall]
) -> None:
    home = await set_up(Kind.METER, Kind.PERSON, options={"notify": [ANN]})
    assert await tell(home, told("limit")) == [Verdict.DROP]
    await tell(home, told("budget", Subject.BUDGET))
    assert texts(ann) == ["budget"]
    assert hass.states.async_all("persistent_notification") == []


@pytest.fixture
def resident(hass: HomeAssistant) -> MockUser:
    """Return Bob, who is no administrator, and add him and Ann as persons."""
    group = hass.auth._store._groups[GROUP_ID_USER]
    bob = MockUser(name="Bob", groups=[group]).add_to_hass(hass)
    hass.states.async_set("person.bob", "home", {"user_id": bob.id})
    hass.states.async_set("person.ann", "home", {"user_id": "ann's"})
    return bob


async def choose(hass: HomeAssistant, user: MockUser | None, **chosen: Any) -> None:
    await hass.services.async_call(
        DOMAIN,
        "choose_messages",
        chosen,
        blocking=True,
        context=Context(user_id=user.id if user else None),
    )
    await hass.async_block_till_done()


def kept(hass: HomeAssistant) -> dict[str, dict[str, Any]]:
    """Return what each person chose, by the title of the subentry."""
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    return {
        subentry.title: dict(subentry.data)
        for subentry in entry.subentries.values()
        if subentry.subentry_type == Kind.PERSON
    }


async def test_a_resident_chooses_for_themself(
    hass: HomeAssistant, home: Home, resident: MockUser, family: list[ServiceCall]
) -> None:
    bobs = async_mock_service(hass, "notify", "mobile_app_bob")
    with pytest.raises(ServiceValidationError, match="no phone"):
        await choose(hass, resident, subjects=["limit"])
    await choose(
        hass,
        resident,
        notify="notify.mobile_app_bob",
        subjects=["limit"],
        quiet_from="22:00",
        quiet_until="07:00:00",
    )
    assert kept(hass)["bob"] == {
        "method": "user",
        "name": "bob",
        "person": "person.bob",
        "notify": ["notify.mobile_app_bob"],
        "subjects": ["limit"],
        "most_a_day": 5,
        "quiet_from": "22:00:00",
        "quiet_until": "07:00:00",
        "digest": "daily",
        "digest_at": "08:00:00",
    }
    assert home.entry.runtime_data is home  # nothing else was set up anew
    await tell(home, told("limit"))
    assert texts(bobs) == texts(family) == ["limit"]
    await choose(hass, resident, quiet_from=None, quiet_until=None, digest="never")
    assert kept(hass)["bob"]["digest"] == "never"
    assert kept(hass)["bob"]["subjects"] == ["limit"]
    assert "quiet_from" not in kept(hass)["bob"]


async def test_a_new_choice_keeps_what_was_told_and_moves_the_digest(
    hass: HomeAssistant,
    home: Home,
    family: list[ServiceCall],
    ann: list[ServiceCall],
    freezer: Any,
) -> None:
    await tell(home, told("one", Subject.BUDGET))
    ann_chooses = {"person": "person.ann", "digest_at": "09:00", "most_a_day": 0}
    await choose(hass, None, **ann_chooses, subjects=["budget", "limit"])
    assert await tell(home, told("one", Subject.BUDGET)) == [Verdict.DROP]
    assert await tell(home, told("limit")) == [Verdict.SEND]  # to the family
    assert (texts(family), texts(ann)) == (["one", "limit"], ["one"])
    home.messages.forget("one")
    await hass.async_block_till_done()
    assert (len(family), len(ann)) == (3, 2)  # taken back on both phones
    for clock, digests in (("08:00", 0), ("09:00", 1), ("09:01", 1)):
        freezer.move_to(MORNING.replace("08:00", clock, 1))
        async_fire_time_changed(hass, dt_util.utcnow())
        await hass.async_block_till_done()
        assert sum("limit" in text for text in texts(ann)) == digests


async def test_nobody_chooses_for_another_but_an_administrator(
    hass: HomeAssistant, home: Home, resident: MockUser, hass_admin_user: MockUser
) -> None:
    before = DATA[Kind.PERSON]["subjects"]
    with pytest.raises(Unauthorized):
        await choose(hass, resident, person="person.ann", subjects=["limit"])
    assert kept(hass)["Ann"]["subjects"] == before
    await choose(hass, hass_admin_user, person="person.ann", subjects=["limit"])
    assert kept(hass)["Ann"]["subjects"] == ["limit"]
    await choose(hass, None, person="person.ann", subjects=["peak"])
    assert kept(hass)["Ann"]["subjects"] == ["peak"]
    for who in (hass_admin_user, None):
        with pytest.raises(ServiceValidationError, match="name one by person"):
            await choose(hass, who, subjects=[])
    with pytest.raises(ServiceValidationError, match="name one by person"):
        await choose(hass, None, person="person.nobody", subjects=[])
    with pytest.raises(ServiceValidationError, match="start and an end"):
        await choose(hass, None, person="person.ann", quiet_from="22:00")
    assert home.entry.title
