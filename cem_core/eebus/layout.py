"""Where what stands on our device: the addresses of our entities and features."""

from typing import Final

from cem_core.eebus.datagram import Address

CEM: Final = (1,)
GRID_POINT: Final = (2,)

# Energy guards look for the first of each type on the entity of the use case.
PEER_HEARTBEAT: Final = Address(CEM, 1)
LIMITS: Final = Address(CEM, 2)
CONFIGURATION: Final = Address(CEM, 3)
HEARTBEAT: Final = Address(CEM, 4)
CONNECTION: Final = Address(CEM, 5)
PEER_LIMITS: Final = Address(CEM, 6)
PEER_CONFIGURATION: Final = Address(CEM, 7)
PEER_MEASUREMENT: Final = Address(CEM, 8)
PEER_CONNECTION: Final = Address(CEM, 9)
PEER_FLEXIBILITY: Final = Address(CEM, 10)
PEER_SETPOINT: Final = Address(CEM, 11)
PEER_HVAC: Final = Address(CEM, 12)

GRID_MEASUREMENT: Final = Address(GRID_POINT, 1)
GRID_CONNECTION: Final = Address(GRID_POINT, 2)
