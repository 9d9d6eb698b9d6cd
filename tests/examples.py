"""How many examples a law is tried on: few in script/test, many in script/soak."""

import os


def examples(few: int, many: int) -> int:
    """Return ``many`` in a soak, which tests/conftest.py says, else ``few``."""
    return many if os.environ.get("CEM_SOAK") else few
