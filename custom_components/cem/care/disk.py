"""How much room the disk has on which a home's evidence and curves are kept."""

from dataclasses import dataclass
from pathlib import Path
import shutil
from typing import Final

_MB: Final = 1_000_000
# Two years of evidence and three of curves of a home take some 20 MB; the database
# of Home Assistant takes as much again while it is repacked.
_LEAST_FREE_MB: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What is free on a disk, in MB."""

    free_mb: float

    @property
    def nearly_full(self) -> bool:
        """Whether what is written may soon be refused."""
        return self.free_mb < _LEAST_FREE_MB


def room_of(folder: Path) -> Room:
    """Return the room on the disk of ``folder``. Raises `OSError`."""
    return Room(free_mb=shutil.disk_usage(folder).free / _MB)
