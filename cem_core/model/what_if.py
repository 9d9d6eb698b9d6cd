"""What a person may ask of a device to learn what it would cost."""

from enum import StrEnum


class What(StrEnum):
    """What is asked: a power, none, none in one direction, to begin, or to leave."""

    FORCE = "force"
    FORBID = "forbid"
    FORBID_CHARGE = "forbid_charge"
    FORBID_DISCHARGE = "forbid_discharge"
    START = "start"
    DEPART = "depart"
