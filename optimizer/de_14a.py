"""§14a EnWG for the devices of HOME.yaml: the arithmetic is `cem_core.tariff`'s."""

from collections.abc import Iterable, Iterator, Sequence

from cem_core.tariff import enwg14a
from optimizer.home_devices import Consumer


def steerable(devices: Iterable[Consumer]) -> Sequence[Sequence[enwg14a.RatedDevice]]:
    """Return the steerable devices; those that count as one are together."""
    return enwg14a.steerable(_rated(devices))


def guaranteed_kw(devices: Iterable[Consumer]) -> float:
    """Return P_min for ``devices``, 0 where none is steerable."""
    return enwg14a.guaranteed_kw(_rated(devices))


def _rated(devices: Iterable[Consumer]) -> Iterator[enwg14a.RatedDevice]:
    for device in devices:
        group = device.usual_group if device.group is None else device.group
        if group is None:
            continue  # an ordinary load
        given_kw = device.rated_power_kw
        yield enwg14a.RatedDevice(
            device_id=device.id,
            group=group,
            rated_kw=device.most_draw_kw if given_kw is None else given_kw,
            commissioned=device.commissioning_date,
        )
