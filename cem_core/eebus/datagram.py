"""A SPINE message: who says what to whom.

Source: SPINE 1.3.0 protocol specification, chapters 5 (datagram) and 5.3.4 (filters).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Final, TypeIs

from cem_core.eebus.error import EebusError
from cem_core.eebus.json_form import Tree, safe_text
from cem_core.eebus.values import items

SPECIFICATION: Final = "1.3.0"
_DEEPEST_ENTITY: Final = 8


class Classifier(StrEnum):
    """What kind of message it is."""

    READ = "read"
    REPLY = "reply"
    NOTIFY = "notify"
    WRITE = "write"
    CALL = "call"
    RESULT = "result"


class ErrorNumber(IntEnum):
    """How a request ended."""

    OK = 0
    GENERAL = 1
    TIMEOUT = 2
    OVERLOAD = 3
    DESTINATION_UNKNOWN = 4
    DESTINATION_UNREACHABLE = 5
    NOT_SUPPORTED = 6
    REJECTED = 7
    RESTRICTED = 8
    BINDING_NECESSARY = 9


@dataclass(frozen=True, slots=True)
class Address:
    """A feature, or without ``feature`` an entity, of a device."""

    entity: tuple[int, ...]
    feature: int | None = None
    device: str | None = None

    @classmethod
    def parse(cls, tree: object) -> Address:
        """Return the address ``tree`` holds. Raises `EebusError`."""
        if not isinstance(tree, Mapping):
            raise EebusError(f"{tree!r} is no address")
        entity, feature = tree.get("entity", []), tree.get("feature")
        device = tree.get("device")
        if entity == {}:
            entity = []
        whole = isinstance(entity, list) and len(entity) <= _DEEPEST_ENTITY
        if not whole or not all(is_index(part) for part in entity):
            raise EebusError(f"entity {entity!r} is no address")
        if feature is not None and not is_index(feature):
            raise EebusError(f"feature {feature!r} is no address")
        if device is not None and not isinstance(device, str):
            raise EebusError(f"device {device!r} is no address")
        return cls(tuple(entity), feature, device)

    def tree(self) -> Tree:
        """Return the address as SPINE writes it."""
        found: Tree = {} if self.device is None else {"device": self.device}
        found["entity"] = list(self.entity)
        if self.feature is not None:
            found["feature"] = self.feature
        return found

    @property
    def local(self) -> Address:
        """The address within its device."""
        return Address(self.entity, self.feature)

    def at(self, device: str | None) -> Address:
        """Return the same address on ``device``."""
        return Address(self.entity, self.feature, device)


def is_index(value: object) -> TypeIs[int]:
    """Tell whether ``value`` can be the number of something."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a restricted message is about; ``delete`` or else partial."""

    delete: bool
    selectors: Mapping[str, Any] = field(default_factory=dict)
    elements: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Datagram:
    """One message with one command: ``data`` of ``function``."""

    source: Address
    destination: Address
    counter: int
    classifier: Classifier
    function: str
    data: Tree = field(default_factory=dict)
    reference: int | None = None
    ack: bool = False
    filters: tuple[Filter, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether what is not listed stays as it is."""
        return any(not each.delete for each in self.filters)

    @classmethod
    def parse(cls, tree: Mapping[str, Any]) -> Datagram:
        """Return the datagram ``tree`` holds. Raises `EebusError`."""
        header, payload = tree.get("header"), tree.get("payload")
        if not isinstance(header, Mapping) or not isinstance(payload, Mapping):
            raise EebusError("a datagram without header and payload")
        commands = payload.get("cmd")
        if not isinstance(commands, list) or len(commands) != 1:
            raise EebusError("a datagram has one command")
        [command] = commands
        if not isinstance(command, Mapping):
            raise EebusError(f"{command!r} is no command")
        counter, reference = header.get("msgCounter"), header.get("msgCounterReference")
        if not is_index(counter) or not (reference is None or is_index(reference)):
            raise EebusError(f"counter {counter!r}, reference {reference!r}")
        try:
            classifier = Classifier(str(header.get("cmdClassifier")))
        except ValueError as error:
            raise EebusError(str(error)) from error
        function, data = _content(command)
        return cls(
            source=Address.parse(header.get("addressSource")),
            destination=Address.parse(header.get("addressDestination")),
            counter=counter,
            reference=reference,
            classifier=classifier,
            ack=header.get("ackRequest") is True,
            function=function,
            data=data,
            filters=tuple(_filter(each) for each in items(command, "filter")),
        )

    def tree(self) -> Tree:
        """Return the datagram as SPINE writes it."""
        header: Tree = {
            "specificationVersion": SPECIFICATION,
            "addressSource": self.source.tree(),
            "addressDestination": self.destination.tree(),
            "msgCounter": self.counter,
        }
        if self.reference is not None:
            header["msgCounterReference"] = self.reference
        header["cmdClassifier"] = self.classifier.value
        if self.ack:
            header["ackRequest"] = True
        command: Tree = {}
        if self.filters:
            command["function"] = self.function
            command["filter"] = [_filter_tree(self.function, f) for f in self.filters]
        command[self.function] = self.data
        return {"header": header, "payload": {"cmd": [command]}}


def result(number: ErrorNumber, description: str = "") -> Tree:
    """Return the data of ``resultData``."""
    found: Tree = {"errorNumber": int(number)}
    if description:
        found["description"] = safe_text(description)
    return found


def _content(command: Mapping[str, Any]) -> tuple[str, Tree]:
    named = [key for key in command if key not in {"function", "filter"}]
    if not named:
        function = command.get("function")
        if not isinstance(function, str):
            raise EebusError("a command without a function")
        return function, {}
    if len(named) > 1:
        raise EebusError(f"a command with several functions: {', '.join(named[:4])}")
    data = command[named[0]]
    if not isinstance(data, dict):
        raise EebusError(f"{named[0]} is not an object")
    return named[0], data


def _filter(tree: Mapping[str, Any]) -> Filter:
    control = tree.get("cmdControl")
    control = control if isinstance(control, Mapping) else {}
    parts: dict[str, Mapping[str, Any]] = {"Selectors": {}, "Elements": {}}
    for key, value in tree.items():
        for ending in parts:
            if key.endswith(ending) and isinstance(value, Mapping):
                parts[ending] = value
    return Filter(
        delete="delete" in control,
        selectors=parts["Selectors"],
        elements=parts["Elements"],
    )


def _filter_tree(function: str, given: Filter) -> Tree:
    found: Tree = {"cmdControl": {"delete" if given.delete else "partial": {}}}
    if given.selectors:
        found[f"{function}Selectors"] = dict(given.selectors)
    if given.elements:
        found[f"{function.replace('List', '')}Elements"] = dict(given.elements)
    return found
