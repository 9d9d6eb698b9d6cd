"""DLMS telegrams put together byte by byte, by other means than the decoder's."""

from collections.abc import Sequence
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LLC = bytes.fromhex("e6e700")
HEAD = bytes.fromhex("0f00000001")
KEY = bytes.fromhex("000102030405060708090A0B0C0D0E0F")
AUTH_KEY = bytes.fromhex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF")
TITLE = bytes.fromhex("4D4D4D0000BC614E")


def x25(data: bytes) -> bytes:
    """Return the HDLC checksum, computed bit by bit."""
    register = 0xFFFF
    for byte in data:
        for bit in range(8):
            carry = (register ^ (byte >> bit)) & 1
            register = (register >> 1) ^ (0x8408 if carry else 0)
    return struct.pack("<H", register ^ 0xFFFF)


def hdlc(
    information: bytes, *, segmented: bool = False, addresses: str = "0321"
) -> bytes:
    where = bytes.fromhex(addresses) + b"\x13"
    size = 2 + len(where) + 2 + (len(information) + 2 if information else 0)
    head = struct.pack(">H", 0xA000 | (0x0800 if segmented else 0) | size) + where
    body = head + x25(head)
    if information:
        body += information
        body += x25(body)
    return b"\x7e" + body + b"\x7e"


def mbus(part: bytes, number: int = 0, *, last: bool = True) -> bytes:
    user = bytes((0x53, 0xFF, number | (0x10 if last else 0), 0x01, 0x67)) + part
    size = len(user)
    head = bytes((0x68, size, size, 0x68))
    return head + user + bytes((sum(user) & 0xFF, 0x16))


def block(data: bytes, number: int, *, last: bool) -> bytes:
    control = 0xC0 if last else 0x40
    return struct.pack(">BBHHB", 0xE0, control, number, 0, len(data)) + data


def sealed(
    plain: bytes,
    *,
    counter: int = 1,
    security: int = 0x30,
    auth_key: bytes | None = AUTH_KEY,
    tag: int = 0xDB,
) -> bytes:
    """Return ``plain`` as ciphered APDU; without ``auth_key`` nothing is associated."""
    vector = TITLE + counter.to_bytes(4)
    associated = b"" if auth_key is None else bytes((security,)) + auth_key
    if security & 0x20:
        text = AESGCM(KEY).encrypt(vector, plain, associated)
        text = text[:-4] if security & 0x10 else text[:-16]
    elif security & 0x10:
        text = plain + AESGCM(KEY).encrypt(vector, b"", associated + plain)[:12]
    else:
        text = plain
    content = bytes((security,)) + counter.to_bytes(4) + text
    size = struct.pack(">BH", 0x82, len(content))
    return bytes((tag, 8)) + TITLE + size + content


def code(text: str) -> bytes:
    """Return the octet string of an OBIS code such as ``1-0:1.7.0``."""
    numbers = text.replace("-", ".").replace(":", ".").split(".")
    return b"\x09\x06" + bytes(map(int, numbers)) + b"\xff"


def u32(value: int) -> bytes:
    return b"\x06" + value.to_bytes(4)


def i32(value: int) -> bytes:
    return b"\x05" + value.to_bytes(4, signed=True)


def u16(value: int) -> bytes:
    return b"\x12" + value.to_bytes(2)


def octets(value: bytes) -> bytes:
    return b"\x09" + bytes((len(value),)) + value


def text(value: str) -> bytes:
    return b"\x0a" + bytes((len(value),)) + value.encode("ascii")


def scale(power: int, unit: int) -> bytes:
    return b"\x02\x02\x0f" + power.to_bytes(1, signed=True) + b"\x16" + bytes((unit,))


def structure(*items: bytes) -> bytes:
    return b"\x02" + bytes((len(items),)) + b"".join(items)


def array(*items: bytes) -> bytes:
    return b"\x01" + bytes((len(items),)) + b"".join(items)


def notification(body: bytes, when: bytes = b"") -> bytes:
    return HEAD + bytes((len(when),)) + when + body


def registers(*items: tuple[str, bytes, bytes]) -> bytes:
    return array(*(structure(code(c), value, s) for c, value, s in items))


W, WH, VOLT = scale(0, 27), scale(0, 30), scale(-1, 35)
AIDON = notification(
    registers(
        ("1-0:1.7.0", u32(1362), W),
        ("1-0:2.7.0", u32(0), W),
        ("1-0:32.7.0", u16(2304), VOLT),
        ("1-0:1.8.0", u32(4_210_035), WH),
    )
)


def segments(apdu: bytes, size: int) -> Sequence[bytes]:
    whole = LLC + apdu
    parts = [whole[at : at + size] for at in range(0, len(whole), size)]
    return [hdlc(p, segmented=p is not parts[-1]) for p in parts]
