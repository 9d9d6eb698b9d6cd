"""The meters of a home -> who bills what flows where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import gcd

import numpy as np

from optimizer import home
from optimizer.assemble_tariff import netted_steps
from optimizer.billing import Billing
from optimizer.bounds import Bounds
from optimizer.components.meter import Meter
from optimizer.components.sub_connection import SubConnection
from optimizer.home import Column, Home, Inner, Wiring
from optimizer.home_connection import HOUSEHOLD
from optimizer.home_tariff import MeteredPhases
from optimizer.horizon import Horizon, PerStep
from optimizer.series import Numbers

PHASES = (1, 2, 3)
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Metering:
    """How the connection is billed, if by itself, and the meters beside it."""

    connection: Billing | None
    meters: Sequence[Meter]

    @property
    def capacity_meter(self) -> str | None:
        """The meter that the home's capacity charges are measured at."""
        return HOUSEHOLD if HOUSEHOLD in {m.id for m in self.meters} else None


def metering(given: Home, bounds: Bounds, horizon: Horizon) -> Metering:
    """Return the meters of ``given``, in its order."""
    netted = netted_steps(given.tariff, horizon)
    columns = bounds.columns
    connection = Billing(
        import_price=columns[Column.IMPORT_PRICE],
        export_price=columns[Column.EXPORT_PRICE],
        most_import_kw=bounds.most_import_kw,
        most_export_kw=bounds.most_export_kw,
        netted=netted,
    )
    if given.tariff.metered_phases is MeteredPhases.EACH:
        meters = [_phase(p, given, bounds, netted) for p in PHASES]
        return Metering(connection=None, meters=meters)
    subs = [_sub(s, given, bounds, netted) for s in given.sub_connections]
    cascade = _cascade(given)
    if cascade is not None:
        return _in_cascade(cascade, given, bounds, connection, subs)
    if not subs:
        return Metering(connection=connection, meters=[])
    return Metering(
        connection=None,
        meters=[_household(given, bounds, connection, given.sub_connections), *subs],
    )


def lines(given: Home, horizon: Horizon) -> Sequence[SubConnection]:
    """Return what the lines of sub-connections carry, where that is bounded."""
    found = []
    for sub in given.sub_connections:
        dead = _dead(sub, horizon) if sub.powered else ()
        on = tuple(d.id for d in given.devices if d.connection == sub.id)
        if on and (dead or sub.import_limit_kw is not None):
            found.append(
                SubConnection(
                    id=sub.id, devices=on, limit_kw=sub.import_limit_kw, dead=dead
                )
            )
    return found


def _dead(sub: home.SubConnection, horizon: Horizon) -> tuple[int, ...]:
    """Return the steps in any part of which the line has no power."""
    whens = [powered.when for powered in sub.powered]
    spans = [span for when in whens for span in when.hours]
    ends = (minute for span in spans for minute in (span.first, span.end))
    grain_minutes = gcd(_DAY_MINUTES, *ends)
    return tuple(
        t
        for t, times in enumerate(horizon.grid.samples(grain_minutes))
        if not all(any(when.holds(local) for when in whens) for local in times)
    )


def _cascade(given: Home) -> home.SubConnection | None:
    found = (s for s in given.sub_connections if s.wiring is Wiring.CASCADE)
    return next(found, None)


def _in_cascade(
    cascade: home.SubConnection,
    given: Home,
    bounds: Bounds,
    connection: Billing,
    subs: Sequence[Meter],
) -> Metering:
    """Return the outer meter, at the price of what is between the two, and the inner.

    p_inner I+ + p_outer (N+ - I+) = p_outer N+ + (p_inner - p_outer) I+
    """
    own = bounds.columns[cascade.import_column]
    household = np.asarray(connection.import_price)
    if cascade.inner_meter is Inner.HOUSEHOLD:
        outer, inner = own, _household(given, bounds, connection, [cascade])
        more = household - own
    else:
        outer, more = household, own - household
        inner = next(meter for meter in subs if meter.id == cascade.id)
    return Metering(
        connection=_priced(connection, outer, connection.export_price),
        meters=[
            replace(inner, billing=_priced(inner.billing, more, np.zeros_like(more)))
        ],
    )


def _priced(billing: Billing, bought: PerStep, sold: PerStep) -> Billing:
    return replace(billing, import_price=bought, export_price=sold)


def _household(
    given: Home,
    bounds: Bounds,
    connection: Billing,
    subs: Sequence[home.SubConnection],
) -> Meter:
    """Return the meter of all that is at none of ``subs``: the connection less them."""
    names = {sub.id for sub in subs}
    apart = [d for d in given.devices if d.connection in names]
    own = {d.id: 1.0 for d in given.devices if d.connection not in names}
    most_import_kw, most_export_kw = bounds.counted_kw(own, bounds.load_kw)
    return Meter(
        id=HOUSEHOLD,
        shares={device.id: -1.0 for device in apart},
        load_kw=np.zeros(len(bounds.load_kw)),
        billing=Billing(
            import_price=connection.import_price,
            export_price=connection.export_price,
            most_import_kw=most_import_kw,
            most_export_kw=most_export_kw,
            netted=connection.netted,
        ),
        of_grid=True,
    )


def _sub(
    sub: home.SubConnection,
    given: Home,
    bounds: Bounds,
    netted: Sequence[Sequence[int]],
) -> Meter:
    shares = {d.id: 1.0 for d in given.devices if d.connection == sub.id}
    columns = bounds.columns
    nothing = np.zeros(len(bounds.load_kw))
    meter = _meter(
        sub.id,
        shares,
        nothing,
        (columns[sub.import_column], columns.get(sub.export_column, nothing)),
        bounds=bounds,
        netted=netted,
    )
    feeds = any(
        isinstance(d, home.Solar) or d.most_feed_kw > 0
        for d in given.devices
        if d.id in shares
    )
    return replace(meter, billing=replace(meter.billing, one_way=not feeds))


def _phase(
    phase: int, given: Home, bounds: Bounds, netted: Sequence[Sequence[int]]
) -> Meter:
    """Return one phase of a meter that counts each apart."""
    shares = {}
    for device in given.devices:
        on = device.phases or PHASES
        if phase in on:
            shares[device.id] = 1 / len(on)
    phases, columns = given.grid.phases, bounds.columns
    names = () if phases is None else phases.load_series
    load_kw = columns[names[phase - 1]] if names else bounds.load_kw / len(PHASES)
    prices = columns[Column.IMPORT_PRICE], columns[Column.EXPORT_PRICE]
    return _meter(
        f"phase {phase}",
        shares,
        load_kw,
        prices,
        bounds=bounds,
        netted=netted,
        load_share=1 / 3,
    )


def _meter(
    name: str,
    shares: Mapping[str, float],
    load_kw: Numbers,
    prices: tuple[Numbers, Numbers],
    *,
    bounds: Bounds,
    netted: Sequence[Sequence[int]],
    load_share: float = 0.0,
) -> Meter:
    most_import_kw, most_export_kw = bounds.counted_kw(shares, load_kw)
    return Meter(
        id=name,
        shares=shares,
        load_kw=load_kw,
        billing=Billing(
            import_price=prices[0],
            export_price=prices[1],
            most_import_kw=most_import_kw,
            most_export_kw=most_export_kw,
            netted=netted,
        ),
        load_share=load_share,
    )
