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
    ``end`` until when it does.
    """

    wish_id: str
    device_id: str
    what: What
    start: datetime
    end: datetime | None
    power_w: int | None
    until: datetime

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

    def to_json(self) -> Json:
        """Return it as it is stored and shown."""
        return {
            "wish_id": self.wish_id,
            "device_id": self.device_id,
            "what": self.what.value,
            "start": self.start.isoformat(),
            "end": None if self.end is None else self.end.isoformat(),
            "power_w": self.power_w,
            "until": self.until.isoformat(),
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
        )


def _end(wish: Wish) -> datetime:
    return wish.until if wish.end is None else wish.end
