"""Exit statuses, the same for every command."""

from typing import Final

DONE: Final = 0
BAD_INPUT: Final = 1
"""The input was (partly) bad or the request cannot be met; stderr says what."""
WRONG_USAGE: Final = 2
INTERRUPTED: Final = 130
"""Ended by Ctrl-C, as shells report it."""
TERMINATED: Final = 143
"""Ended by SIGTERM, as shells report it."""
