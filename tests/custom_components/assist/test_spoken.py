"""What is said to Home Assistant's own agent, and what it answers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hassil.parse_expression import parse_sentence
from hassil.sample import sample_expression
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import device_registry as dr, intent
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from cem_core.insight.savings import SavedDay
from cem_core.model import Message
from cem_core.model.message_json import message_to_json
from custom_components.cem.assist.handler import AnswerHandler
from custom_components.cem.assist.vocabulary import vocabularies
from custom_components.cem.const import DOMAIN, Charging, Kind, Mode
from custom_components.cem.home import Home
from custom_components.cem.wishes import async_set_mode
from tests.custom_components.assist.conftest import NOON, Say, charging_at
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_automation import dear_then_cheap
from tests.custom_components.test_control import charging
from tests.custom_components.test_limits import order

NOT_UNDERSTOOD = "Sorry, I couldn't understand that"
DAY = SavedDay(
    start=NOON - timedelta(days=1),
    end=NOON,
    controlled=False,
    measured_share=1.0,
    bill=3.0,
    without=3.0,
    planned=2.2,
    known=2.0,
    perfect=1.9,
    peak_kw=4.0,
    peak_without_kw=5.0,
    peak_planned_kw=3.0,
    import_kwh=12.0,
    export_kwh=2.0,
    produced_kwh=8.0,
    export_planned_kwh=1.0,
)


async def test_why(home: Home, say: Say) -> None:
    home.plan = charging_at(3, 4)
    home.cycle()
    waits = "Wallbox: Waits until 12:45, the next planned run."
    assert await say("Why is the Wallbox not charging?") == waits
    assert await say("why isn't my car charging") == waits
    heat_pump = await say("why is the heat pump off")
    assert heat_pump == "Heat pump: Off: nothing is planned before 14:00."


async def test_when_the_car_is_ready(home: Home, say: Say) -> None:
    asked = "when will the car be full?"
    assert await say(asked) == "Wallbox: There is no plan yet: simple rules serve."
    home.plan = charging_at(3, 4)
    wanted_kwh = home.devices["wallbox"].energy_wanted_kwh
    assert wanted_kwh > 0
    assert await say(asked) == (
        f"Wallbox: Charged at 13:15 by the plan; {wanted_kwh:.2f} kWh are still wanted."
    )
    home.plan = charging_at()
    none = "Wallbox: Waits: nothing is planned before 14:00."
    assert await say(asked) == none
    home.devices["wallbox"].charging = Charging.NOT_TONIGHT
    assert (await say(asked)).startswith("Wallbox: Not tonight")
    home.hass.states.async_set("binary_sensor.plugged", "off")
    assert await say(asked) == "Wallbox: No car is plugged in."
    no_car = await say("when will the heat pump be ready")
    assert no_car == "Heat pump charges no car."


async def test_charging_is_wished(home: Home, say: Say) -> None:
    wallbox = home.devices["wallbox"]
    advises = "The energy manager only advises."
    answer = await say("charge the car now")
    assert answer == f"Wallbox is to charge now. {advises}"
    assert charging(wallbox) is Charging.NOW
    answer = await say("don't charge the car tonight")
    assert answer == f"Wallbox is not to charge tonight. {advises}"
    assert charging(wallbox) is Charging.NOT_TONIGHT
    await async_set_mode(home, Mode.CONTROL)
    answer = await say("charge the wallbox as planned")
    assert answer == "Wallbox is to charge as planned."
    assert charging(wallbox) is Charging.PLAN
    wallbox.control = False
    assert "control is switched off" in await say("charge my car now")


async def test_who_may_not_control_does_not_charge(
    home: Home, say: Say, hass_read_only_user: MockUser, hass_admin_user: MockUser
) -> None:
    wallbox = home.devices["wallbox"]
    guest, owner = Context(user_id=hass_read_only_user.id), hass_admin_user.id
    assert await say("charge the car now", guest) == "You may not control Wallbox."
    nobody = Context(user_id="gone")
    assert await say("charge the car now", nobody) == "You may not control Wallbox."
    assert charging(wallbox) is Charging.PLAN
    await say("charge the car now", Context(user_id=owner))
    assert charging(wallbox) is Charging.NOW
    # Who may only look may still ask.
    assert (await say("is the power limited", guest)).startswith("Nobody")


async def test_price(home: Home, say: Say, freezer: Any) -> None:
    asked = "is energy cheap right now?"
    assert await say(asked) == "No price is known now."
    home.take_prices(dear_then_cheap())
    assert await say(asked) == (
        "Energy costs €0.300/kWh now. That is dear for today."
        " It is cheap from 16:00 to 00:00 tomorrow."
    )
    freezer.move_to(NOON + timedelta(hours=5))
    assert await say(asked) == (
        "Energy costs €0.100/kWh now. That is cheap for today, until 00:00 tomorrow."
    )


async def test_limits(hass: HomeAssistant, home: Home, say: Say) -> None:
    asked = "is the power limited?"
    contract = (
        "The limit of your contract for import holds the import at the grid"
        " connection to 9.2 kW. It is 1.20 kW now."
    )
    answer = await say(asked)
    assert answer.startswith(f"Nobody has ordered a limit that holds now. {contract}")
    await order(hass, duration={"hours": 1}, reason="The street is full")
    later = NOON + timedelta(hours=3)
    await order(hass, limit_id="later", limit_w=0, start=later)
    answer = await say(asked)
    assert answer.startswith("The power is limited.")
    assert contract in answer
    assert (
        "The limit ordered by an automation holds the import of the controllable"
        " devices to 4.2 kW until 13:00. The street is full"
    ) in answer
    assert answer.endswith(
        "From 15:00 the limit ordered by an automation (2) holds the import of the"
        " controllable devices to 0 kW."
    )


async def test_a_silent_meter_is_said_instead_of_old_numbers(
    home: Home, say: Say
) -> None:
    assert "1.20 kW come from the grid." in await say("how is our energy doing")
    home.snapshot = replace(home.snapshot, meter_silent=True)
    status = await say("how is our energy doing")
    assert "The meter is silent" in status
    assert "come from the grid" not in status
    limits = await say("is the power limited")
    assert "The meter is silent" in limits
    assert "1.20 kW" not in limits


async def test_plan(home: Home, say: Say) -> None:
    asked = "what is planned?"
    assert await say(asked) == "There is no plan yet: simple rules serve."
    home.plan = charging_at(0, 3, 4)
    assert await say(asked) == (
        "Wallbox takes 1.00 kWh from 12:00 to 12:15."
        " Wallbox takes 2.00 kWh from 12:45 to 13:15."
    )
    home.plan = charging_at()
    assert await say(asked) == "Nothing is planned before 14:00."


async def test_what_if(home: Home, say: Say) -> None:
    asked: list[Any] = []
    costs = Message.of(
        "alternative_costs",
        wish=Message.of("wish_never", device="Wallbox"),
        more_cost=0.84,
        currency="EUR",
    )

    async def tell(wish: Any, **_: Any) -> dict[str, Any]:
        asked.append(wish)
        gone = Message.of("no_car")
        return {
            "moved": [],
            "relaxed": [message_to_json(gone)],
            **message_to_json(costs),
        }

    home.what_if, home.plan = tell, charging_at(3)
    answer = await say("what would it cost to charge the car now")
    assert answer == (
        "Wallbox off until the plan's end: €0.84 more than the plan."
        " No car is plugged in."
    )
    assert asked == [{"device": "wallbox", "what": "start"}]
    home.plan = None
    no_plan = "There is no plan yet: simple rules serve."
    assert await say("what if the heat pump stays off") == no_plan


async def test_savings(home: Home, say: Say) -> None:
    asked = "what did we save this week?"
    assert (await say(asked)).endswith("the first one is still to come.")
    home.savings.days = [
        replace(
            DAY,
            start=DAY.start - k * timedelta(days=1),
            end=DAY.end - k * timedelta(days=1),
        )
        for k in (9, 1, 0)
    ]
    assert await say(asked) == (
        "From 12:00 on 13 January to 12:00 control would have saved between €1.60 and"
        " €1.60."
    )
    last = "From 12:00 on 14 January to 12:00 control would have saved between 0.80"
    assert (await say("how much did we save today")).startswith(last)
    month = "From 12:00 on 5 January to 12:00 control would have saved between 2.40"
    assert (await say("how much did we save this month")).startswith(month)
    home.savings.days[-1] = replace(DAY, controlled=True, bill=2.0)
    assert "or on days that it only observed would" in await say(asked)
    day = await say("how much did we save today")
    assert day.startswith("From 12:00 on 14 January to 12:00 control saved between")
    home.savings.days = home.savings.days[:1]
    assert await say(asked) == "No day of that time is over yet."


async def test_what_is_not_ours_is_left_to_home_assistant(home: Home, say: Say) -> None:
    assert home.devices
    for text in ("why is the toaster not charging", "when will dinner be ready"):
        assert await say(text) == NOT_UNDERSTOOD


@pytest.mark.parametrize("language", vocabularies())
async def test_every_sentence_asks_what_it_should(
    home: Home, say: Say, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    heard: list[tuple[str, dict[str, str]]] = []

    async def note(self: AnswerHandler, asked: intent.Intent) -> intent.IntentResponse:
        slots = {name: slot["value"] for name, slot in asked.slots.items()}
        heard.append((self.intent_type, slots))
        response = asked.create_response()
        response.async_set_speech("heard")
        return response

    monkeypatch.setattr(AnswerHandler, "async_handle", note)
    assert home.devices
    vocabulary, said = vocabularies()[language], 0
    for sentences in vocabulary.sentences:
        device = {"device": "wallbox"} if sentences.about_device else {}
        for template in sentences.templates:
            text = template.replace(
                "{device}", f"{vocabulary.words.articles[0]} wallbox"
            )
            every = list(sample_expression(parse_sentence(text).expression))
            # Of ways that differ in one word a share that meets each word.
            for spoken in every[:: max(1, len(every) // 40)]:
                heard.clear()
                assert await say(spoken, language=language) == "heard", spoken
                wanted = (sentences.intent_type, {**sentences.slots, **device})
                assert heard == [wanted], spoken
                said += 1
    assert said > 100


async def test_a_word_that_fits_two_is_asked_back(
    hass: HomeAssistant, home: Home, say: Say
) -> None:
    hass.config_entries.async_add_subentry(home.entry, second("Garage box"))
    await hass.async_block_till_done()
    answer = await say("charge the car now")
    assert answer == "car may be one of several: Wallbox / Garage box."
    assert (await say("charge garage box now")).startswith("Garage box is to charge")


def second(name: str) -> ConfigSubentry:
    """Return another charger."""
    return ConfigSubentry(
        data=DATA[Kind.EV_CHARGER] | {"name": name},  # type: ignore[arg-type]
        subentry_id="id_second",
        subentry_type=Kind.EV_CHARGER.value,
        title=name,
        unique_id=None,
    )


async def test_the_users_own_name_is_heard(
    hass: HomeAssistant, home: Home, say: Say
) -> None:
    registry = dr.async_get(hass)
    (box,) = (
        device
        for device in dr.async_entries_for_config_entry(registry, home.entry.entry_id)
        if (DOMAIN, "id_ev_charger") in device.identifiers
    )
    registry.async_update_device(box.id, name_by_user="Old Betty (2)")
    await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    assert (await say("charge Old Betty 2 now")).startswith("Wallbox is to charge")


async def test_an_unloaded_home_is_no_longer_heard(
    hass: HomeAssistant, home: Home, say: Say
) -> None:
    assert (await say("is the power limited")).startswith("Nobody")
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert await say("is the power limited") == NOT_UNDERSTOOD


async def test_an_agent_that_comes_later_hears_too(
    hass: HomeAssistant, set_up: SetUp, say: Say
) -> None:
    await set_up(Kind.METER)
    for component in ("homeassistant", "conversation"):
        assert await async_setup_component(hass, component, {})
    await hass.async_block_till_done()
    assert (await say("is the power limited")).startswith("Nobody")
