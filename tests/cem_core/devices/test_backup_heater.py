"""The electric heater stays off under a limit and while the house recovers from it."""

from datetime import UTC, datetime, timedelta

from cem_core.devices.backup_heater import BackupHeater

START = datetime(2026, 1, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


def heater() -> BackupHeater:
    return BackupHeater(recovers=HOUR, last_held_back=START - 5 * HOUR)


def test_it_is_off_under_a_limit_and_an_hour_after() -> None:
    backup = heater()
    assert not backup.is_held(START, held_back=False, frost=False)
    assert backup.is_held(START + HOUR, held_back=True, frost=False)
    assert backup.is_held(START + 1.9 * HOUR, held_back=False, frost=False)
    assert not backup.is_held(START + 2 * HOUR, held_back=False, frost=False)


def test_against_frost_it_helps_as_soon_as_the_limit_is_over() -> None:
    backup = heater()
    assert backup.is_held(START, held_back=True, frost=True)
    assert not backup.is_held(START + 0.1 * HOUR, held_back=False, frost=True)


def test_after_a_start_it_rests_as_after_a_power_cut() -> None:
    backup = BackupHeater(recovers=HOUR, last_held_back=START)
    assert backup.is_held(START + 0.5 * HOUR, held_back=False, frost=False)
    assert not backup.is_held(START + HOUR, held_back=False, frost=False)
