"""The static limits of the grid connection contract."""

from cem_core.model import Direction, LimitSource, PowerLimit, Priority, Scope


def contract_limits(
    *, import_w: int | None = None, export_w: int | None = None
) -> tuple[PowerLimit, ...]:
    """Return the contract's limits; None is a direction without one."""
    return tuple(
        PowerLimit(
            limit_id=f"contract_{direction}",
            source=LimitSource.CONTRACT,
            issuer="contract",
            direction=direction,
            scope=Scope.CONNECTION,
            limit_w=limit_w,
            priority=Priority.CONTRACT,
        )
        for direction, limit_w in (
            (Direction.IMPORT, import_w),
            (Direction.EXPORT, export_w),
        )
        if limit_w is not None
    )
