"""What can go wrong between a register map and a device."""


class MapError(ValueError):
    """A register map that cannot be used: which, where in it, and what to do."""


class ModbusError(Exception):
    """No values came; ``str`` says why, in words for people."""


class LinkError(ModbusError):
    """There is no connection to the device or its gateway."""


class NoAnswerError(ModbusError):
    """The unit did not answer in time, or answered what is no Modbus."""


class NoPowerError(ModbusError):
    """The unit answers, but none of its registers says a power."""

    def __init__(self) -> None:
        """Name the likeliest cause."""
        super().__init__("it says no power; is the register map the right one?")


class RefusedError(ModbusError):
    """The unit answered with an exception.

    Source: MODBUS Application Protocol Specification V1.1b3, section 7.
    """

    def __init__(self, code: int) -> None:
        """Keep the exception code."""
        super().__init__(f"refused: {_MEANING.get(code, 'unknown reason')} ({code})")
        self.code = code

    @property
    def no_such_register(self) -> bool:
        """Whether other registers may well be readable: codes 2 and 3."""
        return self.code in (2, 3)


_MEANING = {
    1: "the unit does not know this function",
    2: "it has no such register",
    3: "it does not take such a value or count",
    4: "the device failed",
    5: "it needs more time",
    6: "it is busy",
    8: "its memory is damaged",
    10: "the gateway has no path to it",
    11: "the unit does not answer its gateway",
}
