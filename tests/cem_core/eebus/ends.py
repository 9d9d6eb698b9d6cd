"""Ends of EEBUS connections with a clock that tests turn."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cem_core.eebus.clock import Clock
from cem_core.eebus.controllable import ControllableSystem
from cem_core.eebus.grid_point import GridPoint, GridValues
from cem_core.eebus.home import Naming, our_home
from cem_core.eebus.peer import Peer, PeerRole
from cem_core.limits.limitation import LimitationSettings
from cem_core.model import Direction

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@dataclass(slots=True)
class Turned:
    """A clock at ``now_s``."""

    now_s: float = 0.0

    @property
    def clock(self) -> Clock:
        """The clock as the product takes it."""
        return Clock(
            monotonic_s=lambda: self.now_s,
            utc=lambda: START + timedelta(seconds=self.now_s),
        )


@dataclass(slots=True)
class End:
    """A CEM that speaks to one peer."""

    time: Turned = field(default_factory=Turned)
    naming: Naming = field(
        default_factory=lambda: Naming(brand="Demo", model="HEMS", serial="123456789")
    )
    values: GridValues = field(
        default_factory=lambda: GridValues(
            time=START, power_w=2345.5, import_energy_wh=2e6, export_energy_wh=1e6
        )
    )
    system: ControllableSystem = field(init=False)

    def __post_init__(self) -> None:
        """Start the limitation machines."""
        self.system = ControllableSystem(
            self.time.clock,
            {
                Direction.IMPORT: LimitationSettings(
                    nominal_max_w=32000, failsafe_limit_w=4200
                ),
                Direction.EXPORT: LimitationSettings(
                    production=True, nominal_max_w=10000, failsafe_limit_w=0
                ),
            },
        )

    def peer(self, role: PeerRole, *, client: bool = True) -> Peer:
        """Return the CEM's end of a connection to a trusted peer."""
        home = our_home(
            self.naming,
            self.time.clock,
            self.system,
            GridPoint(lambda: self.values),
            {Direction.IMPORT: 4200.0},
        )
        return Peer(home, role=role, client=client, trusted=True, peer_ship_id=None)
