"""Our DLMS values against those of amshan (Norway) and gurux-dlms (GPL)."""

from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.meter import axdr, dlms
from cem_core.meter.axdr import Node
from cem_core.model import Reading
from tests.telegrams.dlms import (
    LLC,
    VOLT,
    WH,
    W,
    hdlc,
    notification,
    registers,
    u16,
    u32,
)

autodecoder = pytest.importorskip("han.autodecoder", reason="only in .venv-cross")
han_hdlc = pytest.importorskip("han.hdlc", reason="only in .venv-cross")
gurux = pytest.importorskip("gurux_dlms", reason="only in .venv-cross")
output_type = pytest.importorskip("gurux_dlms.enums.TranslatorOutputType")

APDUS = st.builds(
    lambda power_w, export_w, volts, wh: notification(
        registers(
            ("1-0:1.7.0", u32(power_w), W),
            ("1-0:2.7.0", u32(export_w), W),
            ("1-0:32.7.0", u16(volts), VOLT),
            ("1-0:1.8.0", u32(wh), WH),
        )
    ),
    st.integers(0, 900_000),
    st.integers(0, 900_000),
    st.integers(0, 4_000),
    st.integers(0, 2**32 - 1),
)


def numbers(node: Node) -> list[int]:
    """Return every number of the body, in order."""
    if node.items:
        return [number for item in node.items for number in numbers(item)]
    whole = isinstance(node.value, int) and node.tag != axdr.ENUM
    return [node.value] if whole and isinstance(node.value, int) else []


@given(APDUS)
@settings(max_examples=100, deadline=None)
def test_an_aidon_list_is_that_of_amshan(apdu: bytes) -> None:
    data = hdlc(LLC + apdu)
    [frame] = han_hdlc.HdlcFrameReader(False).read(data)
    theirs: dict[str, Any] = autodecoder.AutoDecoder().decode_message(frame)
    [reading] = dlms.Decoder().feed(data)
    assert isinstance(reading, Reading)
    assert reading.import_power_w == theirs["active_power_import"]
    assert reading.export_power_w == theirs["active_power_export"]
    assert reading.import_energy_wh == {"total": theirs["active_power_import_total"]}
    assert reading.phases[0].voltage_v == pytest.approx(theirs["voltage_l1"])


@given(APDUS)
@settings(max_examples=50, deadline=None)
def test_the_encoding_is_that_of_gurux(apdu: bytes) -> None:
    translator = gurux.GXDLMSTranslator(output_type.TranslatorOutputType.SIMPLE_XML)
    document = translator.pduToXml(gurux.GXByteBuffer(apdu))
    kinds = {"UInt32", "UInt16", "Int8"}
    theirs = [
        int(element.attrib["Value"], 16)
        for element in ET.fromstring(document).iter()  # noqa: S314  from gurux itself
        if element.tag in kinds
    ]
    body = apdu.index(b"\x01\x04", 6)
    node, end = axdr.read(apdu, body)
    assert end == len(apdu)
    assert [
        number % 256 if number < 0 else number for number in numbers(node)
    ] == theirs
