"""A place in the data of an M-Bus answer, that only moves forward."""


class Cursor:
    """Takes bytes one after another; names what is missing when they end."""

    def __init__(self, data: bytes) -> None:
        """Stand before the first byte."""
        self._data = data
        self.at = 0

    @property
    def left(self) -> int:
        """How many bytes follow."""
        return len(self._data) - self.at

    def byte(self, what: str) -> int:
        """Return the next byte; ValueError when there is none."""
        return self.take(1, what)[0]

    def take(self, size: int, what: str) -> bytes:
        """Return the next ``size`` bytes; ValueError when there are fewer."""
        if self.left < size:
            raise ValueError(f"the data end inside the {what}, at byte {self.at}")
        self.at += size
        return self._data[self.at - size : self.at]

    def letters(self, size: int, what: str) -> str:
        """Return the next bytes as text, which M-Bus sends from its end (Latin-1)."""
        text = self.take(size, what)[::-1].decode("latin-1")
        return "".join(letter for letter in text if letter.isprintable()).strip()

    def rest(self) -> bytes:
        """Return all that follows."""
        return self.take(self.left, "rest")
