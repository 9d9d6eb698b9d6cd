"""Reads a mapping field by field and refuses what nobody asked for."""

from collections.abc import Mapping
from typing import Any, Self


class HomeError(ValueError):
    """A field of HOME.yaml that the simulator cannot use.

    ``path`` leads to it, so that whoever read the file can add the line.
    """

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        """Say what is wrong at ``path``."""
        super().__init__(f"{dotted(path)}: {message}")
        self.path = path


def dotted(path: tuple[str | int, ...]) -> str:
    """Return ``path`` as a person writes it: devices[1].capacity_kwh."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


class Fields:
    """One mapping of HOME.yaml; every field is taken once, then `done`."""

    def __init__(
        self, mapping: Mapping[str, Any], path: tuple[str | int, ...] = ()
    ) -> None:
        """Read ``mapping``, which stands at ``path``."""
        self._mapping = mapping
        self._path = path
        self._taken: list[str] = []

    @classmethod
    def of(cls, value: object, path: tuple[str | int, ...]) -> Self:
        """Return the fields of ``value``, which must be a mapping (or empty)."""
        if value is None:
            return cls({}, path)
        if not isinstance(value, Mapping):
            raise HomeError(path, "a mapping of fields is expected")
        return cls(value, path)

    def error(self, name: str, message: str) -> HomeError:
        """Return an error about the field ``name``."""
        return HomeError((*self._path, name), message)

    def value(self, name: str) -> Any:  # noqa: ANN401 (parsed YAML is anything)
        """Return the field as it was read, None when absent."""
        if name not in self._taken:
            self._taken.append(name)
        return self._mapping.get(name)

    def number(
        self,
        name: str,
        default: float | None = None,
        *,
        low: float = 0.0,
        high: float = float("inf"),
    ) -> float:
        """Return a number from ``low`` to ``high``."""
        value = self.value(name)
        if value is None:
            value = default
        if value is None:
            raise self.error(name, "is missing")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(name, f"a number is expected, not {value!r}")
        if not low <= value <= high:
            bound = (
                f"at least {low:g}" if high == float("inf") else f"{low:g} to {high:g}"
            )
            raise self.error(name, f"{value} is out of range: {bound}")
        return float(value)

    def integer(self, name: str, default: int, *, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``."""
        number = self.number(name, default, low=low, high=high)
        if number != int(number):
            raise self.error(name, f"a whole number is expected, not {number:g}")
        return int(number)

    def text(self, name: str, default: str) -> str:
        """Return a text."""
        value = self.value(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.error(name, f"a text is expected, not {value!r}")
        return str(value)

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """Return one of ``allowed``."""
        text = self.text(name, default)
        if text not in allowed:
            raise self.error(name, f"one of {', '.join(allowed)}, not {text!r}")
        return text

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self.value(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.error(name, f"true or false is expected, not {value!r}")
        return value

    def items(self, name: str) -> list[Fields]:
        """Return the mappings of a list."""
        value = self.value(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.error(name, "a list is expected")
        return [
            Fields.of(item, (*self._path, name, place))
            for place, item in enumerate(value)
        ]

    def section(self, name: str) -> Fields:
        """Return the mapping under ``name``, empty when absent."""
        return Fields.of(self.value(name), (*self._path, name))

    def done(self) -> None:
        """Refuse fields that were not asked for."""
        for name in self._mapping:
            if name not in self._taken:
                allowed = ", ".join(sorted(self._taken))
                raise self.error(str(name), f"unknown field; allowed: {allowed}")
