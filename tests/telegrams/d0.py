"""Readouts of IEC 62056-21 made for tests."""

from functools import reduce
from operator import xor
from typing import Final

EASYMETER: Final = b"""\
/ESY5Q3DA1024 V3.03

1-0:0.0.0*255(112940679)
1-0:1.8.0*255(00001013.0368091*kWh)
1-0:2.8.0*255(00000376.0128508*kWh)
1-0:21.7.255*255(000046.04*W)
1-0:41.7.255*255(000122.30*W)
1-0:61.7.255*255(-000079.03*W)
1-0:1.7.255*255(-000247.37*W)
1-0:96.5.5*255(82)
0-0:96.1.255*255(1ESY1233002534)
!
""".replace(b"\n", b"\r\n")
"""What an EasyMeter Q3D pushes, with some power flowing out."""

LINES: Final = (
    "F.F(00000000)",
    "C.1.0(01234567)",
    "0.9.1(074512)",
    "0.2.0(M23)",
    "1.8.0(001234.567*kWh)",
    "1.8.1(000001.000*kWh)1.8.2(000002*kWh)",
    "1.6.1(01.23*kW)(0912011345)",
    "1.8.0*01(001200.000*kWh)",
    "16.7(-0.235*kW)",
    "32.7(230.1*V)",
    "3.8.0(000012.000*kvarh)",
)


def readout(*lines: str, mode_c: bool = False) -> bytes:
    """Return a readout; in mode C with its block check."""
    data = "".join(f"{line}\r\n" for line in (*lines, "!")).encode("ascii")
    head = b"/LGZ4ZMF100AC.M23\r\n"
    if not mode_c:
        return head + data
    return head + b"\x02" + data + b"\x03" + bytes([reduce(xor, data, 3)])


MODE_C: Final = readout(*LINES, mode_c=True)
MODE_D: Final = b"/LGZ3ZMF100AC.M23\r\n\r\n" + readout(*LINES).partition(b"\n")[2]
"""What a meter pushes at 2400 baud (IEC 62056-21, 6.4.5): no STX, no block check."""
