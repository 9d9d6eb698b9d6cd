"""`cem evidence`."""

from datetime import UTC, datetime, timedelta
import json
from pathlib import Path

import pytest

from cem_core.evidence import ClockState, EvidenceLog, Kind, Signer
from optimizer.cli import main

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with an order, a minute and its end, signed."""
    log = EvidenceLog(tmp_path / "evidence")
    clock = ClockState(source="meter", offset_s=-0.5)
    entries: list[tuple[Kind, dict[str, object]]] = [
        (Kind.ORDER, {"limit_id": "=2+3", "limit_w": 7560, "owed_w": 7560}),
        (Kind.MINUTE, {"net_import_w": 7400.5, "assumed": ["heat_pump"]}),
        (Kind.END, {"limit_id": "=2+3"}),
    ]
    for minute, (kind, data) in enumerate(entries):
        log.append(kind, data, NOW + timedelta(minutes=minute), clock)
    head = log.sign(Signer.read(tmp_path / "key.pem"), NOW)
    assert head is not None
    (tmp_path / "head.json").write_text(json.dumps(head.to_json()))
    return tmp_path / "evidence"


def test_it_is_exported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "export", str(folder)]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows[0] == (
        "sequence,time,kind,clock_source,clock_offset_s,"
        "limit_id,limit_w,owed_w,assumed,net_import_w,hash"
    )
    assert rows[1].startswith("0,2026-03-01T12:00:00+00:00,order,meter,-0.5,'=2+3,7560")
    assert main(["evidence", "export", str(folder), "--format", "json"]) == 0
    tree = json.loads(capsys.readouterr().out)
    assert len(tree["entries"]) == 3
    assert tree["heads"][0]["sequence"] == 2
    assert main(["evidence", "export", str(folder), "--format", "html"]) == 0
    page = capsys.readouterr().out
    assert "3 entries, 2026-03-01 12:00:00 to 2026-03-01 12:02:00 UTC." in page
    assert "http" not in page


def test_a_span_is_exported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    span = ["--from", "2026-03-01T13:01+01:00", "--to", "2026-03-01T12:02+00:00"]
    assert main(["evidence", "export", str(folder), *span]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert main(["evidence", "export", str(folder), "--from", "2026-03-01"]) == 2
    assert "needs its offset" in capsys.readouterr().err


def test_it_is_checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = ["--head", str(folder.parent / "head.json")]
    assert main(["evidence", "verify", str(folder), *head]) == 0
    out = capsys.readouterr().out
    assert out == "3 entries, 2 signed heads: nothing was changed\n"
    path = next(folder.glob("*.sqlite"))
    content = path.read_bytes()
    assert content.count(b"7400.5") == 1
    path.write_bytes(content.replace(b"7400.5", b"7400.6"))
    assert main(["evidence", "verify", str(folder), *head]) == 1
    assert "entry 1: the entry was changed" in capsys.readouterr().out


@pytest.mark.parametrize("action", ["export", "verify"])
def test_where_there_is_none_it_says_so(
    action: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evidence", action, str(tmp_path)]) == 1
    assert "no evidence there" in capsys.readouterr().err
    (tmp_path / "evidence-2026.sqlite").write_bytes(b"rubbish" * 1000)
    assert main(["evidence", action, str(tmp_path)]) == 1
    assert "evidence-2026.sqlite" in capsys.readouterr().err


def test_a_head_that_is_none_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = folder / "bad.json"
    for text in ("{", "[]", '{"sequence": "x"}'):
        bad.write_text(text)
        assert main(["evidence", "verify", str(folder), "--head", str(bad)]) == 1
        assert "bad.json" in capsys.readouterr().err
