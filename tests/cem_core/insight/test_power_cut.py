"""What a power cut is known by, and what is none."""

from dataclasses import replace
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
    told = [watch.look(telegram(short, 2, OLD), 0) for short in (6, 6, 7, 7)]
    assert told == [None, None, COUNTED, None]


def test_the_log_says_how_long_a_long_one_is_over() -> None:
    new = PowerFailure(end=NOON - timedelta(minutes=2), duration_s=400)
    watch = PowerCutWatch(known(6, 2), suspected=True)
    cut = watch.look(telegram(7, 3, OLD, new), 0)
    assert cut == PowerCut(sign=Sign.COUNTED, ago=timedelta(minutes=2))


def test_a_crash_is_no_cut_where_the_meter_counted_nothing() -> None:
    watch = PowerCutWatch(known(6, 2), suspected=True)
    assert watch.look(telegram(6, 2, OLD), 0) is None
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
    assert PowerCutWatch(known_before, suspected=True).look(reading, 0) == cut
    watch = PowerCutWatch(known_before, suspected=False)
    assert watch.look(reading, 0) is None


def test_a_cut_is_found_that_the_machine_was_off_through() -> None:
    watch = PowerCutWatch(known(6, 2), suspected=False)
    assert watch.look(telegram(7, 2, OLD), 0) == COUNTED


def test_a_log_that_is_first_seen_is_nothing_new() -> None:
    watch = PowerCutWatch(known(6, 2, log=None), suspected=False)
    assert watch.look(telegram(6, 2, OLD), 0) is None


def test_voltages_that_go_and_come_back_are_a_cut() -> None:
    watch = PowerCutWatch(None, suspected=False)
    volts = [(230, 231, 229), (0, 0, 0), (0, 0, 0), (150, 0, 0), (228, 0, 0), (230,)]
    told = [watch.look(telegram(volts=each), 0) for each in volts]
    assert told == [None, None, None, None, PowerCut(sign=Sign.VOLTAGE), None]


def test_one_phase_that_is_lost_is_none() -> None:
    watch = PowerCutWatch(None, suspected=False)
    for volts in ((230, 231, 229), (0, 231, 229), (230, 231, 229)):
        assert watch.look(telegram(volts=volts), 0) is None


def test_what_was_counted_survives_a_store_and_a_telegram_without_it() -> None:
    stored = json.loads(json.dumps(known(6, 2).to_json()))
    assert Failures.from_json(stored) == known(6, 2)
    watch = PowerCutWatch(Failures.from_json(stored), suspected=False)
    assert watch.look(telegram(6), 0) is None
    assert watch.known == known(6, 2)
    assert watch.look(telegram(6, 3, OLD), 0) == COUNTED


def energies(at_wh: int, power_w: int = 2000, **about: object) -> Reading:
    counted = {"1": at_wh - 1000, "2": 1000}
    reading = replace(telegram(), power_failures=None, import_power_w=power_w)
    return replace(reading, import_energy_wh=counted, **about)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("silent_s", "power_w", "more_wh", "is_cut"),
    [
        (300, 2000, 1, True),
        (270, 2000, 4, True),  # 30 s at 480 W, until its line was opened anew
        (270, 2000, 5, False),  # on standby
        (300, 2000, 20, False),  # it was a cable: the home went on at 240 W
        (100, 2000, 1, False),  # too short to tell
        (300, 100, 0, False),  # a battery may have kept it near zero
    ],
)
def test_energies_that_stood_still_in_a_silence_are_a_cut(
    silent_s: float, power_w: int, more_wh: int, *, is_cut: bool
) -> None:
    watch = PowerCutWatch(None, suspected=False)
    assert watch.look(energies(5000, power_w), 1000) is None
    cut = watch.look(energies(5000 + more_wh, power_w), 1000 + silent_s)
    assert cut == (PowerCut(sign=Sign.STANDSTILL) if is_cut else None)


def test_a_meter_that_counts_failures_is_believed_over_its_energies() -> None:
    watch = PowerCutWatch(None, suspected=False)
    counts = PowerFailures(short=6, long=2)
    assert watch.look(energies(5000, power_failures=counts), 1000) is None
    assert watch.look(energies(5000, power_failures=counts), 1300) is None
