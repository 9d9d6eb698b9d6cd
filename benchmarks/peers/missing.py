"""Why a peer cannot be run."""


class MissingError(RuntimeError):
    """Something a comparison needs is not here; says what, and what to do."""
