"""What can be wrong with what a peer sends."""


class EebusError(ValueError):
    """A message that is not SHIP or SPINE, with what and where."""
