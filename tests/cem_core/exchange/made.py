"""Load curves and registers that the tests share."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from cem_core.exchange import Interval, LoadCurve, Status
from cem_core.exchange.curve import TOTALS
from cem_core.exchange.from_registers import RegisterValue
from cem_core.model import Direction

QUARTER = timedelta(minutes=15)
START = datetime(2026, 1, 14, 23, 0, tzinfo=UTC)
MADE = datetime(2026, 1, 16, 6, 30, tzinfo=UTC)
METER = "E0047000123456789"


def value(
    seconds: float,
    value_wh: int,
    *,
    meter_id: str = METER,
    direction: Direction = Direction.IMPORT,
) -> RegisterValue:
    """Return a register ``seconds`` after START."""
    return RegisterValue(
        time=START + timedelta(seconds=seconds),
        meter_id=meter_id,
        direction=direction,
        register=TOTALS[direction],
        value_wh=value_wh,
    )


def curve(
    energies_wh: list[int | None],
    *,
    statuses: list[Status] | None = None,
    direction: Direction = Direction.IMPORT,
    meter_id: str = METER,
    start: datetime = START,
    resolution: timedelta = QUARTER,
    mid: bool = False,
) -> LoadCurve:
    """Return a curve; None is missing, other statuses are metered by default."""
    known = statuses or [Status.METERED] * len(energies_wh)
    return LoadCurve(
        meter_id=meter_id,
        direction=direction,
        register=TOTALS[direction],
        resolution=resolution,
        intervals=tuple(
            Interval(
                start=start + n * resolution,
                energy_wh=energy_wh,
                status=Status.MISSING if energy_wh is None else status,
            )
            for n, (energy_wh, status) in enumerate(
                zip(energies_wh, known, strict=True)
            )
        ),
        mid=mid,
    )


_KNOWN = [Status.METERED, Status.CALCULATED, Status.ESTIMATED]


@st.composite
def curves(draw: st.DrawFn) -> list[LoadCurve]:
    """Return one to three curves, each of a meter of its own, with any gaps.

    The first interval is metered, so that what no format can say of a curve without
    values (that an MID register backs it) is said.
    """
    found = []
    for place in range(draw(st.integers(1, 3))):
        rest = draw(
            st.lists(st.one_of(st.none(), st.integers(0, 250_000)), max_size=30)
        )
        energies: list[int | None] = [draw(st.integers(0, 99_999)), *rest]
        statuses = [draw(st.sampled_from(_KNOWN)) for _ in rest]
        found.append(
            curve(
                energies,
                statuses=[Status.METERED, *statuses],
                direction=draw(st.sampled_from(Direction)),
                meter_id=draw(_METER_IDS) + str(place),
                start=START + draw(st.integers(-100_000, 100_000)) * QUARTER,
                resolution=draw(
                    st.sampled_from([timedelta(minutes=n) for n in (5, 15, 30, 60)])
                ),
                mid=draw(st.booleans()),
            )
        )
    return found


_METER_IDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20
)
