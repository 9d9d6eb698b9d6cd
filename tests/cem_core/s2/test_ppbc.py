"""Programmes that can be put off."""

from datetime import timedelta
import json
from typing import Any

import pytest
from s2python.common import RevokableObjects

from cem_core.s2.control import Order
from cem_core.s2.messages import S2Error, parse
from cem_core.s2.ppbc import PowerProfile
from tests.cem_core.s2 import other_devices
from tests.cem_core.s2.messages import L1, NOW, at, message, name


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
    assert control.described(NOW) is None
    assert control.power_w(NOW) is not None  # what it draws is still known
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
    (go_on,) = _told(control, 0, limited=False)
    assert go_on["message_type"] == "PPBC.EndInterruptionInstruction"


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
