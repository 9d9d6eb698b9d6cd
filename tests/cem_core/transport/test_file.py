"""A recording is read to its end."""

from pathlib import Path

import pytest

from cem_core.transport import FileSource
from tests.telegrams.compose import DSMR5


async def test_all_bytes_of_a_file_come(tmp_path: Path) -> None:
    path = tmp_path / "recording"
    path.write_bytes(DSMR5 * 200)
    pieces = [piece async for piece in FileSource(path=path).stream()]
    assert len(pieces) > 1
    assert b"".join(pieces) == DSMR5 * 200


async def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await anext(FileSource(path=tmp_path / "none").stream())
