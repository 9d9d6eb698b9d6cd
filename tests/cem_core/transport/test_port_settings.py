"""Settings of a serial port as people write them."""

from hypothesis import given, strategies as st
import pytest

from cem_core.transport import Parity, PortSettings


@given(
    baud=st.integers(50, 4_000_000),
    bits=st.sampled_from([7, 8]),
    parity=st.sampled_from(Parity),
    stop=st.sampled_from([1, 2]),
)
def test_what_is_shown_is_read(baud: int, bits: int, parity: Parity, stop: int) -> None:
    settings = PortSettings(baud, bits, parity, stop)
    assert PortSettings.parse(str(settings)) == settings


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("115200", PortSettings(115_200)),
        ("9600 7e1", PortSettings(9600, 7, Parity.EVEN)),
        ("9600,8N2", PortSettings(9600, 8, Parity.NONE, 2)),
        ("9600/7O1", PortSettings(9600, 7, Parity.ODD)),
        ("96007E1", PortSettings(9600, 7, Parity.EVEN)),  # as ser2net writes it
    ],
)
def test_spellings(text: str, settings: PortSettings) -> None:
    assert PortSettings.parse(text) == settings


@pytest.mark.parametrize("text", ["", "fast", "0", "9600 9N1", "9600 7X1", "-9600"])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no setting of a port"):
        PortSettings.parse(text)


def test_how_many_characters_pass() -> None:
    assert PortSettings(300, 7, Parity.EVEN).characters_per_s == 30
    assert PortSettings(2400, 8, Parity.EVEN).characters_per_s == 2400 / 11
