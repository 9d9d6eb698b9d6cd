"""What `flexibility` says together with the devices: a kW is sold once."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from optimizer.flexible import refusal
from optimizer.home import Activation, Home, Reservation


def check_flexibility(home: Home) -> Iterator[tuple[str, str]]:
    """Return the place and the text of what does not fit together."""
    sold = home.flexibility
    names: set[str] = set()
    every: dict[str, Sequence[Activation | Reservation]] = {
        "activations": sold.activations,
        "reservations": sold.reservations,
    }
    for kind, windows in every.items():
        for place, each in enumerate(windows):
            where = f"flexibility.{kind}[{place}]"
            if each.id in names:
                yield f"{where}.id", f"{each.id!r} is sold already"
            names.add(each.id)
            if each.end <= each.start:
                yield f"{where}.end", "must be after start"
        yield from _overlaps(kind, windows)
    for place, held in enumerate(sold.reservations):
        yield from _reservation(home, held, f"flexibility.reservations[{place}]")


def _overlaps(
    kind: str, windows: Sequence[Activation | Reservation]
) -> Iterator[tuple[str, str]]:
    for (_, one), (place, other) in combinations(enumerate(windows), 2):
        together = one.start < other.end and other.start < one.end
        if together and one.direction is other.direction:
            text = f"overlaps {one.id}, and a kW that is sold twice is paid once"
            yield f"flexibility.{kind}[{place}].start", text


def _reservation(
    home: Home, held: Reservation, where: str
) -> Iterator[tuple[str, str]]:
    phases = home.grid.phases
    if phases is not None and (phases.limit_kw, phases.imbalance_limit_kw) != (
        None,
        None,
    ):
        yield where, "is not kept within limits of phases: leave those out"
    devices = {device.id: device for device in home.devices}
    for spot, name in enumerate(held.devices):
        place = f"{where}.devices[{spot}]"
        if name not in devices:
            yield place, f"{name!r} is no device of this home"
        elif reason := refusal(home, held, devices[name]):
            yield place, f"{name} cannot deliver: it {reason}"
