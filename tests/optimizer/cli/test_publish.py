"""`cem publish` as a user meets it, with a broker that speaks TLS."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import subprocess
import sys
from typing import Any, Final

import pytest

from optimizer.cli import main
from tests.cem_core.transport.broker import HOST, TlsBroker, tls_broker
from tests.telegrams.compose import DSMR5

CEM: Final = str(Path(sys.executable).with_name("cem"))


@pytest.fixture
def broker(tmp_path: Path, socket_enabled: None) -> Iterator[TlsBroker]:
    with tls_broker(tmp_path) as found:
        yield found


def arguments(folder: Path, port: int, **changes: Any) -> list[str]:
    now = datetime.now(UTC)
    record = {
        "recipient": "Grid Ltd",
        "endpoint": f"mqtts://{HOST}:{port}/nrtd",
        "what": ["power", "registers"],
        "start": (now - timedelta(days=1)).isoformat(),
        "end": (now + timedelta(days=1)).isoformat(),
    } | changes
    (folder / "consent.json").write_text(json.dumps(record))
    telegrams = folder / "telegrams.txt"
    telegrams.write_bytes(DSMR5)
    return [
        "publish",
        "--consent",
        str(folder / "consent.json"),
        "--key-file",
        str(folder / "home.key"),
        "--ca-file",
        str(folder / "cert.pem"),
        "--wait",
        "10",
        str(telegrams),
    ]


def test_a_telegram_reaches_whom_the_consent_names(
    tmp_path: Path, broker: TlsBroker
) -> None:
    done = subprocess.run(
        [CEM, *arguments(tmp_path, broker.port)],
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    (message,) = broker.heard
    assert message["schema"] == "cem-nrtd/1"
    assert message["import_energy_wh"] == {"1": 4210035, "2": 3987402}
    assert message["meter"] != "E0051978654321026"
    assert len(message["meter"]) == 32
    assert message["clock_skew"] is True  # the recording is of another day
    assert (tmp_path / "home.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"revoked": "2026-01-01T00:00:00Z"},
            "nothing leaves: the consent was revoked",
        ),
        (
            {"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"},
            "nothing leaves: the consent has ended",
        ),
        (
            {"start": "2098-01-01T00:00:00Z", "end": "2099-01-01T00:00:00Z"},
            "nothing leaves: the consent has not begun",
        ),
        ({"endpoint": "mqtt://127.0.0.1/nrtd"}, "expected mqtts://HOST"),
        ({"endpoint": "mqtts://127.0.0.1/a/#"}, "expected mqtts://HOST"),
        ({"what": []}, "a consent names who gets what"),
    ],
)
def test_nothing_leaves_without_a_consent_that_holds(
    changes: dict[str, Any],
    said: str,
    tmp_path: Path,
    broker: TlsBroker,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(arguments(tmp_path, broker.port, **changes)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert broker.heard == []


def test_what_was_not_delivered_is_said(
    tmp_path: Path, broker: TlsBroker, capsys: pytest.CaptureFixture[str]
) -> None:
    broker.stop()
    given = arguments(tmp_path, broker.port)
    given[given.index("10")] = "1"
    assert main(given) == 1
    assert "1 messages not delivered: 127.0.0.1" in capsys.readouterr().err
