"""Fields of M-Bus answers one by one, after the tables of EN 13757-3."""

from contextlib import suppress
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given, strategies as st
import pytest

from cem_core.meter import mbus_answer, mbus_link, mbus_records, mbus_submeter
from cem_core.meter.mbus_address import Secondary, parse
from cem_core.meter.mbus_link import LinkFrame
from cem_core.meter.mbus_records import Record
from cem_core.model import SubmeterKind
from cem_core.model.slow_reading import SlowQuantity, SlowReading

IDENTITY: Final = bytes.fromhex("78563412 2423 01 07")
KEY: Final = bytes(range(16))


def only(octets: str) -> Record:
    [record] = mbus_records.read(bytes.fromhex(octets)).records
    return record


def answer(data: str, *, ci: int = 0x72, control: int = 0x08) -> LinkFrame:
    return LinkFrame(control, 1, ci, bytes.fromhex(data))


def reading(medium: int, records: str) -> SlowReading:
    header = IDENTITY[:7] + bytes((medium, 1, 0, 0, 0))
    frame = LinkFrame(0x08, 1, 0x72, header + bytes.fromhex(records))
    return mbus_submeter.reading(mbus_answer.read(frame))


@pytest.mark.parametrize(
    ("octets", "code", "value", "unit"),
    [
        ("01 06 05", "energy", 5_000, "Wh"),
        ("01 06 fb", "energy", -5_000, "Wh"),
        ("02 0e 0100", "energy", 1_000_000, "J"),
        ("04 83 3b 01000000", "energy.forward", 1, "Wh"),
        ("04 83 3c 01000000", "energy.backward", 1, "Wh"),
        ("01 fb 01 05", "energy", 5_000_000, "Wh"),
        ("01 fb 09 05", "energy", 5 * 10**9, "J"),
        ("0c 13 27048502", "volume", 2850.427, "m3"),
        ("0c 13 270485f2", "volume", -2850.427, "m3"),
        ("0a 5a 3412", "flow_temperature", 123.4, "°C"),
        ("05 2b 0000c03f", "power", 1.5, "W"),
        ("07 03 0100000000000000", "energy", 1, "Wh"),
        ("06 13 010000000000", "volume", 0.001, "m3"),
        ("03 13 010000", "volume", 0.001, "m3"),
        ("0e 13 010000000000", "volume", 0.001, "m3"),
        ("02 fd 48 fc08", "voltage", 230.0, "V"),
        ("02 fd 59 e803", "current", 1.0, "A"),
        ("09 74 15", "actuality_time", 15, "s"),
        ("01 25 03", "operating_time", 3, "min"),
        ("02 93 76 0100", "volume", 0.001, "m3"),
        ("02 93 77 0100", "volume", 0.01, "m3"),
        ("02 93 7d 0100", "volume", 1, "m3"),
        ("42 6c 9f1c", "date.storage1", "2012-12-31", None),
        ("04 6d 0b0f8515", "time", "2012-05-05T15:11:00", None),
        ("04 6d 8b0f8515", "time", "invalid", None),
        ("06 6d 1e0b0f851500", "time", "2012-05-05T15:11:30", None),
        ("03 6d 1e0b0f", "time", "15:11:30", None),
        ("02 6c 0000", "date", "invalid", None),
        ("0d 78 03 434241", "fabrication_number", "ABC", None),
        ("0d 13 c2 3412", "volume", 1.234, "m3"),
        ("0d 13 d2 3412", "volume", -1.234, "m3"),
        ("0d 13 e1 0a", "volume", 0.01, "m3"),
        ("01 fc 03 485225 74 09", "%RH", 0.09, None),
        ("8c 50 13 01000000", "volume.tariff1.subunit1", 0.001, "m3"),
        ("cc c0 01 13 01000000", "volume.storage33.subunit1", 0.001, "m3"),
        ("12 2b 0100", "power.max", 1, "W"),
        ("22 2b 0100", "power.min", 1, "W"),
        ("32 2b 0100", "power.error", 1, "W"),
        ("0c 13 eeeeeeee", "volume", "EEEEEEEE", "m3"),
        ("02 13 0080", "volume", "8000", "m3"),
        ("05 2b 0000c07f", "power", "not a number", "W"),
        ("02 95 15 0100", "volume.error15", 0.1, "m3"),
        ("02 95 00 0100", "volume", 0.1, "m3"),
        ("01 ff 13 05", "makers_own.13", 5, None),
    ],
)
def test_records(octets: str, code: str, value: object, unit: str | None) -> None:
    record = only(octets)
    assert (record.code, record.value, record.meaning.unit) == (code, value, unit)


@pytest.mark.parametrize(
    ("octets", "cause"),
    [
        ("04 13 0102", "the data end inside the value of volume, at byte 2"),
        ("84", "the data end inside the extension of the data information, at byte 1"),
        ("04", "the data end inside the value information, at byte 1"),
        ("04 93", "the data end inside the extension of the value information"),
        ("84" + "80" * 11 + "13", "more than 10 extensions of a data information"),
        ("04 93" + "ff" * 11, "more than 10 extensions of a value information"),
        ("3f", "3F at byte 0 begins no record"),
        ("0d 13 fb", "FB is no length of a value"),
        ("01 6d 01", "a date or time of 1 bytes"),
        ("01 7c 41 00", "a value is named with 65 letters"),
        ("01 13 00" * 201, "more than 200 records"),
    ],
)
def test_what_is_refused(octets: str, cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        mbus_records.read(bytes.fromhex(octets))


def test_fillers_selections_and_the_makers_part() -> None:
    found = mbus_records.read(bytes.fromhex("2f 08 13 01 13 05 2f 0f 0102"))
    assert [record.value for record in found.records] == [5e-3]
    assert not found.more
    assert mbus_records.read(b"\x1f").more


@given(st.binary(max_size=250))
def test_no_data_raise_anything_but_a_plain_refusal(data: bytes) -> None:
    with suppress(ValueError):
        answered = mbus_answer.read(LinkFrame(0x08, 1, 0x72, data), KEY)
        assert mbus_submeter.reading(answered).values.keys() <= set(SlowQuantity)


def test_the_header() -> None:
    answered = mbus_answer.read(answer("78563412 2423 01 07 05 0d 0000"))
    assert answered.identity is not None
    assert answered.identity.number == "12345678"
    assert answered.identity.manufacturer == "HYD" == mbus_answer.maker(0x2324)
    assert (answered.identity.version, answered.identity.medium) == (1, 7)
    assert answered.status == ("busy", "battery_low", "permanent_error")


@pytest.mark.parametrize(
    ("data", "ci", "cause"),
    [
        ("08", 0x70, "the meter says: busy with something else"),
        ("", 0x70, "the meter says: something went wrong"),
        ("2a", 0x71, r"the meter sent an alarm \(2a\) instead of values"),
        ("00", 0x73, "the data end inside the header"),
        ("93929190 10 80 0569", 0x73, "status 80: binary or stored counters"),
        ("00", 0x77, "high byte first"),
        ("00", 0x76, "high byte first"),
        ("00", 0x11, "CI 11 says no values"),
        ("7856", 0x72, "the data end inside the header"),
        ("7856341224230107 01 00 1005" + "00" * 16, 0x72, "a key is needed"),
        ("01 00 1005" + "00" * 16, 0x7A, "a key is needed"),
        ("01 00 1007" + "00" * 16, 0x7A, "encrypted in mode 7"),
    ],
)
def test_answers_that_say_no_values(data: str, ci: int, cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        mbus_answer.read(answer(data, ci=ci))


@pytest.mark.parametrize(
    ("data", "kind", "raw", "values"),
    [
        (  # Sensus Pollusonic 2: 6531 kWh and 69 l
            "93929190 10 00 05 69 31650000 69000000",
            SubmeterKind.HEAT,
            {"energy": 6_531_000, "volume": 0.069},
            {SlowQuantity.ENERGY: 6_531_000.0, SlowQuantity.VOLUME: 0.069},
        ),
        (  # the example of the M-Bus documentation, 6.2: 1 l now, 135 l then
            "78563412 0a 00 e9 7e 01000000 35010000",
            SubmeterKind.WATER,
            {"volume": 0.001, "volume.storage1": 0.135},
            {SlowQuantity.VOLUME: 0.001},
        ),
    ],
)
def test_the_fixed_structure_of_old_meters(
    data: str,
    kind: SubmeterKind,
    raw: dict[str, float],
    values: dict[SlowQuantity, float],
) -> None:
    read = mbus_submeter.reading(mbus_answer.read(answer(data, ci=0x73)))
    assert (read.kind, read.manufacturer, read.status) == (kind, None, ())
    assert read.meter_id in ("90919293", "12345678")
    assert {value.code: value.value for value in read.raw} == raw
    assert read.values == values


def test_who_answers_is_known_whatever_else_is_said() -> None:
    fixed = answer("93929190 10 00 05 69 31650000 69000000", ci=0x73)
    for frame in (fixed, answer("93929190 2423 01 07", ci=0x76)):
        identity = mbus_answer.identity(frame)
        assert identity is not None
        assert identity.number == "90919293"
    for frame in (answer("9392"), answer("9392", ci=0x73), answer("", ci=0x7A)):
        assert mbus_answer.identity(frame) is None


def test_what_a_master_sends_is_no_answer() -> None:
    with pytest.raises(ValueError, match="no answer of a meter"):
        mbus_answer.read(answer("", control=0x53))


def test_answers_without_a_long_header() -> None:
    short = mbus_answer.read(answer("01 04 0000 0113 05", ci=0x7A))
    none = mbus_answer.read(answer("0113 05", ci=0x78))
    for each, status in ((short, ("battery_low",)), (none, ())):
        assert (each.identity, each.status) == (None, status)
        found = mbus_submeter.reading(each)
        assert found.kind is SubmeterKind.UNKNOWN
        assert found.values == {SlowQuantity.VOLUME: 0.005}


def encrypted(plain: bytes, key: bytes = KEY) -> LinkFrame:
    access = 0x2A
    vector = IDENTITY[4:6] + IDENTITY[:4] + IDENTITY[6:] + bytes((access,)) * 8
    context = Cipher(AES128(key), CBC(vector)).encryptor()
    blocks = len(plain) // 16
    header = IDENTITY + bytes((access, 0, blocks << 4, 0x05))
    sealed = context.update(plain) + context.finalize()
    return LinkFrame(0x08, 1, 0x72, header + sealed + b"\x01\x2b\x07")


def test_mode_5_is_deciphered() -> None:
    plain = bytes.fromhex("2f2f 0c13 27048502") + b"\x2f" * 8
    values = mbus_submeter.reading(mbus_answer.read(encrypted(plain), KEY)).values
    # What follows the encrypted blocks is not encrypted (EN 13757-7, 7.6.4).
    assert values == {SlowQuantity.VOLUME: 2850.427, SlowQuantity.POWER: 7}


@pytest.mark.parametrize(
    ("key", "cause"),
    [
        (bytes(16), "the key is another one than the meter's"),
        (b"short", "the key has 5 bytes, expected 16"),
    ],
)
def test_a_wrong_key_is_told(key: bytes, cause: str) -> None:
    plain = bytes.fromhex("2f2f 0c13 27048502") + b"\x2f" * 8
    with pytest.raises(ValueError, match=cause):
        mbus_answer.read(encrypted(plain), key)


@pytest.mark.parametrize(
    ("medium", "records", "values"),
    [
        (3, "02 13 0100 02 93 3e 0200", {SlowQuantity.VOLUME: 0.002}),
        (3, "42 13 0100", {SlowQuantity.VOLUME: 0.001}),
        (4, "01 0e 24", {SlowQuantity.ENERGY: 10_000.0}),
        (4, "01 fb 0d 01", {SlowQuantity.ENERGY: 1163.0}),
        (4, "01 43 06", {SlowQuantity.FLOW: pytest.approx(0.036)}),
        (4, "04 83 3c 01000000", {}),
        (2, "04 83 3c 01000000", {SlowQuantity.EXPORT_ENERGY: 1.0}),
        (2, "81 40 2b 05", {}),
        (7, "11 13 05", {}),
    ],
)
def test_what_is_measured(
    medium: int, records: str, values: dict[SlowQuantity, float]
) -> None:
    assert reading(medium, records).values == values


@pytest.mark.parametrize(
    ("medium", "kind", "unit"),
    [
        (2, SubmeterKind.ELECTRICITY, "Wh"),
        (3, SubmeterKind.GAS, "m3"),
        (4, SubmeterKind.HEAT, "Wh"),
        (0x0A, SubmeterKind.COOLING, "Wh"),
        (0x0D, SubmeterKind.HEAT, "Wh"),
        (0x16, SubmeterKind.WATER, "m3"),
        (8, SubmeterKind.UNKNOWN, "Wh"),
    ],
)
def test_the_one_counter_that_a_main_meter_would_name(
    medium: int, kind: SubmeterKind, unit: str
) -> None:
    submeter = reading(medium, "01 06 05 01 16 07").submeter(3)
    assert (submeter.channel, submeter.kind, submeter.unit) == (3, kind, unit)
    assert submeter.value == (7 if unit == "m3" else 5000)
    assert reading(medium, "").submeter(1).value is None


def test_what_the_master_sends() -> None:
    # EN 13757-2, 5.7: the worked short frames of SND_NKE and REQ_UD2.
    assert mbus_link.initialise(1).hex() == "1040014116"
    assert mbus_link.request(1, fcb=False).hex() == "105b015c16"
    assert mbus_link.request(1, fcb=True).hex() == "107b017c16"
    select = mbus_link.select(Secondary("12345678").pattern)
    assert select.hex() == "680b0b6853fd5278563412ffffffffb216"
    with pytest.raises(ValueError, match="253 bytes of data, a frame holds 252"):
        mbus_link.long_frame(0x53, 1, 0x51, bytes(253))


@pytest.mark.parametrize("text", ["0", "5", "250", "254"])
def test_primary_addresses(text: str) -> None:
    assert parse(text) == int(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("12345678", "12345678FFFFFFFF"),
        (" 1234567f ", "1234567FFFFFFFFF"),
        ("123456782d2c0104", "123456782D2C0104"),
    ],
)
def test_secondary_addresses(text: str, address: str) -> None:
    assert str(parse(text)) == address


@pytest.mark.parametrize("text", ["", "251", "255", "-1", "x", "123456789", "²"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="is no address: 0 to 250"):
        parse(text)


def test_a_pattern_is_narrowed_digit_by_digit_and_means_what_it_selects() -> None:
    identity = mbus_answer.identity(answer(IDENTITY.hex()))
    assert identity is not None
    pattern, steps = Secondary(), 0
    while narrower := pattern.narrowed():
        [pattern] = [each for each in narrower if each.meant(identity)]
        steps += 1
    assert (pattern.number, steps) == ("12345678", 8)
    assert not Secondary("FFFFFFFF", b"\x2d\x2c\xff\xff").meant(identity)
