from datetime import UTC, datetime, timedelta
from pathlib import Path
import sqlite3

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from cem_core.archive import ArchiveError, CurveArchive
from cem_core.archive.curve_archive import KEPT
from cem_core.exchange import CurveError, Status
from cem_core.exchange.from_registers import Followers, Recorder, RegisterValue
from cem_core.model import Direction
from tests.cem_core.exchange.made import METER, QUARTER, START, curve, value

HOUR = timedelta(hours=1)
KEY = (METER, Direction.IMPORT, "1-0:1.8.0")


def record(path: Path, values: list[RegisterValue]) -> CurveArchive:
    archive, recorder = CurveArchive(path / "curves.sqlite"), Recorder()
    for each in values:
        archive.keep((each.curve, found) for found in recorder.add(each))
    return archive


def test_what_was_recorded_is_read_in_any_resolution(tmp_path: Path) -> None:
    archive = record(tmp_path, [value(n, n // 9) for n in range(0, 3601, 10)])
    for minutes, energies in ((15, [100] * 4), (60, [400]), (30, [200, 200])):
        (found,) = archive.read(timedelta(minutes=minutes), START, START + HOUR)
        assert [each.energy_wh for each in found.intervals] == energies
    assert archive.span() == (START, START + HOUR)


def test_a_restart_between_boundaries_loses_no_interval(tmp_path: Path) -> None:
    record(tmp_path, [value(0, 1000), value(300, 1100), value(400, 1150)])
    after = record(tmp_path, [value(800, 1400), value(900, 1500)])
    (found,) = after.read(QUARTER, START, START + QUARTER)
    assert [each.energy_wh for each in found.intervals] == [500]
    assert after.last()[KEY].value_wh == 1500


def test_what_was_kept_is_gone_on_from(tmp_path: Path) -> None:
    archive = record(tmp_path, [value(0, 1000), value(300, 1100)])
    followers = Followers()
    for key, boundary in archive.last().items():
        followers.resume(key, boundary)
    with pytest.raises(CurveError, match="went back from 1100 to 50 Wh"):
        followers.add(value(400, 50))
    assert followers.add(value(600, 1200))[0].value_wh == 1200
    followers.resume(("older", *value(0, 0).key), archive.last()[KEY])
    assert followers.add(value(900, 1300))[0].value_wh == 1300


def test_a_gap_is_missing_and_spread_only_when_asked(tmp_path: Path) -> None:
    archive = record(tmp_path, [value(0, 0), value(7200, 800)])
    assert archive.read(QUARTER, START, START + HOUR) == ()
    (found,) = archive.read(QUARTER, START, START + HOUR, spread=True)
    assert [each.energy_wh for each in found.intervals] == [100] * 4
    assert {each.status for each in found.intervals} == {Status.ESTIMATED}


def test_imported_curves_are_kept_beside_the_measured(tmp_path: Path) -> None:
    archive = CurveArchive(tmp_path / "curves.sqlite")
    given_ = curve([1, 2, None, 4], meter_id="elsewhere", mid=True)
    assert archive.keep_curve(given_) == 3
    assert archive.keep_curve(given_) == 0
    assert archive.read(QUARTER, START, START + HOUR) == (given_,)
    changed = curve([9, 9, 3, 9], meter_id="elsewhere", mid=True)
    assert archive.keep_curve(changed) == 1  # only what was missing
    (found,) = archive.read(HOUR, START, START + HOUR)
    assert [each.energy_wh for each in found.intervals] == [1 + 2 + 3 + 4]
    assert archive.read(timedelta(minutes=5), START, START + HOUR) == ()


def test_what_is_older_than_three_years_goes(tmp_path: Path) -> None:
    archive = record(tmp_path, [value(0, 0), value(900, 100)])
    archive.keep_curve(curve([5], meter_id="elsewhere"))
    archive.prune(START + KEPT)
    assert archive.span() is not None
    archive.prune(START + KEPT + HOUR)
    assert archive.span() is None


def test_what_is_no_archive_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "curves.sqlite"
    path.write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(ArchiveError, match=r"curves.sqlite: file is not a database"):
        CurveArchive(path).span()


def test_the_file_of_a_year_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "curves.sqlite"
    start = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    record(tmp_path, [value(0, 0)])
    with sqlite3.connect(path) as file:
        file.executemany(
            "INSERT OR IGNORE INTO boundary VALUES (1, ?, ?, 0)",
            ((start + n * 300, 10_000_000 + 40 * n) for n in range(105_120)),
        )
    file.close()
    assert path.stat().st_size < 4_000_000


@given(
    st.lists(
        st.tuples(st.sampled_from([10, 300, 890, 900, 3600]), st.integers(0, 99)),
        max_size=30,
    )
)
@settings(
    deadline=None,
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_archive_reads_what_the_recorder_does(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int]]
) -> None:
    values, seconds, energy_wh = [value(0, 0)], 0, 0
    for later, more in steps:
        seconds, energy_wh = seconds + later, energy_wh + more
        values.append(value(seconds, energy_wh))
    recorder = Recorder()
    for each in values:
        recorder.add(each)
    end = START + 40 * HOUR
    for spread in (False, True):
        archive = record(tmp_path_factory.mktemp("archive"), values)
        assert archive.read(QUARTER, START, end, spread=spread) == recorder.read(
            QUARTER, START, end, spread=spread
        )


@pytest.mark.parametrize("kept", [None, b"", b"no database"])
def test_who_reads_leaves_a_file_as_it_is(tmp_path: Path, kept: bytes | None) -> None:
    path = tmp_path / "curves.sqlite"
    if kept is not None:
        path.write_bytes(kept)
    archive = CurveArchive(path)
    if kept:
        with pytest.raises(ArchiveError, match="not a database"):
            archive.span()
    else:
        assert archive.span() is None
        assert archive.last() == {}
        assert archive.read(QUARTER, START, START + HOUR) == ()
    assert (path.read_bytes() if path.exists() else None) == kept
