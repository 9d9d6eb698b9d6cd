"""`cem curves` as a user meets it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cem_core.archive import CurveArchive
from cem_core.exchange.forms import FORMS, Writing
from optimizer.cli import main
from tests.cem_core.exchange.made import START, curve
from tests.telegrams.compose import DSMR5, telegram


def said_at(time: datetime, import_wh: int, *, meter: str = "M1") -> bytes:
    local = (time + timedelta(hours=1)).strftime("%y%m%d%H%M%S")
    return telegram(
        [
            "1-3:0.2.8(50)",
            f"0-0:1.0.0({local}W)",
            f"0-0:96.1.1({meter.encode().hex()})",
            f"1-0:1.8.1({import_wh / 1000:010.3f}*kWh)",
            "1-0:1.8.2(000001.000*kWh)",
            "1-0:2.8.1(000000.000*kWh)",
            "1-0:2.8.2(000000.000*kWh)",
        ]
    )


def recording(*, gap: bool = False) -> bytes:
    return b"".join(
        said_at(START + timedelta(seconds=n), 5000 + n // 9)
        for n in range(0, 3601, 10)
        if not (gap and 800 <= n <= 2000)
    )


def cem(
    capfdbinary: pytest.CaptureFixture[bytes], *arguments: str
) -> tuple[int, bytes, list[str]]:
    status = main(["curves", *arguments])
    out, err = capfdbinary.readouterr()
    return status, out, err.decode().splitlines()


def test_a_recording_becomes_a_curve(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "telegrams.txt"
    file.write_bytes(recording())
    status, out, errors = cem(capfdbinary, str(file))
    assert (status, errors) == (0, [])
    imported, exported = FORMS["csv"].read(out)
    assert [each.energy_wh for each in imported.intervals] == [100] * 4
    assert [each.energy_wh for each in exported.intervals] == [0] * 4
    assert imported.meter_id == "M1"


def test_a_gap_is_missing_unless_it_is_to_be_spread(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "telegrams.txt"
    file.write_bytes(recording(gap=True))
    _, out, _ = cem(capfdbinary, str(file), "--write", "summary")
    assert b"4 intervals of 15 min (1 metered, 3 missing), 0.100 kWh, not for" in out
    _, out, _ = cem(capfdbinary, str(file), "--write", "summary", "--spread")
    assert b"(1 metered, 3 estimated), 0.400 kWh, not for billing" in out


def test_how_far_a_telegram_may_be_is_a_choice(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "telegrams.txt"
    file.write_bytes(
        b"".join(
            said_at(START + timedelta(seconds=n), n // 9) for n in (0, 870, 930, 1800)
        )
    )
    status, out, errors = cem(capfdbinary, str(file), "--tolerance", "29")
    assert (status, out, errors) == (1, b"", [f"{file}: no load curve in it"])
    _, out, _ = cem(capfdbinary, str(file), "--write", "summary", "--tolerance", "30")
    assert b"2 intervals of 15 min (2 calculated), 0.200 kWh" in out


def test_what_is_bad_is_said_and_the_rest_is_written(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "telegrams.txt"
    back = said_at(START + timedelta(seconds=3605), 4000)
    file.write_bytes(recording() + DSMR5[:300] + back)
    status, out, errors = cem(capfdbinary, str(file))
    assert status == 1
    assert len(errors) == 2
    assert "went back from 6400 to 5000 Wh" in errors[1]
    assert sum(c.energy_wh for c in FORMS["csv"].read(out)) == 400


@pytest.mark.parametrize("name", FORMS)
def test_every_format_is_read_and_written(
    name: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file, back = tmp_path / "curve.csv", tmp_path / "again.csv"
    file.write_bytes(recording(gap=True))
    assert main(["curves", str(file), "--output", str(back)]) == 0
    assert main(["curves", str(back), "--write", name, "--output", str(file)]) == 0
    status, out, errors = cem(capfdbinary, str(file))
    assert (status, errors) == (0, [])
    assert out == back.read_bytes()


def test_a_day_of_a_time_zone_and_another_resolution(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "curve.csv"
    begin = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
    file.write_bytes(
        FORMS["compact"].write([curve([25] * 120, start=begin)], Writing(made=START))
    )
    arguments = ("--day", "2026-03-29", "--time-zone", "Europe/Brussels")
    status, out, _ = cem(capfdbinary, str(file), *arguments)
    assert status == 0
    lines = out.decode().splitlines()
    assert len(lines) == 1 + 92
    assert lines[1].startswith("2026-03-29T00:00:00+01:00,")
    assert lines[-1].split(",")[1] == "2026-03-30T00:00:00+02:00"
    _, out, _ = cem(capfdbinary, str(file), *arguments, "--resolution", "60")
    assert len(out.decode().splitlines()) == 1 + 23


def test_the_archive_of_the_integration_is_read(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "curves.sqlite"
    CurveArchive(file).keep_curve(curve([1, 2, 3]))
    status, out, _ = cem(capfdbinary, str(file))
    assert status == 0
    assert FORMS["csv"].read(out) == (curve([1, 2, 3]),)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--time-zone", "Europe/Nowhere"), 2, "--time-zone: 'Europe/Nowhere' is no"),
        (("--day", "yesterday"), 2, "--day: 'yesterday' is no date"),
        (
            ("--day", "2026-01-01", "--from", "2026-01-01T00:00Z"),
            2,
            "--day goes without",
        ),
        (("--from", "2026-01-01"), 2, "--from: 2026-01-01 needs its offset"),
        (("--to", "x"), 2, "--to: 'x' is no time"),
        (("--key", "12"), 2, "--key: expected 32 hexadecimal digits"),
        (("--from", "2030-01-01T00:00Z"), 1, "no intervals in that span"),
        (("--resolution", "5"), 1, "0:15:00 cannot be summed to 0:05:00"),
        (("--read", "espi"), 1, "no XML"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(
    arguments: tuple[str, ...],
    status: int,
    said: str,
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    file = tmp_path / "curve.jsonl"
    file.write_bytes(FORMS["compact"].write([curve([1, 2])], None))  # type: ignore[arg-type]
    found, out, errors = cem(capfdbinary, str(file), *arguments)
    assert (found, out) == (status, b"")
    assert len(errors) == 1
    assert said in errors[0]


def test_nothing_at_all_is_no_curve(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "nothing"
    file.write_bytes(b"")
    status, _, errors = cem(capfdbinary, str(file))
    assert (status, errors[-1]) == (1, f"{file}: no load curve in it")
