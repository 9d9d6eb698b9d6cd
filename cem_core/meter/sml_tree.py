"""The binary encoding of SML -> Python values (SML 1.04, annex to BSI TR-03109-1).

A field starts with a byte of type (high bits) and length (low four bits; more
bytes follow while the highest bit is set). The length counts itself, except that
of a list, which counts the list's elements.
"""

from typing import Final, NamedTuple

type Node = bytes | bool | Integer | list[Node] | None

_END_OF_MESSAGE: Final = b"\x00"
_LEFT_OUT: Final = 0x01
_MORE: Final = 0x80
_TYPE: Final = 0x70
_LENGTH: Final = 0x0F
_OCTETS: Final = 0x00
_BOOLEAN: Final = 0x40
_SIGNED: Final = 0x50
_UNSIGNED: Final = 0x60
_LIST: Final = 0x70
_MAX_DEPTH: Final = 12
_MAX_LENGTH: Final = 16_384
_MAX_INTEGER: Final = 8


class Integer(NamedTuple):
    """A number, how many bytes it took, and whether they were sent as signed."""

    value: int
    size: int
    signed: bool

    @property
    def as_unsigned(self) -> int:
        """The value of the same bytes, read without a sign."""
        return self.value % (1 << 8 * self.size)


class Reader:
    """Reads one field after the other."""

    def __init__(self, data: bytes) -> None:
        """Start at the first byte of ``data``."""
        self._data = data
        self._size = len(data)
        self.index = 0

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self.index >= self._size

    def skip_padding(self) -> None:
        """Go on to the next message: meters pad more than they say they do."""
        while self._data[self.index : self.index + 1] == _END_OF_MESSAGE:
            self.index += 1

    def between(self, start: int, end: int) -> bytes:
        """Return the bytes from ``start`` up to ``end``."""
        return self._data[start:end]

    def head(self) -> tuple[int, int]:
        """Return the type and length of the next field, without its own bytes.

        Raises ValueError where the data ends or the length makes no sense.
        """
        start = index = self.index
        data, size = self._data, self._size
        byte = data[index] if index < size else _MORE
        kind, length = byte & _TYPE, byte & _LENGTH
        index += 1
        while byte & _MORE:
            if index >= size:
                raise ValueError("the messages end in the middle of a field")
            byte = data[index]
            index += 1
            if byte & _TYPE or length > _MAX_LENGTH:
                raise ValueError(f"a length at byte {start} makes no sense")
            length = length << 4 | byte & _LENGTH
        self.index = index
        if kind == _LIST:
            return kind, length
        length -= index - start
        if length < 0 or index + length > size:
            raise ValueError(f"a length at byte {start} makes no sense")
        return kind, length

    def list_head(self) -> int:
        """Return the count of elements of the list that starts here."""
        start = self.index
        kind, length = self.head()
        if kind != _LIST:
            raise ValueError(f"a list was expected at byte {start}")
        return length

    def node(self, depth: int = 0) -> Node:
        """Return the next field, None for one that was left out.

        Raises ValueError for what is no SML.
        """
        start, data, size = self.index, self._data, self._size
        byte = data[start] if start < size else _MORE
        if byte == _LEFT_OUT:  # the commonest field of all
            self.index += 1
            return None
        if depth > _MAX_DEPTH:
            raise ValueError(f"lists deeper than {_MAX_DEPTH} at byte {start}")
        kind, length = byte & _TYPE, byte & _LENGTH
        if kind != _LIST:
            length -= 1  # the field counts its first byte
        if byte & _MORE or (kind != _LIST and not 0 <= length < size - start):
            kind, length = self.head()
        else:
            self.index = start + 1
        if kind == _LIST:
            return [self.node(depth + 1) for _ in range(length)]
        begin = self.index
        self.index = end = begin + length
        content = data[begin:end]
        if kind == _OCTETS:
            return content
        signed = kind == _SIGNED
        if (signed or kind == _UNSIGNED) and 1 <= length <= _MAX_INTEGER:
            return Integer(int.from_bytes(content, signed=signed), length, signed)
        if kind == _BOOLEAN and length == 1:
            return content != b"\0"
        raise ValueError(f"a field of unknown type at byte {start}")

    def end_of_message(self) -> None:
        """Take the byte that ends a message, or raise ValueError."""
        if self._data[self.index : self.index + 1] != _END_OF_MESSAGE:
            raise ValueError(f"no end of the message at byte {self.index}")
        self.index += 1
