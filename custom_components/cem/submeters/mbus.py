"""Meters on a wired M-Bus, through a gateway or a serial port."""

from contextlib import aclosing
from typing import Final, override

from cem_core.meter.keys import key_from_hex
from cem_core.meter.mbus_address import Address, parse
from cem_core.transport.mbus_source import (
    Line,
    MbusMeter,
    MbusSource,
    serial_line,
    tcp_line,
)
from custom_components.cem.submeters.source import (
    Answers,
    OnResult,
    SlowResult,
    SlowSource,
)

_MINUTE_S: Final = 60


def addresses_of(text: str) -> tuple[Address, ...]:
    """Return the addresses in a list with commas or spaces; ValueError for others."""
    addresses = tuple(parse(each) for each in text.replace(",", " ").split())
    if not addresses:
        raise ValueError("no address is given")
    return tuple(dict.fromkeys(addresses))


def source_of(answers: Answers) -> MbusSource:
    """Return what reads the meters that a form describes."""
    key = key_from_hex(answers["key"]) if answers.get("key") else None
    return MbusSource(
        line=_line(answers),
        meters=[
            MbusMeter(address=address, key=key)
            for address in addresses_of(answers["addresses"])
        ],
        interval_s=answers["interval"] * _MINUTE_S,
    )


def _line(answers: Answers) -> Line:
    if "host" in answers:
        return tcp_line(answers["host"], int(answers["port"]))
    return serial_line(answers["device"], int(answers["baud"]))


class MbusMeters(SlowSource):
    """The meters of one master."""

    def __init__(self, answers: Answers) -> None:
        """Open nothing yet."""
        self._source = source_of(answers)

    @property
    @override
    def keys(self) -> tuple[str, ...]:
        """The addresses."""
        return tuple(str(meter.address) for meter in self._source.meters)

    @override
    async def run(self, on_result: OnResult) -> None:
        """Read them again and again."""
        async with aclosing(self._source.results()) as results:
            async for result in results:
                key = str(result.meter.address)
                on_result(
                    SlowResult(key=key, reading=result.reading, cause=result.cause)
                )
