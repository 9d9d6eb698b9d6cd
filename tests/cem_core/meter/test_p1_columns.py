"""Telegrams read by the columns of one before: as if each were the first."""

import re

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.meter import TelegramError, p1, parse
from cem_core.meter.draft import Draft
from cem_core.meter.p1_columns import Layouts
from cem_core.model import Reading
from tests.telegrams.compose import CHECKED, DSMR3, EMUCS, telegram

NUMBER = re.compile(rb"\d")


@pytest.fixture(autouse=True)
def layouts(monkeypatch: pytest.MonkeyPatch) -> Layouts:
    new = Layouts()
    monkeypatch.setattr(p1, "_LAYOUTS", new)
    return new


def outcome(text: bytes, first: bytes | None = None) -> str:
    """Return what is read or refused, by a reader that knows ``first`` alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(p1, "_LAYOUTS", Layouts())
        if first is not None:
            parse(first)
        try:
            return str(parse(text))
        except TelegramError as error:
            return str(error)


def body(text: bytes) -> bytes:
    return text[: text.rindex(b"!") + 1]


def unchecked(text: bytes) -> bytes:
    return body(text) + b"\r\n"


def of(*lines: str) -> bytes:
    return telegram(("1-0:1.7.0(01.234*kW)", "1-0:32.7.0(230.0*V)", *lines))


@pytest.mark.parametrize("name", CHECKED)
@settings(deadline=None)
@given(data=st.data())
def test_other_digits_are_read_as_if_they_came_first(
    name: str, data: st.DataObject
) -> None:
    first = CHECKED[name]
    digits = [found.start() for found in NUMBER.finditer(body(first))]
    other = bytearray(unchecked(first))
    for at in data.draw(st.lists(st.sampled_from(digits), max_size=12)):
        other[at] = data.draw(st.sampled_from(b"0123456789"))
    assert outcome(bytes(other), first) == outcome(bytes(other))


@pytest.mark.parametrize("name", CHECKED)
def test_the_second_telegram_is_read_by_columns(name: str, layouts: Layouts) -> None:
    text = CHECKED[name]
    assert layouts.read(body(text)) is None
    first = parse(text)
    assert isinstance(layouts.read(body(text)), Draft)
    assert parse(text) == first


def test_what_columns_read_is_new(layouts: Layouts) -> None:
    parse(of())
    other = of().replace(b"01.234", b"05.678")
    draft = layouts.read(body(other))
    assert draft is not None
    assert draft.reading().import_power_w == 5678


def test_an_impossible_number_is_named_with_its_line() -> None:
    first = of("1-0:2.7.0(0001.000*kW)")
    other = unchecked(first).replace(b"0001.000", b"9001.000")
    assert "1-0:2.7.0: 9001.0 kW is out of range" in outcome(other, first)


@pytest.mark.parametrize(
    ("lines", "other"),
    [
        pytest.param(
            ("1-0:9.7.0(01.235*kW)",), (b"1-0:9.7.0", b"1-0:1.7.0"), id="another code"
        ),
        pytest.param(("1-0:9.7.0(0012W)",), (b"1-0:9.7.0", b"1-0:1.7.0"), id="no star"),
        pytest.param(
            ("0-0:96.13.0()",), (b"0-0:96.13.0", b"0-0:96.13.1"), id="a message"
        ),
        pytest.param(
            ("1-0:1.8.1(000001.000*kWh)",) * 2, (b"1.000", b"2.000"), id="two"
        ),
    ],
)
def test_another_code_is_another_object(
    lines: tuple[str, ...], other: tuple[bytes, bytes]
) -> None:
    first = of(*lines)
    text = unchecked(first).replace(*other, 1)
    assert text != unchecked(first)
    assert outcome(text, first) == outcome(text)


def test_what_is_wrapped_or_too_long_or_too_short_is_read_line_by_line(
    layouts: Layouts,
) -> None:
    many = [f"1-0:1.8.{n}(000001.000*kWh)" for n in range(60)] * 3
    for text in (DSMR3, telegram(["1-0:1.7.0(01.234*kW)"]), of(*many)):
        assert isinstance(parse(text), Reading)
        assert layouts.read(body(text)) is None


def test_the_layouts_of_a_few_meters_are_kept(layouts: Layouts) -> None:
    meters = [of(f"1-0:1.8.{n}({'0' * n}1.000*kWh)") for n in range(1, 8)]
    for text in meters:
        parse(text)
    known = [text for text in meters if layouts.read(body(text)) is not None]
    assert known == meters[-4:]


def test_emucs_says_what_it_said() -> None:
    parse(EMUCS)
    assert parse(EMUCS).submeters == parse(EMUCS).submeters != ()
