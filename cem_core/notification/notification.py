"""One thing that is worth telling a person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from cem_core.model import Message

_A_DAY: Final = timedelta(days=1)


class Subject(StrEnum):
    """What a notification is about; people choose of these."""

    NEAR_LIMIT = "near_limit"
    LIMIT = "limit"
    DEVICE = "device"
    PEAK = "peak"
    BUDGET = "budget"
    UNUSUAL = "unusual"
    OPPORTUNITY = "opportunity"
    PLAN = "plan"


class Urgency(IntEnum):
    """What a notification may disturb."""

    NORMAL = 0  # waits while it is quiet, and counts
    URGENT = 1  # comes at night and does not count; a snooze still holds it
    SAFETY = 2  # the supply is about to be cut: always


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What is told; the same ``key`` is the same thing, told once in ``again_after``.

    A later one replaces an earlier one of its key where it is still shown. Who has
    ``asked`` for it hears it whatever subjects they chose. From ``until`` on it is of
    no use any more, so that no digest tells it.
    """

    key: str
    subject: Subject
    title: Message
    text: Message
    urgency: Urgency = Urgency.NORMAL
    again_after: timedelta = _A_DAY
    asked: bool = False
    until: datetime | None = None
