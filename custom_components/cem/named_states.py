"""States that a user names in a line of text, apart by commas."""


def named(line: str) -> frozenset[str]:
    """Return the states in ``line``; none where it is empty."""
    return frozenset(filter(None, map(str.strip, line.split(","))))
