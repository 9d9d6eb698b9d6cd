"""What a person wishes of a device, until it is over or taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from cem_core.model.units import kw
from cem_core.model.what_if import What

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One wish; it is forgotten at ``until``.

    ``start`` is when a run begins or a car leaves, else from when a power holds;
    ``end`` until when it does. ``takes_control``: it is carried out although the device
    is not under control, for that once. ``reminds``: nothing can start it, and people
    are told when it is time; ``asked_by``, a user's id, is who asked for that.
    """

    wish_id: str
    device_id: str
    what: What
    start: datetime
    end: datetime | None
    power_w: int | None
    until: datetime
    takes_control: bool = False
    reminds: bool = False
    asked_by: str | None = None

    def excludes(self, other: Wish) -> bool:
        """Tell whether a device cannot do both, so that the newer one is meant."""
        if self.device_id != other.device_id:
            return False
        if self.what is other.what and self.what in {What.START, What.DEPART}:
            return True
        if What.DEPART in {self.what, other.what}:
            return False
        return self.start < _end(other) and other.start < _end(self)

    def for_plan(self) -> Json:
        """Return it as the optimizer takes it, in kW."""
        document: Json = {
            "device": self.device_id,
            "what": self.what.value,
            "start": self.start.isoformat(),
        }
        if self.end is not None:
            document["end"] = self.end.isoformat()
        if self.power_w is not None:
            document["power_kw"] = kw(self.power_w)
        return document

    def shown(self) -> Json:
        """Return it as it is shown: who asked for it is nobody's business."""
        return {key: v for key, v in self.to_json().items() if key != "asked_by"}

    def to_json(self) -> Json:
        """Return it as it is stored."""
        return {
            "wish_id": self.wish_id,
            "device_id": self.device_id,
            "what": self.what.value,
            "start": self.start.isoformat(),
            "end": None if self.end is None else self.end.isoformat(),
            "power_w": self.power_w,
            "until": self.until.isoformat(),
            "takes_control": self.takes_control,
            "reminds": self.reminds,
            "asked_by": self.asked_by,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return what `to_json` made."""
        end = document["end"]
        return cls(
            wish_id=document["wish_id"],
            device_id=document["device_id"],
            what=What(document["what"]),
            start=datetime.fromisoformat(document["start"]),
            end=None if end is None else datetime.fromisoformat(end),
            power_w=document["power_w"],
            until=datetime.fromisoformat(document["until"]),
            takes_control=document.get("takes_control", False),
            reminds=document.get("reminds", False),
            asked_by=document.get("asked_by"),
        )


def _end(wish: Wish) -> datetime:
    return wish.until if wish.end is None else wish.end
