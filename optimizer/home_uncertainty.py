"""How much of load and production is not known, as HOME.yaml says it."""

from dataclasses import dataclass

from optimizer.fields import described


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertainty:
    """Plan on what may come, not on what is expected alone.

    SERIES then holds ``load_kw`` or the column of a roof also as ``..._p10`` and
    ``..._p90``: what it stays below with a probability of 10 and of 90 %.
    """

    shared_steps: int = described(
        "first steps in which every device does the same whatever comes", 1, minimum=1
    )
    peak_quantile: float = described(
        "a capacity charge is paid for what is not exceeded with this probability",
        0.9,
        minimum=0.5,
        maximum=1,
    )
