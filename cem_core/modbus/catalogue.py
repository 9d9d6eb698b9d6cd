"""The maps that come with the CEM.

They are read from files beside this module: from an event loop, call in a thread.
"""

from functools import cache
from importlib.resources import files

from cem_core.modbus.error import MapError
from cem_core.modbus.map_json import parse_map
from cem_core.modbus.register_map import RegisterMap

_FOLDER = files("cem_core.modbus") / "maps"


@cache
def names() -> tuple[str, ...]:
    """Return the ids of all maps."""
    found = (each.name for each in _FOLDER.iterdir())
    return tuple(sorted(n.removesuffix(".json") for n in found if n.endswith(".json")))


@cache
def load(map_id: str) -> RegisterMap:
    """Return a map; raises MapError when there is none of that id."""
    if map_id not in names():
        raise MapError(f"there is no map {map_id!r}; there are {', '.join(names())}")
    return parse_map((_FOLDER / f"{map_id}.json").read_text("utf-8"), map_id)
