"""We as Configuration and Monitoring Appliance of a heat pump's hot water.

A circuit has one to four set temperatures; which of them counts is that of the operation
mode it is in. One that cannot be told apart from others is not written: it might be that
of another mode. A write needs no binding; one that is asked for is made.

Source: EEBUS UC TS CDT 1.0.0 (Configuration of DHW Temperature), scenario 1, and MDT 1.0.0
(Monitoring of DHW Temperature), as public implementations have them.
"""

from collections.abc import Callable, Mapping, Set as AbstractSet
from typing import Any, ClassVar, Final

from cem_core.eebus.datagram import Address, ErrorNumber, is_index
from cem_core.eebus.json_form import Tree
from cem_core.eebus.layout import PEER_HVAC, PEER_MEASUREMENT, PEER_SETPOINT
from cem_core.eebus.remote import Remote, RemoteFeature
from cem_core.eebus.session import Answered, Heard, Out, Session
from cem_core.eebus.values import items, number, scaled

ENTITY: Final = "DHWCircuit"
CONFIGURES: Final = "configurationOfDhwTemperature"
MONITORS: Final = "monitoringOfDhwTemperature"
SCOPE: Final = "dhwTemperature"
CELSIUS: Final = "degC"
RETRY_S: Final = 60.0  # after a refusal, or where it says something else
SETPOINTS: Final = "setpointListData"
_CLIENTS: Final = {
    "Setpoint": PEER_SETPOINT,
    "HVAC": PEER_HVAC,
    "Measurement": PEER_MEASUREMENT,
}
_READ: Final = {
    "Setpoint": (
        "setpointDescriptionListData",
        "setpointConstraintsListData",
        SETPOINTS,
    ),
    "HVAC": (
        "hvacSystemFunctionListData",
        "hvacSystemFunctionSetpointRelationListData",
    ),
    "Measurement": ("measurementDescriptionListData", "measurementListData"),
}
_SAME_K: Final = 0.05


class HotWater:
    """What one heat pump says of its hot water, and how hot it is to be.

    ``refused`` is why it did not take our last temperature, None: it took it.
    """

    def __init__(self, session: Session) -> None:
        """Follow the peer of ``session``."""
        self._session = session
        self._servers: dict[Address, str] = {}
        self._described: dict[int, bool] = {}  # setpoints: whether ours to write
        self._ranges_c: dict[int, tuple[float, float]] = {}
        self._set_c: dict[int, float] = {}
        self._modes: dict[int, frozenset[int]] = {}  # setpoints by operation mode
        self._mode: int | None = None
        self._measures: int | None = None
        self._binds = False
        self._once = False
        self._write: int | None = None
        self._retry_s = -float("inf")
        self.wished_c: float | None = None
        self.water_c: float | None = None
        self.refused: str | None = None

    @property
    def set_c(self) -> float | None:
        """The set temperature that counts now, None: it cannot be told."""
        setpoint = self._setpoint()
        return None if setpoint is None else self._set_c.get(setpoint)

    def discovered(self, found: Remote, now_s: float) -> list[Out]:
        """Begin to follow its hot water, where it has any."""
        out: list[Out] = []
        for feature in self._of_circuit(found):
            if feature.address in self._servers:
                continue
            self._servers[feature.address] = feature.type
            client = _CLIENTS[feature.type]
            out += self._session.subscribe(now_s, client, feature.address, feature.type)
            for function in _READ[feature.type]:
                asked = _as_spelt(function, feature.functions)
                out += self._session.read(now_s, client, feature.address, asked)
        return out

    @staticmethod
    def _of_circuit(found: Remote) -> list[RemoteFeature]:
        return [
            feature
            for kind in _CLIENTS
            for feature in found.servers(kind)
            if found.entities.get(feature.address.entity) == ENTITY
        ]

    def heard(self, heard: Heard, now_s: float) -> list[Out]:
        """Take what it says. Raises `EebusError`."""
        if heard.source not in self._servers:
            return []
        taker = self._takers.get(heard.function.lower())
        if taker is not None:
            taker(self, heard.data)
        return self.tick(now_s)

    def _describe_all(self, data: Tree) -> None:
        for each in items(data, "setpointDescriptionData"):
            self._describe(each)

    def _bound_all(self, data: Tree) -> None:
        for each in items(data, "setpointConstraintsData"):
            self._bound(each)

    def _is_set(self, data: Tree) -> None:
        for each in items(data, "setpointData"):
            if is_index(each.get("setpointId")) and "value" in each:
                self._set_c[each["setpointId"]] = number(each["value"])

    def _is_in(self, data: Tree) -> None:
        for each in items(data, "hvacSystemFunctionData"):
            if is_index(each.get("currentOperationModeId")):
                self._mode = each["currentOperationModeId"]

    def _measures_by(self, data: Tree) -> None:
        for each in items(data, "measurementDescriptionData"):
            if each.get("scopeType") == SCOPE and each.get("unit") == CELSIUS:
                self._measures = each.get("measurementId")

    def _measured(self, data: Tree) -> None:
        for each in items(data, "measurementData"):
            ours = self._measures is not None
            if ours and each.get("measurementId") == self._measures and "value" in each:
                self.water_c = number(each["value"])

    def _describe(self, said: Mapping[str, Any]) -> None:
        name = said.get("setpointId")
        if is_index(name):
            absolute = said.get("setpointType") in (None, "valueAbsolute")
            ours = said.get("scopeType") == SCOPE and said.get("unit") == CELSIUS
            self._described[name] = absolute and ours

    def _bound(self, said: Mapping[str, Any]) -> None:
        name, ends = said.get("setpointId"), ("setpointRangeMin", "setpointRangeMax")
        if is_index(name) and all(end in said for end in ends):
            least_c, most_c = (number(said[end]) for end in ends)
            self._ranges_c[name] = least_c, most_c

    def _relate(self, data: Tree) -> None:
        for key in data:
            if key.lower() != "hvacsystemfunctionsetpointrelationdata":
                continue
            for each in items(data, key):
                mode, said = each.get("operationModeId"), each.get("setpointId", [])
                if is_index(mode):
                    names = said if isinstance(said, list) else [said]
                    self._modes[mode] = frozenset(n for n in names if is_index(n))

    _takers: ClassVar[Mapping[str, Callable[[HotWater, Tree], None]]] = {
        "setpointdescriptionlistdata": _describe_all,
        "setpointconstraintslistdata": _bound_all,
        "setpointlistdata": _is_set,
        "hvacsystemfunctionlistdata": _is_in,
        "hvacsystemfunctionsetpointrelationlistdata": _relate,
        "measurementdescriptionlistdata": _measures_by,
        "measurementlistdata": _measured,
    }

    def _setpoint(self) -> int | None:
        """Return which set temperature counts, None: none, or nobody knows."""
        known = {name for name, ours in self._described.items() if ours}
        if self._modes:
            if self._mode is None:
                return None
            known &= self._modes.get(self._mode, frozenset())
        return next(iter(known)) if len(known) == 1 else None

    def answered(self, answered: Answered, now_s: float) -> None:
        """Note how our last temperature was taken."""
        if answered.counter != self._write:
            return
        self._write = None
        if answered.number == ErrorNumber.OK:
            self.refused = None
            return
        if answered.number == ErrorNumber.BINDING_NECESSARY and not self._binds:
            self._binds, self._retry_s = True, now_s
            return
        self._retry_s = now_s + RETRY_S
        self.refused = answered.description or f"error {answered.number}"

    def warm(
        self, wished_c: float | None, now_s: float, *, once: bool = False
    ) -> list[Out]:
        """Have it this hot from now on; None: it is left as it is.

        ``once``: only until it says so, who sets it then may.
        """
        self._once = once
        if wished_c != self.wished_c:
            self.wished_c, self._retry_s = wished_c, -float("inf")
        return self.tick(now_s)

    def tick(self, now_s: float) -> list[Out]:
        """Write the temperature where it is another, one at a time."""
        setpoint = self._setpoint()
        if setpoint is None or self._write is not None:
            return []
        wanted_c, holds_c = self._within(setpoint), self._set_c.get(setpoint)
        if wanted_c is None:
            return []
        if holds_c is not None and abs(holds_c - wanted_c) < _SAME_K:
            if self._once:
                self.wished_c = None
            return []
        if now_s < self._retry_s:
            return []
        server = next(a for a, kind in self._servers.items() if kind == "Setpoint")
        out = []
        if self._binds:
            out = self._session.bind(now_s, PEER_SETPOINT, server, "Setpoint")
        data = {"setpointData": [{"setpointId": setpoint, "value": scaled(wanted_c)}]}
        self._write, more = self._session.write(
            now_s, PEER_SETPOINT, server, SETPOINTS, data
        )
        # Until it says what it holds, which it has to, it is not written again.
        self._retry_s = now_s + RETRY_S
        return out + more

    def _within(self, setpoint: int) -> float | None:
        if self.wished_c is None:
            return None
        least_c, most_c = self._ranges_c.get(setpoint, (self.wished_c,) * 2)
        return min(max(self.wished_c, least_c), most_c)


def _as_spelt(function: str, offered: AbstractSet[str]) -> str:
    """Return a function as the peer spells it: implementations differ in a capital."""
    same = (each for each in offered if each.lower() == function.lower())
    return next(same, function)
