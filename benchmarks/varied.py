"""A minute of telegrams of one meter, in which some or all numbers change."""

import random
import re
from typing import Final

from cem_core.meter.crc16 import crc16

_SECONDS: Final = 60
# Each digit of a present value and the last of a register; the time counts up.
_PRESENT: Final = re.compile(rb"(?<=:)(\d{1,2}\.7\.0)\(([\d.]+)")
_REGISTER: Final = re.compile(rb"(?<=1-0:)([12]\.8\.\d)\((\d+\.\d)\d\d")
_TIME: Final = re.compile(rb"(?<=0-0:1\.0\.0\()(\d{10})\d\d")
_NUMBER: Final = re.compile(rb"(?<=\()\d+\.\d+(?=\*)")
_DIGIT: Final = re.compile(rb"\d")


def anew(telegram: bytes) -> list[bytes]:
    """Return ``telegram`` sixty times, each with other digits in every number."""
    return [_anew(telegram, random.Random(n)) for n in range(_SECONDS)]  # noqa: S311


def _anew(telegram: bytes, rand: random.Random) -> bytes:
    def digits(found: re.Match[bytes]) -> bytes:
        return _DIGIT.sub(lambda _: b"%d" % rand.randrange(10), found[0])

    return _checked(_NUMBER.sub(digits, telegram[: telegram.rindex(b"!") + 1]))


def _checked(body: bytes) -> bytes:
    return body + f"{crc16(body):04X}\r\n".encode()


def minute(telegram: bytes) -> list[bytes]:
    """Return ``telegram`` as it would be in each second of a minute."""
    return [_second(telegram, second) for second in range(_SECONDS)]


def _second(telegram: bytes, second: int) -> bytes:
    rand = random.Random(second)  # noqa: S311  the same in every run

    def present(found: re.Match[bytes]) -> bytes:
        digits = re.sub(rb"\d(?!.*\d)", b"%d" % rand.randrange(10), found[2])
        return b"%s(%s" % (found[1], digits)

    def register(found: re.Match[bytes]) -> bytes:
        moves = found[1] == b"1.8.1"
        return b"%s(%s%02d" % (found[1], found[2], second if moves else 0)

    body = telegram[: telegram.rindex(b"!") + 1]
    body = _TIME.sub(rb"\g<1>%02d" % second, body)
    body = _REGISTER.sub(register, _PRESENT.sub(present, body))
    return _checked(body)
