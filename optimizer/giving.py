"""The columns of a compiled model that may give way, rank by rank."""

from optimizer.assemble import Parts
from optimizer.horizon import Horizon
from optimizer.matrices import Compiled
from optimizer.problem import softs
from optimizer.solve import Giving


def giving(parts: Parts, compiled: Compiled, horizon: Horizon) -> list[Giving]:
    """Return what may give way in ``compiled``, rank by rank."""
    model = compiled.model
    found = softs(parts, model, horizon)
    return [
        Giving(
            rank=rank,
            violation=int(compiled.columns_of([violation])[0]),
            slacks=compiled.columns_of(
                v for soft in found if soft.rank == rank for v in soft.slack
            ),
        )
        for rank, violation in model.violation.items()
    ]
