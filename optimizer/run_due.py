"""The wish that a run is done, which gives way where it cannot be."""

from cem_core.model import Message
from optimizer import home
from optimizer.component import Block, Rank, Soft
from optimizer.horizon import Horizon


def run_due(
    device: home.Appliance | home.Programme,
    energy_kwh: float,
    block: Block,
    horizon: Horizon,
) -> Soft:
    """Return the wish for one run of ``device``, which draws ``energy_kwh``.

    ``block.slack[0]`` is 1 where it is left out.
    """
    latest_end = horizon.local(device.latest_end)
    return Soft(
        rank=Rank.RUN,
        constraint=f"{device.id} run by {latest_end:%H:%M}",
        unit="kWh",
        message=lambda by: Message.of(
            "appliance_does_not_run",
            device=device.id,
            end_time=latest_end,
            by_kwh=by,
        ),
        slack=[block.slack[0]],
        by_per_slack=energy_kwh,
        kwh_per_slack=block.given.energy_kwh,
    )
