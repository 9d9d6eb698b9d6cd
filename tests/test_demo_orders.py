"""An order to the demonstration that makes no sense is refused in a sentence."""

from pathlib import Path

import pytest

from script.rig.demo_orders import give


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("limit", "-5"), "-5 is no limit: give whole watts, 0 or more"),
        (("limit", "nan"), "nan is no limit: give whole watts, 0 or more"),
        (("limit", "0", "--minutes", "-3"), "-3 is no span: give a number above 0"),
        (("limit", "0", "--minutes", "inf"), "inf is no span: give a number above 0"),
        (("fault", "silence", "--seconds", "x"), "x is no span: give a number above 0"),
    ],
)
async def test_a_number_that_makes_no_sense_is_refused(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    with pytest.raises(SystemExit):
        await give(tmp_path, arguments)
    assert sentence in capsys.readouterr().err
