import json

import pytest

from optimizer.cli import main
from optimizer.measure import measure
from optimizer.standard import STANDARD, Standard

pytestmark = pytest.mark.timeout(60)


def test_it_prints_a_row_for_each_problem(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--homes", "1", "--only", "negative"]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split()[:2] == ["problem", "homes"]
    assert row.startswith("a day, negative prices  1 ")


def test_json_has_the_same_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--homes", "1", "--only", "one phase", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["problem"] == "a day, car on one phase"
    assert min(row["again_s"], row["first_s"], row["mip_s"]) > 0
    assert 0 <= row["largest_gap"] <= 1e-3


def test_a_problem_that_is_not_there_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["bench", "--only", "moon"]) == 1
    assert (
        "no problem has 'moon' in: a day, car on one phase" in capsys.readouterr().err
    )


def test_a_count_of_homes_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["bench", "--homes", "0"])
    assert "must be a whole number above 0, not '0'" in capsys.readouterr().err


@pytest.mark.parametrize("problem", STANDARD[:2], ids=lambda problem: problem.name)
def test_ours_and_highs_agree_within_both_gaps(problem: Standard) -> None:
    home = next(iter(measure(problem)))
    apart = abs(home.cost - home.searched_cost)
    assert apart <= (home.gap + home.searched_gap) * abs(home.cost) + 1e-9
