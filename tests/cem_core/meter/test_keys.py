"""What is said of keys, and which damage a key would cure."""

import pytest

from cem_core.meter import TelegramError
from cem_core.meter.encrypted_p1 import Decoder
from cem_core.meter.keys import KeyFault, key_fault, key_from_hex
from cem_core.meter.recognise import Decoder as AnyDecoder
from tests.telegrams.compose import DSMR5
from tests.telegrams.dlms import KEY, sealed


def test_a_key_is_32_hexadecimal_digits() -> None:
    assert key_from_hex(KEY.hex()) == KEY
    assert key_from_hex(KEY.hex(" ").upper()) == KEY


@pytest.mark.parametrize("said", ["", "00" * 15, "00" * 17, "secret" * 5 + "zz"])
def test_anything_else_is_refused_and_not_repeated(said: str) -> None:
    with pytest.raises(ValueError, match="32 hexadecimal digits") as refused:
        key_from_hex(said)
    assert not said or said not in str(refused.value)


@pytest.mark.parametrize(
    ("data", "key", "fault"),
    [
        (sealed(DSMR5), None, KeyFault.MISSING),
        (sealed(DSMR5), bytes(16), KeyFault.WRONG),
        (sealed(DSMR5, security=0x20), bytes(16), KeyFault.WRONG),
        (sealed(DSMR5)[:-1], KEY, None),
    ],
)
def test_which_fault_the_key_has(
    data: bytes, key: bytes | None, fault: KeyFault | None
) -> None:
    decoder = Decoder(key)
    [error] = [*decoder.feed(data), *decoder.finish()]
    assert isinstance(error, TelegramError)
    assert key_fault(error) is fault


def test_a_closed_frame_is_told_at_once() -> None:
    [error] = AnyDecoder().feed(sealed(DSMR5))
    assert isinstance(error, TelegramError)
    assert key_fault(error) is KeyFault.MISSING
