"""Operation modes as stages of a plan."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given, strategies as st
import pytest

from cem_core.s2.modes import Actuator, Mode, nearest
from cem_core.s2.paths import Way
from cem_core.s2.power import Span
from cem_core.s2.stages import stages
from tests.cem_core.s2.messages import NOW

OFF, LOW, HIGH, MORE = (UUID(int=place) for place in range(1, 5))
RUN, REST = UUID(int=11), UUID(int=12)


def way(before: UUID, after: UUID, *, starts: UUID, blocked: UUID) -> Way:
    return Way(
        before=before,
        after=after,
        starts=(starts,),
        blocked_by=(blocked,),
        abnormal_only=False,
    )


def mode(name: UUID, low_w: float, high_w: float, *, abnormal: bool = False) -> Mode:
    return Mode(id=name, power_w=Span(low_w, high_w), abnormal_only=abnormal)


def staged(*modes: Mode, active: UUID | None = OFF) -> dict[str, object]:
    ways = [way(OFF, LOW, starts=RUN, blocked=REST)]
    ways.append(way(LOW, OFF, starts=REST, blocked=RUN))
    lengths = {RUN: timedelta(minutes=10), REST: timedelta(seconds=200)}
    return stages(modes, Actuator(UUID(int=0), ways, lengths, active=active), NOW)


def test_timers_are_least_runs_and_rests_in_whole_minutes() -> None:
    found = staged(mode(OFF, 0, 0), mode(LOW, 800, 800))
    assert (found["min_on_minutes"], found["min_off_minutes"]) == (10, 4)
    assert found["initially_on"] is False
    assert found["start_cost"] == 0


def test_modes_that_meet_are_one_range_and_standby_is_none() -> None:
    found = staged(
        mode(HIGH, 1500, 2500), mode(OFF, 10, 10), mode(LOW, 800, 1500), active=None
    )
    assert found["power_ranges"] == [{"min_kw": 0.8, "max_kw": 2.5}]
    assert "initially_on" not in found


def test_modes_for_abnormal_conditions_are_not_planned() -> None:
    found = staged(
        mode(OFF, 0, 0), mode(LOW, 800, 800), mode(MORE, 3000, 3000, abnormal=True)
    )
    assert found["max_power_kw"] == 0.8
    assert staged(mode(OFF, 0, 0), mode(MORE, 100, 100, abnormal=True)) == {}


@given(
    st.lists(
        st.tuples(st.integers(0, 5000), st.integers(0, 5000)), min_size=1, max_size=6
    )
)
def test_every_planned_power_is_one_that_a_mode_can_be_told(
    powers: list[tuple[int, int]],
) -> None:
    modes = [
        mode(UUID(int=place), min(ends), max(ends))
        for place, ends in enumerate(powers, start=1)
    ]
    ranges = stages(modes, Actuator(UUID(int=0), (), {}), NOW).get("power_ranges", [])
    for place, each in enumerate(ranges):
        assert place == 0 or ranges[place - 1]["max_kw"] < each["min_kw"]
        for power_w in (each["min_kw"] * 1000, each["max_kw"] * 1000):
            (choice,) = nearest([(UUID(int=0), modes)], power_w)
            assert choice.power_w == pytest.approx(power_w)
