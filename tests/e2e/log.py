"""What Home Assistant's log must not hold."""

from collections.abc import Sequence
from pathlib import Path
import re
from typing import Final

# Of Home Assistant's own parts, which every machine without these system
# libraries shows; nothing of the CEM, its devices or MQTT is in this list.
NOT_OURS: Final = (
    r"\[haffmpeg\.core\] FFmpeg fails",
    r"\[homeassistant\.components\.camera\.img_util\] Error loading libturbojpeg",
)
ENTRY: Final = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S* (?P<level>[A-Z]+) ")
# Home Assistant's own word on what the CEM should not do, or will not be able to.
DETECTED: Final = ("Detected blocking call", "Detected that custom integration 'cem'")
FORBIDDEN: Final = frozenset({"ERROR", "CRITICAL", "FATAL"})


def complaints(text: str, allowed: Sequence[str] = ()) -> list[str]:
    """Return the forbidden entries in a log, each with what follows it."""
    found: list[str] = []
    taking = False
    for line in text.splitlines():
        entry = ENTRY.match(line)
        if entry is None:
            if taking:
                found[-1] += f"\n{line}"
            continue
        taking = any(each in line for each in DETECTED) or (
            entry["level"] in FORBIDDEN
            and not any(re.search(pattern, line) for pattern in (*NOT_OURS, *allowed))
        )
        if taking:
            found.append(line)
    return found


class LogWatch:
    """The part of a log that is written from now on."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._from = log.stat().st_size if log.exists() else 0

    def text(self) -> str:
        """Return what has been written since."""
        with self._log.open("rb") as log:
            log.seek(self._from)
            return log.read().decode(errors="replace")
