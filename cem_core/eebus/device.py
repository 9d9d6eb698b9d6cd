"""Our own SPINE device: entities, features and functions, and what they announce.

A device has no state of its own: its functions ask whoever has the data. Many peers
may read the same device at the same time, each in a `Session`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from cem_core.eebus.datagram import SPECIFICATION, Address, Datagram
from cem_core.eebus.json_form import Tree

NODE_MANAGEMENT: Final = Address((0,), 0)
USE_CASE_VERSION: Final = "1.0.0"

type Read = Callable[[], Tree]
type Write = Callable[[Datagram], str | None]  # why it is refused


class Role(StrEnum):
    """A server owns data, a client reads and writes it."""

    SERVER = "server"
    CLIENT = "client"
    SPECIAL = "special"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """Data that can be read, written, or, with neither, called."""

    name: str
    read: Read | None = None
    write: Write | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A group of functions of one entity."""

    address: Address
    type: str
    role: Role
    functions: tuple[Function, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A logical part of the device."""

    address: tuple[int, ...]
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCase:
    """What ``entity`` does as ``actor``."""

    entity: tuple[int, ...]
    actor: str
    name: str
    scenarios: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Device:
    """The device at ``address``, a SPINE device address of at most 256 characters."""

    address: str
    type: str
    entities: Sequence[Entity]
    features: Sequence[Feature]
    use_cases: Sequence[UseCase]
    manufacturer: Mapping[str, str]

    @cached_property
    def by_address(self) -> Mapping[Address, Feature]:
        """The features, node management's included."""
        return {feature.address: feature for feature in self._all_features}

    @cached_property
    def _all_features(self) -> Sequence[Feature]:
        return (*self._management, *self.features)

    @cached_property
    def _management(self) -> tuple[Feature, Feature]:
        """What every device has: entity 0 with its two features."""
        read = {
            "nodeManagementDetailedDiscoveryData": self.discovery,
            "nodeManagementUseCaseData": self.use_case_data,
            "nodeManagementDestinationListData": dict,
            "nodeManagementSubscriptionData": dict,  # a session answers these two
            "nodeManagementBindingData": dict,
        }
        calls = (
            "nodeManagementSubscriptionRequestCall",
            "nodeManagementSubscriptionDeleteCall",
            "nodeManagementBindingRequestCall",
            "nodeManagementBindingDeleteCall",
        )
        functions = [Function(name=name, read=data) for name, data in read.items()]
        functions += [Function(name=name) for name in calls]
        classification = Function(
            name="deviceClassificationManufacturerData",
            read=lambda: dict(self.manufacturer),
        )
        return (
            Feature(
                address=NODE_MANAGEMENT,
                type="NodeManagement",
                role=Role.SPECIAL,
                functions=tuple(functions),
            ),
            Feature(
                address=Address((0,), 1),
                type="DeviceClassification",
                role=Role.SERVER,
                functions=(classification,),
            ),
        )

    def discovery(self) -> Tree:
        """Return what the device consists of."""
        entities = [Entity(address=(0,), type="DeviceInformation"), *self.entities]
        return {
            "specificationVersionList": {"specificationVersion": [SPECIFICATION]},
            "deviceInformation": {
                "description": {
                    "deviceAddress": {"device": self.address},
                    "deviceType": self.type,
                    "networkFeatureSet": "smart",
                }
            },
            "entityInformation": [
                {
                    "description": {
                        "entityAddress": Address(e.address, None, self.address).tree(),
                        "entityType": e.type,
                    }
                }
                for e in entities
            ],
            "featureInformation": [self._described(f) for f in self._all_features],
        }

    def _described(self, feature: Feature) -> Tree:
        description: Tree = {
            "featureAddress": feature.address.at(self.address).tree(),
            "featureType": feature.type,
            "role": feature.role.value,
        }
        if feature.functions:
            description["supportedFunction"] = [
                {"function": f.name, "possibleOperations": _operations(f)}
                for f in feature.functions
            ]
        return {"description": description}

    def use_case_data(self) -> Tree:
        """Return what the device can do, by entity and actor."""
        actors: dict[tuple[tuple[int, ...], str], list[Tree]] = {}
        for each in self.use_cases:
            actors.setdefault((each.entity, each.actor), []).append(
                {
                    "useCaseName": each.name,
                    "useCaseVersion": USE_CASE_VERSION,
                    "useCaseAvailable": True,
                    "scenarioSupport": list(each.scenarios),
                    "useCaseDocumentSubRevision": "release",
                }
            )
        return {
            "useCaseInformation": [
                {
                    "address": Address(entity, None, self.address).tree(),
                    "actor": actor,
                    "useCaseSupport": supported,
                }
                for (entity, actor), supported in actors.items()
            ]
        }


def _operations(function: Function) -> Tree:
    found: Tree = {}
    if function.read is not None:
        found["read"] = {}
    if function.write is not None:
        found["write"] = {"partial": {}}
    return found
