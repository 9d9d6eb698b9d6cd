"""A SPINE conversation with one peer: answers it, and asks it.

Pure: datagrams and times go in; datagrams to send and what was heard come out.
Subscriptions and bindings live as long as the session, as peers renew them with each
connection. Source: SPINE 1.3.0 protocol specification, chapters 5 to 7.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cem_core.eebus.datagram import (
    Address,
    Classifier,
    Datagram,
    ErrorNumber,
    Filter,
    result,
)
from cem_core.eebus.device import NODE_MANAGEMENT, Device, Feature, Function, Role
from cem_core.eebus.error import EebusError
from cem_core.eebus.json_form import Tree
from cem_core.eebus.remote import Remote, RemoteUseCase, remote, use_cases

ANSWER_S: Final = 10.0
_MOST_LINKS: Final = 64
_MOST_REQUESTS: Final = 256
_DISCOVERY: Final = "nodeManagementDetailedDiscoveryData"
_USE_CASES: Final = "nodeManagementUseCaseData"
_PARTIAL: Final = (Filter(delete=False),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Send this datagram."""

    tree: Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """The peer has said what it consists of, or that this has changed."""

    remote: Remote


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCasesKnown:
    """The peer has said what it can do."""

    use_cases: Sequence[RemoteUseCase]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Data of the peer's feature ``source``, read or notified."""

    source: Address
    function: str
    data: Tree
    partial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How our request of ``counter`` ended."""

    counter: int
    number: int
    description: str


type Out = Tell | Discovered | UseCasesKnown | Heard | Answered


@dataclass(frozen=True, slots=True)
class _Link:
    """A subscription or binding of the peer's client to our server."""

    client: Address
    server: Address


class Session:
    """The conversation. Raises `EebusError` for what is no SPINE at all."""

    def __init__(self, device: Device, *, may_write: bool) -> None:
        """Speak for ``device``; only who ``may_write`` can bind itself to it."""
        self._device = device
        self._may_write = may_write
        self._counter = 0
        self._peer: str | None = None
        self._subscriptions: list[_Link] = []
        self._bindings: list[_Link] = []
        self._waiting: dict[int, float] = {}
        self._out: list[Out] = []

    def open(self, now_s: float) -> list[Out]:
        """Ask the peer what it consists of."""
        self._ask(now_s, NODE_MANAGEMENT, NODE_MANAGEMENT, _DISCOVERY)
        return self._take()

    def receive(self, tree: Mapping[str, Any], now_s: float) -> list[Out]:
        """Take a datagram of the peer."""
        datagram = Datagram.parse(tree)
        if self._peer is None:
            self._peer = datagram.source.device
        match datagram.classifier:
            case Classifier.READ:
                self._read(datagram)
            case Classifier.WRITE:
                self._write(datagram)
            case Classifier.CALL:
                self._called(datagram)
            case Classifier.REPLY | Classifier.NOTIFY:
                self._hear(datagram, now_s)
            case Classifier.RESULT:
                self._end(datagram)
        return self._take()

    def tick(self, now_s: float) -> list[Out]:
        """Give up on what was not answered in time."""
        for counter in [c for c, due_s in self._waiting.items() if due_s <= now_s]:
            del self._waiting[counter]
            number = int(ErrorNumber.TIMEOUT)
            said = Answered(counter=counter, number=number, description="no answer")
            self._out.append(said)
        return self._take()

    def read(
        self, now_s: float, client: Address, server: Address, function: str
    ) -> list[Out]:
        """Ask the peer's feature ``server`` for data."""
        self._ask(now_s, client, server, function)
        return self._take()

    def subscribe(
        self, now_s: float, client: Address, server: Address, feature_type: str
    ) -> list[Out]:
        """Ask to be notified of ``server``."""
        self._link(now_s, "Subscription", client, server, feature_type)
        return self._take()

    def bind(
        self, now_s: float, client: Address, server: Address, feature_type: str
    ) -> list[Out]:
        """Ask to be allowed to write to ``server``."""
        self._link(now_s, "Binding", client, server, feature_type)
        return self._take()

    def write(
        self, now_s: float, client: Address, server: Address, function: str, data: Tree
    ) -> tuple[int, list[Out]]:
        """Change the listed elements of ``server``; return the counter to wait for."""
        counter = self._send(
            client, server, Classifier.WRITE, function, data, ack=True, filters=_PARTIAL
        )
        self._await(counter, now_s)
        return counter, self._take()

    def notify(self, server: Address, function: str) -> list[Out]:
        """Tell every subscriber of ``server`` its data."""
        found = self._function(server, function)
        links = [link for link in self._subscriptions if link.server == server]
        if links and found is not None and found.read is not None:
            data = found.read()
            for link in links:
                self._send(server, link.client, Classifier.NOTIFY, function, data)
        return self._take()

    def subscribed(self, server: Address) -> bool:
        """Tell whether the peer is notified of ``server``."""
        return any(link.server == server for link in self._subscriptions)

    def _take(self) -> list[Out]:
        out, self._out = self._out, []
        return out

    def _send(
        self,
        source: Address,
        destination: Address,
        classifier: Classifier,
        function: str,
        data: Tree,
        *,
        reference: int | None = None,
        ack: bool = False,
        filters: tuple[Filter, ...] = (),
    ) -> int:
        self._counter += 1
        datagram = Datagram(
            source=source.at(self._device.address),
            destination=destination.at(self._peer),
            counter=self._counter,
            reference=reference,
            classifier=classifier,
            ack=ack,
            function=function,
            data=data,
            filters=filters,
        )
        self._out.append(Tell(tree=datagram.tree()))
        return self._counter

    def _await(self, counter: int, now_s: float) -> None:
        if len(self._waiting) >= _MOST_REQUESTS:
            del self._waiting[min(self._waiting)]
        self._waiting[counter] = now_s + ANSWER_S

    def _ask(
        self, now_s: float, client: Address, server: Address, function: str
    ) -> None:
        self._await(self._send(client, server, Classifier.READ, function, {}), now_s)

    def _link(
        self,
        now_s: float,
        kind: str,
        client: Address,
        server: Address,
        feature_type: str,
    ) -> None:
        asked = {
            "clientAddress": client.at(self._device.address).tree(),
            "serverAddress": server.at(self._peer).tree(),
            "serverFeatureType": feature_type,
        }
        counter = self._send(
            NODE_MANAGEMENT,
            NODE_MANAGEMENT,
            Classifier.CALL,
            f"nodeManagement{kind}RequestCall",
            {f"{kind.lower()}Request": asked},
            ack=True,
        )
        self._await(counter, now_s)

    def _function(self, address: Address, name: str) -> Function | None:
        feature = self._device.by_address.get(address)
        functions: Sequence[Function] = () if feature is None else feature.functions
        return next((f for f in functions if f.name == name), None)

    def _answer(
        self, request: Datagram, number: ErrorNumber, description: str = ""
    ) -> None:
        if request.ack or number is not ErrorNumber.OK:
            self._send(
                request.destination.local,
                request.source.local,
                Classifier.RESULT,
                "resultData",
                result(number, description),
                reference=request.counter,
            )

    def _read(self, request: Datagram) -> None:
        address = request.destination.local
        if address not in self._device.by_address:
            self._answer(request, ErrorNumber.DESTINATION_UNKNOWN)
            return
        function = self._function(address, request.function)
        if function is None or function.read is None:
            self._answer(request, ErrorNumber.NOT_SUPPORTED, request.function)
            return
        data = self._links(request.function) or function.read()
        self._send(
            address,
            request.source.local,
            Classifier.REPLY,
            request.function,
            data,
            reference=request.counter,
        )

    def _links(self, function: str) -> Tree:
        """Return what a read of subscriptions or bindings is answered."""
        kinds = {
            "nodeManagementSubscriptionData": ("subscription", self._subscriptions),
            "nodeManagementBindingData": ("binding", self._bindings),
        }
        if function not in kinds:
            return {}
        kind, links = kinds[function]
        return {
            f"{kind}Entry": [
                {
                    f"{kind}Id": place,
                    "clientAddress": link.client.at(self._peer).tree(),
                    "serverAddress": link.server.at(self._device.address).tree(),
                }
                for place, link in enumerate(links)
            ]
        }

    def _write(self, request: Datagram) -> None:
        server = request.destination.local
        function = self._function(server, request.function)
        if server not in self._device.by_address:
            self._answer(request, ErrorNumber.DESTINATION_UNKNOWN)
        elif function is None or function.write is None:
            self._answer(request, ErrorNumber.NOT_SUPPORTED, request.function)
        elif _Link(request.source.local, server) not in self._bindings:
            self._answer(request, ErrorNumber.BINDING_NECESSARY, "binding necessary")
        else:
            try:
                refusal = function.write(request)
            except EebusError as error:
                refusal = str(error)
            if refusal is None:
                self._answer(request, ErrorNumber.OK)
            else:
                self._answer(request, ErrorNumber.REJECTED, refusal)

    def _called(self, request: Datagram) -> None:
        calls = {
            "nodeManagementSubscriptionRequestCall": ("subscription", True),
            "nodeManagementSubscriptionDeleteCall": ("subscription", False),
            "nodeManagementBindingRequestCall": ("binding", True),
            "nodeManagementBindingDeleteCall": ("binding", False),
        }
        if request.function not in calls:
            self._answer(request, ErrorNumber.NOT_SUPPORTED, request.function)
            return
        kind, wanted = calls[request.function]
        links = self._subscriptions if kind == "subscription" else self._bindings
        asked = request.data.get(f"{kind}{'Request' if wanted else 'Delete'}")
        if not isinstance(asked, Mapping):
            raise EebusError(f"{request.function} without a request")
        client = Address.parse(asked.get("clientAddress")).local
        server = Address.parse(asked.get("serverAddress")).local
        link = _Link(client, server)
        if not wanted:
            links[:] = [each for each in links if each != link]
        elif link not in links:
            refusal = self._link_refusal(server, kind, links)
            if refusal:
                self._answer(request, ErrorNumber.REJECTED, refusal)
                return
            links.append(link)
        self._answer(request, ErrorNumber.OK)

    def _link_refusal(self, server: Address, kind: str, links: list[_Link]) -> str:
        feature: Feature | None = self._device.by_address.get(server)
        if feature is None or feature.role is Role.CLIENT:
            return "no such server"
        if kind == "binding" and not self._may_write:
            return "this peer was paired to be read and ordered, not to order"
        if len(links) >= _MOST_LINKS:
            return "too many"
        return ""

    def _hear(self, datagram: Datagram, now_s: float) -> None:
        if datagram.reference is not None:
            self._waiting.pop(datagram.reference, None)
        if datagram.function == _DISCOVERY and datagram.source.local == NODE_MANAGEMENT:
            if datagram.classifier is Classifier.REPLY:
                self._discovered(datagram, now_s)
            else:
                self._ask(now_s, NODE_MANAGEMENT, NODE_MANAGEMENT, _DISCOVERY)
        elif datagram.function == _USE_CASES:
            self._out.append(UseCasesKnown(use_cases=use_cases(datagram.data)))
        else:
            heard = Heard(
                source=datagram.source.local,
                function=datagram.function,
                data=datagram.data,
                partial=datagram.partial,
            )
            self._out.append(heard)

    def _discovered(self, datagram: Datagram, now_s: float) -> None:
        found = remote(datagram.data)
        self._peer = found.device or datagram.source.device
        self._link(
            now_s, "Subscription", NODE_MANAGEMENT, NODE_MANAGEMENT, "NodeManagement"
        )
        self._ask(now_s, NODE_MANAGEMENT, NODE_MANAGEMENT, _USE_CASES)
        self._out.append(Discovered(remote=found))

    def _end(self, datagram: Datagram) -> None:
        counter = datagram.reference
        if counter is None or self._waiting.pop(counter, None) is None:
            return
        number, description = (
            datagram.data.get("errorNumber"),
            datagram.data.get("description", ""),
        )
        self._out.append(
            Answered(
                counter=counter,
                number=number if isinstance(number, int) else int(ErrorNumber.GENERAL),
                description=str(description)[:200],
            )
        )
