"""The command `cem` itself: help, version, and what it imports."""

import subprocess
import sys

import pytest

from optimizer.cli import COMMANDS, main


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("cem ")


def test_help_names_every_command_and_an_example(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert all(f"    {name} " in text for name in COMMANDS)
    assert "example:" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_has_an_example(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"  cem {name} " in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["--nonsense"]])
def test_wrong_usage_is_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: cem" in capsys.readouterr().err


def test_decode_never_waits_for_the_solver() -> None:
    program = (
        "import sys; from optimizer.cli import main; main(['decode', '-']);"
        "print(*sorted(m for m in sys.modules if '.' not in m))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        text=True,
    )
    loaded = set(done.stdout.split())
    assert "optimizer" in loaded
    assert not loaded & {"pyomo", "highspy", "numpy", "pandas", "asyncio"}


@pytest.mark.parametrize("name", ["optimize", "simulate"])
def test_help_waits_for_nothing_heavy(name: str) -> None:
    program = (
        "import sys; from optimizer.cli import main\n"
        f"try: main(['{name}', '--help'])\n"
        "except SystemExit: print('LOADED', *sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    loaded = set(done.stdout.partition("LOADED")[2].split())
    assert f"optimizer.cli.{name}" in loaded
    assert not loaded & {"pyomo", "numpy", "asyncio", "paho", "ruamel.yaml"}


def test_what_nobody_foresaw_is_one_line() -> None:
    program = (
        "import sys\n"
        "from optimizer.cli import decode, main\n"
        "decode.run = lambda args: 1 / 0\n"
        "sys.argv = ['cem', 'decode', '-']\n"
        "raise SystemExit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False, text=True
    )
    assert done.returncode == 1
    assert done.stderr == "cem: internal error: ZeroDivisionError: division by zero\n"


def test_an_optional_package_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "optimizer.cli.decode", None)
    assert main(["decode", "-"]) == 1
    assert capsys.readouterr().err.startswith("cem decode: the package optimizer")
