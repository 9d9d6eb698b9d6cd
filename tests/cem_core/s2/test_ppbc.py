"""Programmes that can be put off."""

from datetime import datetime, timedelta
import json
from typing import Any

import pytest
from s2python.common import RevokableObjects

from cem_core.model.plan import PlannedSection
from cem_core.s2.control import Order
from cem_core.s2.messages import S2Error, parse
from cem_core.s2.ppbc import PowerProfile
from tests.cem_core.s2 import other_devices
from tests.cem_core.s2.messages import L1, NOW, at, message, name
from tests.cem_core.s2.test_frbc import _home


def _sequence(text: str, *pieces: tuple[float, float]) -> dict[str, Any]:
    return {
        "id": name(text),
        "elements": [
            {
                "duration": round(minutes * 60_000),
                "power_values": [{"commodity_quantity": L1, "value_expected": power_w}],
            }
            for minutes, power_w in pieces
        ],
        "is_interruptible": False,
        "abnormal_condition_only": False,
    }


def dishwasher() -> PowerProfile:
    """Return a wash and a rinse, 22 minutes in all, to be done within 3 hours."""
    control = PowerProfile()
    text = message(
        "PPBC.PowerProfileDefinition",
        id=name("profile"),
        start_time=at(),
        end_time=at(hours=3),
        power_sequences_containers=[
            {"id": name("wash"), "power_sequences": [_sequence("hot", (12, 2000))]},
            {"id": name("rinse"), "power_sequences": [_sequence("cold", (10, 200))]},
        ],
    )
    assert control.take(parse(text))
    return control


def _is(control: PowerProfile, status: str) -> None:
    text = message(
        "PPBC.PowerProfileStatus",
        sequence_container_status=[
            {
                "power_profile_id": name("profile"),
                "sequence_container_id": name("wash"),
                "status": status,
            }
        ],
    )
    assert control.take(parse(text))


def test_it_is_an_appliance_with_its_profile() -> None:
    found = dishwasher().described(NOW)
    assert found is not None
    assert found["kind"] == "appliance"
    assert found["profile_step_minutes"] == 5
    # 12 min of 2 kW, then 10 min of 0.2 kW, in steps of 5 min.
    assert found["profile_kw"] == pytest.approx([2, 2, 0.92, 0.2, 0.08])
    assert sum(found["profile_kw"]) * 5 == pytest.approx(12 * 2 + 10 * 0.2)
    assert (found["earliest_start"], found["latest_end"]) == (at(), at(hours=3))


def test_containers_follow_each_other() -> None:
    start = NOW + timedelta(hours=1)
    told = dishwasher().schedule(start)
    found = [json.loads(each.to_json()) for each in told]
    assert [each["sequence_container_id"] for each in found] == [
        name("wash"),
        name("rinse"),
    ]
    assert [each["power_sequence_id"] for each in found] == [name("hot"), name("cold")]
    assert found[1]["execution_time"].startswith("2026-01-15T13:12:00")


def test_it_runs_when_it_is_ordered_and_only_once() -> None:
    control = dishwasher()
    assert control.instruct(Order(power_w=0.0), NOW) == ()
    assert len(control.instruct(Order(power_w=1000.0), NOW)) == 2
    assert control.instruct(Order(power_w=1000.0), NOW) == ()


def test_what_has_begun_is_left_alone() -> None:
    control = dishwasher()
    _is(control, "EXECUTING")
    assert control.power_w(NOW) is not None  # what it draws is still known
    assert control.instruct(Order(power_w=0.0), NOW) == ()
    with pytest.raises(S2Error, match="a run has to begin from"):
        control.schedule(NOW)


def test_a_run_ends_within_its_window() -> None:
    with pytest.raises(S2Error, match="a run has to begin from"):
        dishwasher().schedule(NOW + timedelta(hours=2, minutes=50))


def _offered(status: str = "") -> PowerProfile:
    """Return a dishwasher that washes hot or saving, and can be paused at that."""
    control = PowerProfile()
    assert control.take(parse(other_devices.dishwasher(NOW)))
    if status:
        assert control.take(parse(other_devices.container("wash", status)))
    return control


def _told(control: PowerProfile, power_w: float, *, limited: bool) -> list[Any]:
    order = Order(power_w=power_w, limited=limited)
    return [json.loads(each.to_json()) for each in control.instruct(order, NOW)]


@pytest.mark.parametrize(
    ("power_w", "limited", "chosen", "rinse_at"),
    [
        (1640, False, "hot", "12:12"),  # with three minutes of rinse in a step
        (900, False, "saving", "12:30"),
        (1000, True, "saving", "12:30"),
        (2500, True, "hot", "12:12"),
        (100, True, "saving", "12:30"),  # the least there is
    ],
)
def test_the_nearest_sequence_is_run_and_under_a_limit_one_below_it(
    power_w: float, chosen: str, rinse_at: str, *, limited: bool
) -> None:
    wash, rinse = _told(_offered(), power_w, limited=limited)
    assert wash["power_sequence_id"] == name(chosen)
    assert wash["abnormal_condition"] is limited
    assert rinse["execution_time"][11:16] == rinse_at


def test_a_run_is_paused_by_a_limit_and_goes_on_after_it() -> None:
    control = _offered()
    _told(control, 2000, limited=False)
    assert control.take(parse(other_devices.container("wash", "EXECUTING")))
    assert control.interruptible
    (pause,) = _told(control, 1000, limited=True)
    assert pause["message_type"] == "PPBC.StartInterruptionInstruction"
    assert pause["sequence_container_id"] == name("wash")
    assert pause["power_sequence_id"] == name("hot")
    assert _told(control, 1000, limited=True) == []
    assert control.take(parse(other_devices.container("wash", "INTERRUPTED")))
    assert _told(control, 1000, limited=True) == []
    assert _told(control, 0, limited=False) == []  # nothing is ordered still
    (go_on,) = _told(control, 2000, limited=False)
    assert go_on["message_type"] == "PPBC.EndInterruptionInstruction"


def test_a_pause_that_is_planned_ends_when_it_is_handed_back() -> None:
    control = _offered("EXECUTING")
    (pause,) = _told(control, 0, limited=False)
    assert pause["message_type"] == "PPBC.StartInterruptionInstruction"
    assert pause["abnormal_condition"] is False
    order = Order(power_w=0.0, handed_back=True)
    [go_on] = control.instruct(order, NOW)
    assert json.loads(go_on.to_json())["message_type"] == (
        "PPBC.EndInterruptionInstruction"
    )
    assert control.instruct(order, NOW) == ()


def _says(wash: str, rinse: str = "SCHEDULED", **fields: Any) -> str:
    each = [
        {
            "power_profile_id": name("profile"),
            "sequence_container_id": name(text),
            "status": status,
        }
        for text, status in (("wash", wash), ("rinse", rinse))
    ]
    return message(
        "PPBC.PowerProfileStatus", sequence_container_status=[each[0] | fields, each[1]]
    )


def test_what_there_is_to_choose_is_a_programme() -> None:
    found = _offered().described(NOW)
    assert found is not None
    assert (found["kind"], found["begun"]) == ("programme", False)
    wash, rinse = found["sections"]
    assert [each["id"] for each in wash["options"]] == [name("hot"), name("saving")]
    hot = wash["options"][0]
    assert hot["profile_kw"] == [2.0] * 12
    assert hot["interruptible"]
    assert rinse["options"][0]["max_pause_minutes"] == 0
    assert _home(found)


def test_what_is_left_of_a_run_is_a_programme() -> None:
    control = _offered()
    control.heard_at = NOW
    fields: dict[str, Any] = {
        "progress": 600_000,
        "selected_sequence_id": name("saving"),
    }
    assert control.take(parse(_says("EXECUTING", **fields)))
    found = control.described(NOW + timedelta(minutes=5))
    assert found is not None
    assert found["begun"]
    wash, rinse = found["sections"]
    [option] = wash["options"]
    assert option["id"] == name("saving")
    assert option["profile_kw"] == [0.9] * 15  # of 30 minutes 10 and 5 are over
    assert option["max_pause_minutes"] == 24 * 60
    assert rinse["options"][0]["profile_kw"] == [0.2] * 10
    assert _home(found)

    assert control.take(parse(_says("INTERRUPTED", **fields)))
    paused = control.described(NOW + timedelta(minutes=50))
    assert paused is not None
    assert len(paused["sections"][0]["options"][0]["profile_kw"]) == 20
    assert control.take(parse(_says("FINISHED", "FINISHED")))
    assert control.described(NOW) is None


def test_a_pause_between_two_sequences_counts_from_the_end_of_the_first() -> None:
    control, rinse = PowerProfile(), other_devices.sequence("cold", (10, 200))
    text = json.loads(other_devices.dishwasher(NOW))
    containers = text["power_sequences_containers"]
    containers[1]["power_sequences"] = [rinse | {"max_pause_before": 3_600_000}]
    assert control.take(parse(json.dumps(text)))
    control.heard_at = NOW
    assert control.take(parse(_says("FINISHED", progress=720_000)))
    found = control.described(NOW + timedelta(minutes=20))
    assert found is not None
    [section] = found["sections"]
    assert section["options"][0]["max_pause_minutes"] == 40


def _planned(control: PowerProfile, option: str, rinse: datetime) -> None:
    sections = (("wash", option, NOW), ("rinse", "cold", rinse))
    control.planned(
        [
            PlannedSection(section=name(text), option=name(chosen), start=start)
            for text, chosen, start in sections
        ]
    )


def test_the_sequence_and_the_pause_that_are_planned_are_instructed() -> None:
    text = json.loads(other_devices.dishwasher(NOW))
    rinse = other_devices.sequence("cold", (10, 200)) | {"max_pause_before": 3_600_000}
    text["power_sequences_containers"][1]["power_sequences"] = [rinse]
    control = PowerProfile()
    assert control.take(parse(json.dumps(text)))
    _planned(control, "saving", NOW + timedelta(minutes=60))
    first, second = _told(control, 2000, limited=False)
    assert first["power_sequence_id"] == name("saving")
    assert second["execution_time"][11:16] == "13:00"

    assert control.take(parse(_says("EXECUTING")))
    assert _told(control, 900, limited=False) == []
    _planned(control, "saving", NOW + timedelta(minutes=45))
    (moved,) = _told(control, 900, limited=False)
    assert moved["sequence_container_id"] == name("rinse")
    assert moved["execution_time"][11:16] == "12:45"
    assert _told(control, 900, limited=False) == []


def test_no_pause_is_longer_than_it_may_be_or_than_the_window() -> None:
    control = _offered()  # it says of no pause
    _planned(control, "hot", NOW + timedelta(minutes=60))
    _, rinse = _told(control, 2000, limited=False)
    assert rinse["execution_time"][11:16] == "12:12"

    text = json.loads(other_devices.dishwasher(NOW))
    rinse = other_devices.sequence("cold", (10, 200)) | {"max_pause_before": 36_000_000}
    text["power_sequences_containers"][1]["power_sequences"] = [rinse]
    late = PowerProfile()
    assert late.take(parse(json.dumps(text)))
    _planned(late, "hot", NOW + timedelta(hours=4))
    _, rinse = _told(late, 2000, limited=False)
    assert rinse["execution_time"][11:16] == "12:12"


def test_what_cannot_be_paused_is_left_to_run() -> None:
    control = _offered()
    assert control.take(parse(other_devices.container("rinse", "EXECUTING")))
    assert not control.interruptible
    assert _told(control, 0, limited=True) == []


def test_a_run_that_is_off_again_is_scheduled_anew() -> None:
    control = _offered()
    assert len(_told(control, 2000, limited=False)) == 2
    assert control.take(parse(other_devices.container("wash", "NOT_SCHEDULED")))
    assert len(_told(control, 2000, limited=False)) == 2
    control.refused()
    assert len(_told(control, 2000, limited=False)) == 2
    assert _told(control, 2000, limited=False) == []


def test_a_profile_that_is_revoked_is_no_run() -> None:
    control = _offered()
    kind = RevokableObjects.PPBC_PowerProfileDefinition
    assert not control.revoke(kind, name("another"))
    assert control.revoke(kind, name("profile"))
    assert control.described(NOW) is None
    with pytest.raises(S2Error, match="offered no profile"):
        _told(control, 2000, limited=False)
