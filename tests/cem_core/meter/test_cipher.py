"""Ciphered APDUs: golden values, both keys, tags, counters."""

from dlms_cosem import security as oracle  # type: ignore[import-untyped]
from hypothesis import given, strategies as st
import pytest

from cem_core.meter import axdr
from cem_core.meter.cipher import Opener, parse
from tests.telegrams.dlms import AUTH_KEY, KEY, TITLE, sealed

PLAIN = b"\x0f\x00\x00\x00\x01\x00\x01\x00"
SMARTY = bytes.fromhex("00112233445566778899AABBCCDDEEFF")


def test_the_worked_example_of_the_green_book() -> None:
    # DLMS UA 1000-2, "Example: glo-get-request", within general ciphering.
    apdu = bytes.fromhex(
        "DB08 4D4D4D0000BC614E 1E 30 01234567"
        "411312FF935A47566827C467BC 7D825C3BE4A77C3FCC056B6B"
    )
    content = parse(apdu)
    assert (content.size, content.counter) == (len(apdu), 0x01234567)
    plain = Opener(KEY, AUTH_KEY).open(content)
    assert plain.hex() == "c0010000080000010000ff0200"


@given(plain=st.binary(min_size=1, max_size=300), counter=st.integers(0, 2**32 - 1))
def test_what_dlms_cosem_ciphers_is_opened(plain: bytes, counter: int) -> None:
    control = oracle.SecurityControlField(0, authenticated=True, encrypted=True)
    text = oracle.encrypt(control, TITLE, counter, KEY, plain, AUTH_KEY)
    content = b"\x30" + counter.to_bytes(4) + text
    apdu = b"\xdb\x08" + TITLE + b"\x82" + len(content).to_bytes(2) + content
    assert Opener(KEY, AUTH_KEY).open(parse(apdu)) == plain


@pytest.mark.parametrize("tag", [0xDB, 0xDC])
@pytest.mark.parametrize("security", [0x00, 0x10, 0x20, 0x30, 0x70])
def test_every_security(security: int, tag: int) -> None:
    apdu = sealed(PLAIN, security=security, tag=tag)
    assert Opener(KEY, AUTH_KEY).open(parse(apdu)) == PLAIN


@pytest.mark.parametrize("associated", [None, SMARTY])
def test_without_authentication_key_none_and_that_of_luxembourg_are_tried(
    associated: bytes | None,
) -> None:
    apdu = parse(sealed(PLAIN, auth_key=associated))
    assert Opener(KEY, None).open(apdu) == PLAIN
    with pytest.raises(ValueError, match="the tag does not verify"):
        Opener(KEY, AUTH_KEY).open(apdu)


@pytest.mark.parametrize("security", [0x10, 0x30])
@given(data=st.data())
def test_no_damage_passes_the_tag(security: int, data: st.DataObject) -> None:
    apdu = bytearray(sealed(PLAIN, security=security))
    at = data.draw(st.integers(18, len(apdu) - 1))  # behind the length and its byte
    apdu[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ValueError, match="the tag does not verify"):
        Opener(KEY, AUTH_KEY).open(parse(apdu))


@given(data=st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        parse(b"\xdb" + data)
    except ValueError as error:
        assert str(error)  # noqa: PT017  a named cause


def test_a_counter_must_rise_for_each_system_title() -> None:
    opener = Opener(KEY, AUTH_KEY)
    first, second = (parse(sealed(PLAIN, counter=n)) for n in (7, 8))
    for content in (first, second):
        assert opener.open(content) == PLAIN
        opener.accept(content)
    for replayed in (first, second):
        with pytest.raises(ValueError, match="is not above 8: a repeated"):
            opener.open(replayed)
    other = sealed(PLAIN, counter=7, security=0).replace(TITLE, b"otherone")
    assert opener.open(parse(other)) == PLAIN


def test_only_so_many_titles_are_kept() -> None:
    opener = Opener(KEY, AUTH_KEY)
    for number in range(1000):
        apdu = sealed(PLAIN, security=0).replace(TITLE, number.to_bytes(8))
        opener.accept(parse(apdu))
    assert len(opener._counters) < 100


@pytest.mark.parametrize(
    ("apdu", "cause"),
    [
        ("db07", "a system title of 7 bytes, expected 8"),
        ("db08 0000000000000000 04 20000000", "the ciphered text is too short"),
        ("db08 0000000000000000 05 3000000001", "too short for its tag"),
        ("db08 0000000000000000 05 a000000001", "compressed"),
    ],
)
def test_what_is_refused(apdu: str, cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        parse(bytes.fromhex(apdu))


def test_keys_have_16_bytes() -> None:
    with pytest.raises(ValueError, match="the key has 15 bytes, expected 16"):
        Opener(bytes(15), None)
    with pytest.raises(ValueError, match="the authentication key has 0 bytes"):
        Opener(None, b"")


def test_a_key_is_asked_for() -> None:
    with pytest.raises(ValueError, match="encrypted: a key is needed"):
        Opener(None, None).open(parse(sealed(PLAIN)))


def test_cut_short() -> None:
    with pytest.raises(axdr.TruncatedError):
        parse(b"\xdb")
