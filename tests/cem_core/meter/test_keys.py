"""Keys as people write them."""

import pytest

from cem_core.meter.keys import key_from_hex
from tests.telegrams.dlms import KEY


def test_a_key_is_32_hexadecimal_digits() -> None:
    assert key_from_hex(KEY.hex()) == KEY
    assert key_from_hex(KEY.hex(" ").upper()) == KEY


@pytest.mark.parametrize("said", ["", "00" * 15, "00" * 17, "secret" * 5 + "zz"])
def test_anything_else_is_refused_and_not_repeated(said: str) -> None:
    with pytest.raises(ValueError, match="32 hexadecimal digits") as refused:
        key_from_hex(said)
    assert not said or said not in str(refused.value)
