"""Descriptions that begin to hold later: until then the one before counts."""

from datetime import datetime, timedelta
from typing import Final

from s2python.ddbc import DDBCSystemDescription
from s2python.frbc import FRBCLeakageBehaviour, FRBCSystemDescription
from s2python.message import S2Message
from s2python.ombc import OMBCSystemDescription
from s2python.pebc import PEBCPowerConstraints

type Dated = (
    DDBCSystemDescription
    | FRBCLeakageBehaviour
    | FRBCSystemDescription
    | OMBCSystemDescription
    | PEBCPowerConstraints
)
# Clocks differ: what holds in so little time holds now.
_NOW: Final = timedelta(minutes=1)


class Held:
    """Of each kind of description the last that was told."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._found: dict[str, Dated] = {}

    def keeps(self, message: S2Message, now: datetime) -> bool:
        """Keep ``message`` if it holds later only; False: it holds now."""
        match message:
            case (
                DDBCSystemDescription()
                | FRBCLeakageBehaviour()
                | FRBCSystemDescription()
                | OMBCSystemDescription()
                | PEBCPowerConstraints()
            ):
                kind = message.message_type
                if message.valid_from - now <= _NOW:
                    self._found.pop(kind, None)
                    return False
                self._found[kind] = message
                return True
            case _:
                return False

    def due(self, now: datetime) -> list[Dated]:
        """Return what holds by now, and hold it no longer."""
        found = [each for each in self._found.values() if each.valid_from <= now]
        for each in found:
            del self._found[each.message_type]
        return found

    def revoke(self, subject: str) -> bool:
        """Forget what the device takes back; False: it is not held."""
        for kind, each in self._found.items():
            names = {str(each.message_id), str(getattr(each, "id", ""))}
            if subject in names:
                del self._found[kind]
                return True
        return False

    def forget(self) -> None:
        """Hold nothing any more."""
        self._found.clear()
