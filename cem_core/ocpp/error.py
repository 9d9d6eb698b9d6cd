"""What can go wrong with a charging station."""


class StationGoneError(ConnectionError):
    """The station's connection ended; the text says why."""


class StationRefusedError(Exception):
    """A station that did not do what it was asked; the text says why."""
