"""What one field of HOME.yaml means, written once beside the field itself.

The reader checks with it, the JSON Schema and its defaults are printed from it.
"""

from dataclasses import MISSING, Field, dataclass, field
from typing import Any, Final

# Numbers beyond this are a mistake, and more than the solver's tolerances bear.
MOST: Final = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """The meaning of a field and the numbers it may hold."""

    description: str
    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    allowed: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    one_or_more: bool = False

    def refusal(self, value: float) -> str | None:
        """Return what is wrong with ``value``, or None."""
        if self.allowed and value not in self.allowed:
            return f"must be {' or '.join(map(str, self.allowed))}"
        if self.above is not None and value <= self.above:
            return f"must be above {self.above:g}"
        if self.minimum is not None and value < self.minimum:
            return f"must be at least {self.minimum:g}"
        if self.maximum is not None and value > self.maximum:
            return f"must be at most {self.maximum:g}"
        return None


def described(
    description: str,
    default: object = MISSING,
    *,
    minimum: float | None = None,
    above: float | None = None,
    maximum: float | None = None,
    allowed: tuple[int, ...] = (),
    names: tuple[str, ...] = (),
    one_or_more: bool = False,
) -> Any:  # noqa: ANN401 - stands for a value of the field's own type
    """Return a dataclass field with its meaning."""
    spec = Spec(
        description=description,
        minimum=minimum,
        above=above,
        maximum=maximum,
        allowed=allowed,
        names=names,
        one_or_more=one_or_more,
    )
    metadata = {"spec": spec}
    if default is MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


def key(f: Field[Any]) -> str:
    """Return what a field is called in HOME.yaml: `import` for ``import_``."""
    return f.name.removesuffix("_")


def has_notation(kind: object) -> bool:
    """Tell whether a type reads itself from one number or text, with `parse`."""
    return hasattr(kind, "parse")
