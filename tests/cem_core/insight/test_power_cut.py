"""What a power cut is known by, and what is none."""

from datetime import UTC, datetime, timedelta
import json

import pytest

from cem_core.insight.power_cut import Failures, PowerCut, PowerCutWatch, Sign
from cem_core.model import PhaseReading, PowerFailure, PowerFailures, Reading

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
OLD = PowerFailure(end=NOON - timedelta(days=90), duration_s=600)


def telegram(
    short: int | None = None,
    long: int | None = None,
    *log: PowerFailure,
    meter_id: str = "1SAG",
    volts: tuple[float, ...] = (),
) -> Reading:
    failures = PowerFailures(short=short, long=long, log=log)
    return Reading(
        format="dsmr",
        timestamp=NOON,
        meter_id=meter_id,
        import_power_w=400,
        power_failures=failures,
        phases=tuple(
            PhaseReading(phase=phase, voltage_v=voltage_v)
            for phase, voltage_v in enumerate(volts, 1)
        ),
    )


def known(*counts: int, log: PowerFailure | None = OLD) -> Failures:
    short, long = counts
    logged = None if log is None else log.end
    return Failures(meter_id="1SAG", short=short, long=long, logged=logged)


COUNTED = PowerCut(sign=Sign.COUNTED)


def test_a_count_that_rises_is_a_cut_told_once() -> None:
    watch = PowerCutWatch(None, suspected=False)
    told = [watch.look(telegram(short, 2, OLD)) for short in (6, 6, 7, 7)]
    assert told == [None, None, COUNTED, None]


def test_the_log_says_how_long_a_long_one_is_over() -> None:
    new = PowerFailure(end=NOON - timedelta(minutes=2), duration_s=400)
    watch = PowerCutWatch(known(6, 2), suspected=True)
    cut = watch.look(telegram(7, 3, OLD, new))
    assert cut == PowerCut(sign=Sign.COUNTED, ago=timedelta(minutes=2))


def test_a_crash_is_no_cut_where_the_meter_counted_nothing() -> None:
    watch = PowerCutWatch(known(6, 2), suspected=True)
    assert watch.look(telegram(6, 2, OLD)) is None
    assert not watch.suspected


@pytest.mark.parametrize(
    ("known_before", "reading"),
    [
        (None, telegram()),  # it counts none: there is only the machine
        (known(6, 2), telegram()),
        (None, telegram(6, 2)),  # nothing to compare with
        (known(6, 2), telegram(9, 9, meter_id="2SAG")),  # another meter
    ],
)
def test_without_a_meter_that_tells_a_stop_without_notice_is_one(
    known_before: Failures | None, reading: Reading
) -> None:
    cut = PowerCut(sign=Sign.STOPPED)
    assert PowerCutWatch(known_before, suspected=True).look(reading) == cut
    watch = PowerCutWatch(known_before, suspected=False)
    assert watch.look(reading) is None


def test_a_cut_is_found_that_the_machine_was_off_through() -> None:
    watch = PowerCutWatch(known(6, 2), suspected=False)
    assert watch.look(telegram(7, 2, OLD)) == COUNTED


def test_a_log_that_is_first_seen_is_nothing_new() -> None:
    watch = PowerCutWatch(known(6, 2, log=None), suspected=False)
    assert watch.look(telegram(6, 2, OLD)) is None


def test_voltages_that_go_and_come_back_are_a_cut() -> None:
    watch = PowerCutWatch(None, suspected=False)
    volts = [(230, 231, 229), (0, 0, 0), (0, 0, 0), (150, 0, 0), (228, 0, 0), (230,)]
    told = [watch.look(telegram(volts=each)) for each in volts]
    assert told == [None, None, None, None, PowerCut(sign=Sign.VOLTAGE), None]


def test_one_phase_that_is_lost_is_none() -> None:
    watch = PowerCutWatch(None, suspected=False)
    for volts in ((230, 231, 229), (0, 231, 229), (230, 231, 229)):
        assert watch.look(telegram(volts=volts)) is None


def test_what_was_counted_survives_a_store_and_a_telegram_without_it() -> None:
    stored = json.loads(json.dumps(known(6, 2).to_json()))
    assert Failures.from_json(stored) == known(6, 2)
    watch = PowerCutWatch(Failures.from_json(stored), suspected=False)
    assert watch.look(telegram(6)) is None
    assert watch.known == known(6, 2)
    assert watch.look(telegram(6, 3, OLD)) == COUNTED
