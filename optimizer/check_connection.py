"""What `sub_connections` say together with the tariff and the devices."""

from collections.abc import Iterator

from optimizer.check_tariff import check_capacity, check_export, check_import
from optimizer.home import Battery, Home, Inner, SubConnection, Wiring
from optimizer.home_connection import HOUSEHOLD
from optimizer.home_tariff import MeteredPhases


def check_connections(home: Home) -> Iterator[tuple[str, str]]:
    """Return the place and the text of what does not fit together."""
    seen: set[str] = set()
    cascades = [s for s in home.sub_connections if s.wiring is Wiring.CASCADE]
    for place, sub in enumerate(home.sub_connections):
        where = f"sub_connections[{place}]"
        if sub.id in seen:
            yield f"{where}.id", f"{sub.id!r} names another sub-connection already"
        if sub.id == HOUSEHOLD:
            yield f"{where}.id", f"{sub.id!r} is the home's own meter"
        seen.add(sub.id)
        if sub in cascades and len(home.sub_connections) > 1:
            yield f"{where}.wiring", "a cascade has to be the one sub-connection"
        for name, text in _sub(sub):
            yield f"{where}{name}", text
    yield from _devices(home, seen)
    yield from _tariff(home)


def _sub(sub: SubConnection) -> Iterator[tuple[str, str]]:
    if (sub.import_ is None) == (sub.import_series is None):
        yield ".import", "give either import or import_series"
    if sub.export is not None and sub.export_series is not None:
        yield ".export", "stands beside export_series: give one"
    inner = sub.inner_meter is Inner.DEVICES
    sold = sub.export is not None or sub.export_series is not None
    if sold and sub.wiring is Wiring.CASCADE:
        yield ".export", "in a cascade the household's meter sells: leave it out"
    if sub.capacity and sub.wiring is Wiring.CASCADE and not inner:
        yield ".capacity", "needs inner_meter: devices, a meter of their own"
    yield from _prices(sub)
    for place, charge in enumerate(sub.capacity):
        which = f"[{place}]" if len(sub.capacity) > 1 else ""
        for name, text in check_capacity(charge):
            yield f".capacity{which}{name}", text


def _prices(sub: SubConnection) -> Iterator[tuple[str, str]]:
    if sub.import_ is not None:
        for name, text in check_import(sub.import_):
            yield f".import{name}", text
        if sub.import_.blocks:
            yield ".import.blocks", "are counted at the home's own meter alone"
    if sub.export is not None:
        for name, text in check_export(sub.export):
            yield f".export{name}", text
        if sub.export.net_metering_until is not None:
            text = "holds for the home's own meter alone"
            yield ".export.net_metering_until", text


def _devices(home: Home, known: set[str]) -> Iterator[tuple[str, str]]:
    switched = {sub.id for sub in home.sub_connections if sub.powered}
    for place, device in enumerate(home.devices):
        if device.connection is not None and device.connection not in known:
            text = f"{device.connection!r} is no sub-connection of this home"
            yield f"devices[{place}].connection", text
        always = isinstance(device, Battery) and device.standby_kw
        if device.connection in switched and always:
            text = f"draws at all times, but {device.connection} has hours of power"
            yield f"devices[{place}].standby_kw", text


def _tariff(home: Home) -> Iterator[tuple[str, str]]:
    each = home.tariff.metered_phases is MeteredPhases.EACH
    if each and home.sub_connections:
        text = "each is not for a home with sub_connections"
        yield "tariff.metered_phases", text
    bought = home.tariff.import_
    if bought is not None and bought.blocks and (each or home.sub_connections):
        text = "need one meter that counts all: no sub_connections, phases summed"
        yield "tariff.import.blocks", text
