from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers.canonical import Canonical, Home, changed
from benchmarks.peers.environments import haeo
from benchmarks.peers.missing import MissingError
from benchmarks.peers.rows import (
    Took,
    as_table,
    broken,
    dearer,
    faster,
    missing,
    times_as_long,
    versions,
)

SLOW, FAST = [Took(2.0, 1.0), Took(4.0, 3.0)], [Took(0.02), Took(0.04)]


def test_faster_by_enough_or_not() -> None:
    row = faster("a plan", FAST, SLOW, 100)
    assert (row.ratio, row.met, row.count) == ("100x faster", True, 2)
    assert faster("a plan", FAST, SLOW, 101).met is False
    assert faster("a plan", FAST, SLOW).met is None
    assert row.processor == ""  # of ours it is not known


def test_as_long_as_allowed_or_longer() -> None:
    row = times_as_long("a plan", SLOW, SLOW, 1.0)
    assert (row.met, row.processor) == (True, "1")
    assert times_as_long("a plan", SLOW, FAST, 4.0).met is False


def test_a_lower_cost_is_met_unless_both_must_agree() -> None:
    ours, theirs = [9.0, 10.0], [10.0, 10.0]
    assert dearer("cost", ours, theirs, 1e-6).met is True
    assert dearer("cost", ours, theirs, 1e-6, either_way=True).met is False
    assert dearer("cost", theirs, ours, 1e-6).met is False


def test_only_our_broken_schedules_count() -> None:
    late = {"ev_need": 1.0}
    assert broken("schedules", [{}, {}], [late, late]).met is True
    assert broken("schedules", [{}, late], [{}, {}]).met is False


def test_a_peer_that_cannot_be_run_stands_in_the_table() -> None:
    text = as_table([missing("HAEO", "no checkout"), faster("a plan", FAST, SLOW, 101)])
    assert "missing: no checkout" in text
    assert text.count("\n") == 3
    assert "| NO " in text


def test_versions_stand_below_the_table() -> None:
    rows = [versions("EMHASS", {"a": "1"}, {"b": "2"}), broken("plans", [{}], [{}])]
    assert as_table(rows).endswith("yes |\n\n- EMHASS: ours on a 1; theirs on b 2")


def test_what_is_missing_is_said_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(MissingError, match="name its folder with --tools"):
        Canonical(tmp_path, tmp_path)
    with pytest.raises(MissingError, match="holds no checkout of HAEO"):
        haeo(tmp_path)
    with pytest.raises(MissingError, match="--haeo"):
        haeo(None)


def test_a_checkout_of_haeo_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "custom_components" / "haeo").mkdir(parents=True)
    assert haeo(tmp_path) == tmp_path


def test_new_data_leave_the_home_alone() -> None:
    home: Home = {
        "n": 2,
        "p_imp": np.array([0.2, 0.3]),
        "p_exp": np.array([0.1, 0.1]),
        "base": np.ones(2),
        "pv": np.ones(2),
        "bat": {"cap": 10.0, "soc0": 5.0},
    }
    one, other = changed(home, 0), changed(home, 1)
    assert home["bat"] == {"cap": 10.0, "soc0": 5.0}
    assert one["bat"]["soc0"] != other["bat"]["soc0"]
    margin = home["p_imp"] - home["p_exp"]
    assert one["p_imp"] - one["p_exp"] == pytest.approx(margin)
    assert (changed(home, 0)["p_imp"] == one["p_imp"]).all()
