"""What people may do with a home: resident, installer or guest."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """Who somebody is in a home."""

    GUEST = "guest"
    RESIDENT = "resident"
    INSTALLER = "installer"


class Right(StrEnum):
    """What somebody may want to do."""

    LOOK = "look"  # see powers, plans, prices; ask what something would cost
    WISH = "wish"  # charge, boost, profile, season, take a device from the CEM and back
    STEP_BACK = "step_back"  # let the CEM only observe or advise
    CONTROL = "control"  # let the CEM command devices
    INSTALL = "install"  # test devices, forget what was learned, read the evidence


_RESIDENT: Final = frozenset({Right.LOOK, Right.WISH, Right.STEP_BACK})
RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    Role.GUEST: frozenset({Right.LOOK}),
    Role.RESIDENT: _RESIDENT,
    Role.INSTALLER: _RESIDENT | {Right.CONTROL, Right.INSTALL},
}
