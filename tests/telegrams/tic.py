"""TIC frames made for tests."""

from collections.abc import Iterable
from typing import Final


def group(*parts: str) -> bytes:
    """Return a group of standard mode; ``historique`` for the other."""
    text = "\t".join((*parts, ""))
    return f"\n{text}{checksum(text)}\r".encode("ascii")


def historique(label: str, value: str) -> bytes:
    text = f"{label} {value}"
    return f"\n{text} {checksum(text)}\r".encode("ascii")


def checksum(text: str) -> str:
    return chr(sum(map(ord, text)) % 64 + 32)


def frame(groups: Iterable[bytes]) -> bytes:
    return b"\x02" + b"".join(groups) + b"\x03"


# The checksums of both are written out by hand from recorded frames.
HISTORIQUE: Final = (
    b"\x02"
    b"\nADCO 021861348497 L\r"
    b"\nOPTARIF BBR( S\r"
    b"\nISOUSC 30 9\r"
    b"\nBBRHCJB 018328856 F\r"
    b"\nBBRHPJB 023739545 P\r"
    b"\nBBRHCJW 001466099 U\r"
    b"\nBBRHPJW 002132883 Z\r"
    b"\nBBRHCJR 000860118 E\r"
    b"\nBBRHPJR 000844115 Q\r"
    b"\nPTEC HCJB C\r"
    b"\nDEMAIN ROUG +\r"
    b"\nIINST 012 Z\r"
    b"\nIMAX 090 H\r"
    b"\nPAPP 02840 /\r"
    b"\nHHPHC A ,\r"
    b"\nMOTDETAT 000000 B\r"
    b"\x03"
)
"""From esciara/pyteleinfo, captured_frames.bin (BSD-3-Clause)."""

STANDARD: Final = frame(
    (
        group("ADSC", "064468368739"),
        b"\nVTIC\t02\tJ\r",
        b"\nDATE\tH190323161039\t\tG\r",
        group("NGTF", "      TEMPO     "),
        group("LTARF", "    HP  BLEU    "),
        group("EAST", "023456789"),
        group("EASF01", "003456789"),
        group("EASF02", "020000000"),
        b"\nEASD01\t000350847\t;\r",
        group("EAIT", "000012345"),
        group("ERQ1", "000000012"),
        group("IRMS1", "001"),
        group("IRMS2", "012"),
        group("IRMS3", "000"),
        group("URMS1", "226"),
        group("URMS2", "227"),
        group("URMS3", "230"),
        b"\nPREF\t06\tE\r",
        b"\nPCOUP\t06\t_\r",
        group("SINSTS", "00129"),
        b"\nSMAXSN-1\tH190322073403\t02624\t[\r",
        b"\nCCASN\tH190323160000\t00098\tE\r",
        b"\nUMOY1\tH190323161000\t226\t2\r",
        b"\nSTGE\t003A0001\t:\r",
        b"\nMSG1\tPAS DE          MESSAGE         \t<\r",
        b"\nPRM\t21376700393040\t.\r",
        group("RELAIS", "000"),
        group("NTARF", "02"),
        group("NJOURF", "00"),
        b"\nNJOURF+1\t00\tB\r",
        group("PJOURF+1", "00008001 NONUTILE NONUTILE"),
        group("PPOINTE", "  "),
    )
)
"""Made of groups whose checksums are known and others."""
