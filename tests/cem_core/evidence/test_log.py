"""Evidence that only grows."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
import os
from pathlib import Path
import sqlite3

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from cem_core.evidence import (
    ClockState,
    EvidenceError,
    EvidenceLog,
    Kind,
    Record,
    Signer,
)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
CLOCK = ClockState(source="meter", offset_s=0.4)


def fill(folder: Path, entries: int = 5) -> EvidenceLog:
    """Return a log with ``entries`` entries, a minute apart."""
    log = EvidenceLog(folder)
    for number in range(entries):
        log.append(
            Kind.MINUTE,
            {"net_import_w": 1000 + number},
            NOW + timedelta(minutes=number),
            CLOCK,
        )
    return log


def file_of(folder: Path) -> Path:
    [path] = folder.glob("evidence-*.sqlite")
    return path


def test_what_is_written_is_read_after_a_restart(tmp_path: Path) -> None:
    fill(tmp_path)
    log = EvidenceLog(tmp_path)
    log.append(Kind.END, {"limit_id": "x"}, NOW + timedelta(hours=1), CLOCK)
    records = list(log.records())
    assert [record.sequence for record in records] == [0, 1, 2, 3, 4, 5]
    assert records[2].data == {"net_import_w": 1002}
    assert records[2].clock == CLOCK
    assert log.verify() == []


def test_a_span_is_read(tmp_path: Path) -> None:
    log = fill(tmp_path)
    found = log.records(NOW + timedelta(minutes=1), NOW + timedelta(minutes=3))
    assert [record.sequence for record in found] == [1, 2]


def test_the_database_itself_refuses_changes(tmp_path: Path) -> None:
    fill(tmp_path)
    with closing(sqlite3.connect(file_of(tmp_path))) as file:
        for statement in ("UPDATE record SET text = ''", "DELETE FROM record"):
            with pytest.raises(sqlite3.IntegrityError, match="evidence is never"):
                file.execute(statement)


def _force(path: Path, statement: str) -> None:
    """Do what someone does who has the file and knows SQLite."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("DROP TRIGGER record_stays")
        file.execute("DROP TRIGGER record_remains")
        file.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record SET text = replace(text, '1002', '1003')",
        "DELETE FROM record WHERE sequence = 2",
        "UPDATE record SET sequence = 9 WHERE sequence = 2",
        "UPDATE record SET text = 'rubbish' WHERE sequence = 2",
        "UPDATE record SET hash = 'x' WHERE sequence = 2",
    ],
)
def test_a_change_by_force_is_found(tmp_path: Path, statement: str) -> None:
    log = fill(tmp_path)
    _force(file_of(tmp_path), statement)
    assert log.verify()


@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_changed_byte_of_an_entry_is_found(
    tmp_path_factory: pytest.TempPathFactory, place: int, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("evidence")
    log = fill(folder, 3)
    path = file_of(folder)
    content = bytearray(path.read_bytes())
    texts = [record.text().encode() for record in log.records()]
    spots = [
        start + offset
        for text in texts
        for start in [content.find(text)]
        for offset in range(len(text))
    ]
    content[spots[place % len(spots)]] ^= 1 << bit
    path.write_bytes(content)
    try:
        assert log.verify()
    except EvidenceError as error:
        assert str(error)  # no longer text at all  # noqa: PT017 - either is right


def test_a_log_that_was_written_anew_no_longer_fits_a_published_head(
    tmp_path: Path,
) -> None:
    signer = Signer.read(tmp_path / "key.pem")
    head = fill(tmp_path / "a").sign(signer, NOW)
    assert head is not None
    forged = EvidenceLog(tmp_path / "b")
    for number in range(6):
        data = {"net_import_w": 10 * number}
        forged.append(Kind.MINUTE, data, NOW + timedelta(minutes=number), CLOCK)
    assert forged.verify() == []
    [fault] = forged.verify([head])
    assert fault.sequence == 4


def test_signed_heads_are_kept_and_checked(tmp_path: Path) -> None:
    log, signer = fill(tmp_path), Signer.read(tmp_path / "key.pem")
    assert EvidenceLog(tmp_path / "empty").sign(signer, NOW) is None
    head = log.sign(signer, NOW)
    assert head is not None
    assert log.heads() == [head]
    assert log.verify([head]) == []
    assert Signer.read(tmp_path / "key.pem").public_key == head.public_key
    forged = type(head)(
        sequence=head.sequence,
        hash=head.hash,
        time=head.time + timedelta(days=1),
        public_key=head.public_key,
        signature=head.signature,
    )
    assert [fault.text for fault in log.verify([forged])] == [
        "the signature of the head is wrong"
    ]


def test_evidence_is_kept_two_years_and_the_chain_goes_on(tmp_path: Path) -> None:
    log = EvidenceLog(tmp_path)
    for year in (2024, 2025, 2026, 2027):
        log.append(Kind.START, {}, NOW.replace(year=year), CLOCK)
    assert log.verify() == []
    removed = log.prune(NOW.replace(year=2027) + timedelta(days=2))
    assert [path.name for path in removed] == ["evidence-2024.sqlite"]
    assert log.verify() == []
    assert [record.time.year for record in log.records()] == [2025, 2026, 2027]


def test_a_clock_that_goes_back_does_not_break_the_chain(tmp_path: Path) -> None:
    log = fill(tmp_path)
    log.append(Kind.START, {}, NOW.replace(year=2020), CLOCK)
    log = EvidenceLog(tmp_path)
    log.append(Kind.START, {}, NOW, CLOCK)
    assert log.verify() == []


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "evidence-2026.sqlite").write_bytes(os.urandom(4096))
    with pytest.raises(EvidenceError, match="evidence-2026"):
        EvidenceLog(tmp_path)


def test_what_is_not_a_number_is_not_evidence() -> None:
    record = Record(
        sequence=0,
        time=NOW,
        kind=Kind.MINUTE,
        data={"net_import_w": float("nan")},
        clock=CLOCK,
        previous="",
    )
    with pytest.raises(ValueError, match="JSON"):
        record.text()
