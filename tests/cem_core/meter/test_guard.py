"""What may follow what: registers rise, clocks advance, connections carry no more."""

from datetime import UTC, datetime, timedelta

from hypothesis import given as for_all, strategies as st
import pytest

from cem_core.meter.guard import DoubtKind, ReadingGuard
from cem_core.model import Quality, Reading

NOON = datetime(2026, 10, 25, 12, tzinfo=UTC)


def reading(
    at_s: float = 0,
    *,
    wh: int = 5_000_000,
    export_wh: int = 0,
    meter_id: str | None = "A",
) -> Reading:
    """Return a reading of ``at_s`` seconds after noon."""
    return Reading(
        format="dsmr",
        timestamp=NOON + timedelta(seconds=at_s),
        meter_id=meter_id,
        import_power_w=500,
        import_energy_wh={"1": wh, "2": 7},
        export_energy_wh={"total": export_wh},
    )


class Line:
    """A guard and what it said."""

    def __init__(self) -> None:
        self.guard = ReadingGuard(most_w=10_000)
        self.said: list[DoubtKind] = []

    def takes(self, given: Reading, at_s: float) -> Reading | None:
        taken, doubts = self.guard.check(given, at_s)
        self.said += [doubt.kind for doubt in doubts]
        return taken


@pytest.fixture
def line() -> Line:
    return Line()


def test_what_follows_is_passed_on_as_it_is(line: Line) -> None:
    for second in range(100):
        given = reading(second, wh=5_000_000 + 2 * second)
        assert line.takes(given, second) is given
    assert line.said == []
    assert line.guard.doubted == frozenset()


def test_a_register_that_fell_keeps_its_value_as_an_estimate(line: Line) -> None:
    line.takes(reading(0), 0)
    for second in range(1, 200):  # whatever it repeats
        taken = line.takes(reading(second, wh=4_000_000), second)
        assert taken is not None
        assert taken.import_energy_wh == {"1": 5_000_000, "2": 7}
        assert taken.import_power_w == 500
        assert taken.quality_of("import_energy_wh.1") is Quality.ESTIMATED
        assert taken.quality_of("import_energy_wh.2") is Quality.METERED
    assert line.guard.doubted == {"import_energy_wh.1"}
    taken = line.takes(reading(200, wh=5_000_100), 200)
    assert taken is not None
    assert (taken.import_energy_wh["1"], taken.quality) == (5_000_100, {})
    assert line.said == [DoubtKind.ENERGY_FELL]
    assert line.guard.doubted == frozenset()


def test_export_is_judged_too(line: Line) -> None:
    line.takes(reading(0, export_wh=900_000), 0)
    taken = line.takes(reading(1, export_wh=0), 1)
    assert taken is not None
    assert taken.export_energy_wh == {"total": 900_000}


def test_rounding_is_no_fall(line: Line) -> None:
    line.takes(reading(0), 0)
    given = reading(1, wh=4_999_990)
    assert line.takes(given, 1) is given
    assert line.said == []


def test_another_meter_begins_anew_and_is_told_once(line: Line) -> None:
    line.takes(reading(0, wh=9_000_000), 0)
    for second in range(1, 5):
        given = reading(second, wh=3, meter_id="B")
        assert line.takes(given, second) is given
    assert line.said == [DoubtKind.METER_CHANGED]
    # A line of two meters is no exchange at every telegram.
    given = reading(6, wh=9_000_001)
    assert line.takes(given, 6) is given
    assert line.takes(reading(7, wh=1), 7) != reading(7, wh=1)
    assert line.said == [DoubtKind.METER_CHANGED, DoubtKind.ENERGY_FELL]


def test_lists_without_the_meters_name_are_those_of_the_last(line: Line) -> None:
    line.takes(reading(0, meter_id=None), 0)
    line.takes(reading(1), 1)
    taken = line.takes(reading(2, meter_id=None, wh=1), 2)
    assert taken is not None
    assert taken.import_energy_wh["1"] == 5_000_000
    assert line.said == [DoubtKind.ENERGY_FELL]


def test_a_meter_without_a_name_is_believed_in_the_end(line: Line) -> None:
    line.takes(reading(0, meter_id=None), 0)
    taken = [
        line.takes(reading(second, wh=100 + second, meter_id=None), second)
        for second in range(1, 62)
    ]
    values = [t.import_energy_wh["1"] for t in taken if t is not None]
    assert values == [5_000_000] * 59 + [160, 161]


def test_a_replayed_telegram_is_not_used(line: Line) -> None:
    old = reading(0)
    line.takes(old, 0)
    line.takes(reading(10, wh=5_000_500), 10)
    for second in range(11, 40):  # the same again and again
        assert line.takes(old, second) is None
    assert line.said == [DoubtKind.TIME_WENT_BACK, DoubtKind.ENERGY_FELL]


def test_a_replayed_recording_is_not_used(line: Line) -> None:
    recording = [reading(second, wh=5_000_000 + 20 * second) for second in range(50)]
    for second, told in enumerate(recording):
        assert line.takes(told, second) is told
    assert [line.takes(r, 50 + n) for n, r in enumerate(recording[:48])] == [None] * 48
    assert DoubtKind.TIME_WENT_BACK in line.said


def test_a_clock_that_was_put_back_is_believed_by_the_fourth_telegram(
    line: Line,
) -> None:
    line.takes(reading(3600), 0)
    taken = [line.takes(reading(second), second) for second in range(1, 6)]
    assert [t is not None for t in taken] == [False, False, False, True, True]
    assert line.said == [DoubtKind.TIME_WENT_BACK]


def test_a_meter_that_was_reset_is_believed_after_a_minute(line: Line) -> None:
    line.takes(reading(3600), 0)
    taken = [line.takes(reading(s, wh=100 + s), s) for s in range(1, 63)]
    assert [t is not None for t in taken] == [False] * 60 + [True] * 2


def test_a_register_may_run_over(line: Line) -> None:
    line.takes(reading(0, wh=999_999_900), 0)
    given = reading(1, wh=50)
    assert line.takes(given, 1) is given
    assert line.said == [DoubtKind.ENERGY_RAN_OVER]


def test_a_jump_is_told_and_raises_nothing_until_it_lasts(line: Line) -> None:
    line.takes(reading(0), 0)
    given = reading(1, wh=8_000_000)  # 3 MWh in a second
    assert line.takes(given, 1) is given
    assert line.guard.doubted == {"import_energy_wh.1"}
    given = reading(2, wh=5_000_003)  # one wrong telegram spoils nothing
    assert line.takes(given, 2) is given
    assert line.said == [DoubtKind.ENERGY_JUMPED]
    for second in range(3, 6):
        line.takes(reading(second, wh=8_000_000), second)
    assert line.takes(reading(6, wh=5_000_003), 6) != reading(6, wh=5_000_003)


def test_what_passed_while_nobody_listened_is_no_jump(line: Line) -> None:
    line.takes(reading(0), 0)
    given = reading(3600, wh=5_010_000)  # 10 kWh in an hour at 10 kW
    assert line.takes(given, 3600) is given
    assert line.said == []


def test_no_more_than_a_few_meters_are_remembered(line: Line) -> None:
    for second in range(100):
        line.takes(reading(second, meter_id=f"M{second}"), second)
    assert len(line.guard._meters) == 4


@for_all(
    st.lists(
        st.tuples(
            st.integers(-5, 30),
            st.integers(0, 10**10),
            st.sampled_from(("A", "B", None)),
        ),
        max_size=80,
    )
)
def test_the_registers_shown_of_a_named_meter_never_fall(
    steps: list[tuple[int, int, str | None]],
) -> None:
    line, at_s, time_s = Line(), 0, 0
    for passed_s, wh, meter_id in steps:
        at_s, time_s = at_s + 10, time_s + passed_s
        meter = line.guard._meters.get(meter_id)
        before = None if meter is None else meter.imported.get("1")
        least_wh = 0 if before is None else before.energy_wh - 10
        taken = line.takes(reading(time_s, wh=wh, meter_id=meter_id), at_s)
        if taken is not None and meter_id is not None:
            ran_over = DoubtKind.ENERGY_RAN_OVER in line.said[-1:]
            assert ran_over or taken.import_energy_wh["1"] >= least_wh
