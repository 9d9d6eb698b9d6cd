"""UC4 and UC10: every telegram becomes one right reading; none is guessed."""

from cem_core.meter import Decoder, TelegramError
from cem_core.model import Reading
from tests.use_cases.closed_loop import demo_home

TELEGRAMS = 600


def test_each_telegram_is_one_reading_of_what_flows() -> None:
    home, decoder = demo_home(), Decoder()
    for _ in range(TELEGRAMS):
        home.step()
        [reading] = decoder.feed(home.telegram() or b"")
        assert isinstance(reading, Reading)
        assert reading.power_w is not None
        assert abs(reading.power_w - home.grid_power_w) <= 3
        assert reading.timestamp == home.now
        phases_w = [
            (phase.import_power_w or 0) - (phase.export_power_w or 0)
            for phase in reading.phases
        ]
        assert abs(sum(phases_w) - reading.power_w) <= 3


def test_the_mean_power_agrees_with_the_energy_registers() -> None:
    home, decoder = demo_home(), Decoder()
    readings = []
    for _ in range(TELEGRAMS):
        home.step()
        readings += decoder.feed(home.telegram() or b"")
    sound = [reading for reading in readings if isinstance(reading, Reading)]
    first, last = sound[0], sound[-1]
    imported_wh = sum(last.import_energy_wh.values()) - sum(
        first.import_energy_wh.values()
    )
    by_power_wh = sum(reading.import_power_w or 0 for reading in sound[1:]) / 3600
    assert abs(imported_wh - by_power_wh) <= max(2, 0.01 * by_power_wh)


def test_a_damaged_telegram_is_an_error_and_never_a_value() -> None:
    home, decoder = demo_home(), Decoder()
    for second in range(120):
        home.step()
        telegram = bytearray(home.telegram() or b"")
        telegram[(second * 37) % (len(telegram) - 8)] ^= 1 + second % 7
        read = decoder.feed(bytes(telegram))
        assert not any(isinstance(one, Reading) for one in read)
    home.step()
    *errors, reading = decoder.feed(home.telegram() or b"")
    assert isinstance(reading, Reading)
    assert all(isinstance(error, TelegramError) for error in errors)
