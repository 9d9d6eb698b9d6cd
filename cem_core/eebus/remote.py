"""What a peer says that it consists of.

Unknown features, functions and use cases are kept by name and never looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cem_core.eebus.datagram import Address
from cem_core.eebus.error import EebusError
from cem_core.eebus.json_form import Tree
from cem_core.eebus.values import items

_MOST: Final = 512  # features; the largest devices known have some forty


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFeature:
    """A feature of the peer and the functions it can be asked for."""

    address: Address
    type: str
    role: str
    functions: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteUseCase:
    """What an entity of the peer does as ``actor``."""

    entity: tuple[int, ...]
    actor: str
    name: str
    scenarios: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """The peer's device."""

    device: str | None
    type: str
    entities: Mapping[tuple[int, ...], str]
    features: Sequence[RemoteFeature]

    def servers(self, feature_type: str) -> Sequence[RemoteFeature]:
        """Return the features of ``feature_type`` that own data."""
        return [
            feature
            for feature in self.features
            if feature.type == feature_type and feature.role == "server"
        ]


def remote(data: Tree) -> Remote:
    """Return what detailed discovery says. Raises `EebusError`."""
    about = _inner(data, "deviceInformation", "description")
    address = _inner(about, "deviceAddress").get("device")
    entities = {
        Address.parse(described.get("entityAddress")).entity: _name(
            described.get("entityType")
        )
        for described in _descriptions(data, "entityInformation")
        if described.get("lastStateChange") != "removed"
    }
    features = [_feature(x) for x in _descriptions(data, "featureInformation")]
    return Remote(
        device=address if isinstance(address, str) else None,
        type=_name(about.get("deviceType")),
        entities=entities,
        features=[f for f in features if f.address.entity in entities],
    )


def use_cases(data: Tree) -> Sequence[RemoteUseCase]:
    """Return the use cases that are available. Raises `EebusError`."""
    return [
        RemoteUseCase(
            entity=Address.parse(_inner(each, "address") or {"entity": []}).entity,
            actor=_name(each.get("actor")),
            name=_name(supported.get("useCaseName")),
            scenarios=frozenset(
                x for x in _list(supported, "scenarioSupport") if isinstance(x, int)
            ),
        )
        for each in items(data, "useCaseInformation")
        for supported in items(each, "useCaseSupport")
        if supported.get("useCaseAvailable", True) is not False
    ]


def _feature(described: Mapping[str, Any]) -> RemoteFeature:
    return RemoteFeature(
        address=Address.parse(described.get("featureAddress")).local,
        type=_name(described.get("featureType")),
        role=_name(described.get("role")),
        functions=frozenset(
            _name(function.get("function"))
            for function in items(described, "supportedFunction")
        ),
    )


def _descriptions(data: Tree, name: str) -> Sequence[Mapping[str, Any]]:
    found = items(data, name)
    if len(found) > _MOST:
        raise EebusError(f"{len(found)} {name}: at most {_MOST} are read")
    return [_inner(each, "description") for each in found]


def _inner(tree: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        inner = tree.get(name, {})
        if not isinstance(inner, Mapping):
            raise EebusError(f"{name} is not an object")
        tree = inner
    return tree


def _list(tree: Mapping[str, Any], name: str) -> Sequence[Any]:
    found = tree.get(name, [])
    return found if isinstance(found, list) else []


def _name(value: object) -> str:
    return value if isinstance(value, str) else ""
