"""What is wrong with the bytes of a meter, and where."""

from typing import override


class TelegramError(ValueError):
    """A telegram that is not read: nothing of it becomes a value.

    ``place`` is the byte in the stream (in `parse`: in the telegram).
    """

    def __init__(self, place: int, cause: str) -> None:
        """Keep the place and the cause apart for those who count them."""
        super().__init__(place, cause)
        self.place = place
        self.cause = cause

    @override
    def __str__(self) -> str:
        return f"byte {self.place}: {self.cause}"
