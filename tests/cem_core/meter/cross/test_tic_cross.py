"""Our TIC values against those of pyteleinfo, which reads historique."""

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.meter import tic
from cem_core.model import Reading
from tests.telegrams.tic import HISTORIQUE, frame, historique

teleinfo = pytest.importorskip("teleinfo", reason="only in .venv-cross: script/setup")

FRAMES = st.builds(
    lambda low, high, current_a, apparent_va: frame(
        historique(label, value)
        for label, value in (
            ("ADCO", "021861348497"),
            ("OPTARIF", "HC.."),
            ("ISOUSC", "45"),
            ("HCHC", f"{low:09}"),
            ("HCHP", f"{high:09}"),
            ("PTEC", "HP.."),
            ("IINST", f"{current_a:03}"),
            ("IMAX", "090"),
            ("PAPP", f"{apparent_va:05}"),
            ("HHPHC", "A"),
            ("MOTDETAT", "000000"),
        )
    ),
    st.integers(0, 10**9 - 1),
    st.integers(0, 10**9 - 1),
    st.integers(0, 999),
    st.integers(0, 99_999),
)


def agree(data: bytes) -> None:
    decoder = tic.Decoder()
    [reading] = [*decoder.feed(data), *decoder.finish()]
    assert isinstance(reading, Reading)
    mine = {value.code: value.value for value in reading.raw}
    theirs = teleinfo.codec.decode(data.decode("ascii"))
    assert set(mine) == set(theirs)
    for label, value in theirs.items():
        same = value if isinstance(mine[label], str) else int(value)
        assert mine[label] == same, label


def test_a_recorded_frame() -> None:
    agree(HISTORIQUE)


@given(FRAMES)
@settings(max_examples=200, deadline=None)
def test_any_values(data: bytes) -> None:
    agree(data)
