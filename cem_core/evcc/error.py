"""What goes wrong between the CEM and evcc."""


class EvccError(Exception):
    """evcc said what cannot be taken, or refused; in one line."""


class EvccGoneError(EvccError):
    """evcc does not answer."""
