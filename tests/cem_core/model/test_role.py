"""Roles: each may what the one below may, and more."""

from itertools import pairwise

from cem_core.model.role import RIGHTS, Right, Role


def test_each_role_may_more_than_the_one_before() -> None:
    for less, more in pairwise((Role.GUEST, Role.RESIDENT, Role.INSTALLER)):
        assert RIGHTS[less] < RIGHTS[more]
    assert RIGHTS[Role.INSTALLER] == set(Right)


def test_a_guest_only_looks_and_a_resident_never_lets_control_begin() -> None:
    assert RIGHTS[Role.GUEST] == {Right.LOOK}
    assert not RIGHTS[Role.RESIDENT] & {Right.CONTROL, Right.INSTALL}
