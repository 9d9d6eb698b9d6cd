"""What an action takes, and the sentence that says what is wrong with what it got.

Home Assistant's REST interface answers what a schema refuses with a bare
"400: Bad Request"; what an action refuses itself reaches the user as it is written
(over REST from Home Assistant 2026.10 on, before by everything else).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, override

import probatio

from custom_components.cem.calls import refuse

_LONGEST_SHOWN: Final = 60
_NUMBERS: Final = ("int", "float")
# The faults that have a sentence of their own, by probatio's names.
_SENTENCES: Final = {
    "required": "field_missing",
    "not_a_valid_option": "field_unknown",
    "exclusive_group": "fields_exclusive",
    "range_min": "field_too_low",
    "range_max": "field_too_high",
    "value_one_of": "field_none_of",
    "expected_type_or_one_of": "field_none_of",
}


class ActionSchema(probatio.Schema):
    """A schema that refuses in words: which field, what it was given, what to do."""

    @override
    def __call__(self, data: Any, **how: Any) -> Any:
        """Return what was given, parsed; raise ServiceValidationError."""
        try:
            return super().__call__(data, **how)
        except probatio.Invalid as error:
            says = error.placeholders
            key = _SENTENCES.get(error.translation_key or "", "field_wrong")
            if says.get("expected") in _NUMBERS and key == "field_wrong":
                key = "field_no_number"
            raise refuse(
                key,
                field=".".join(map(str, error.path)),
                given=_shown(data, error.path),
                least=f"{says.get('min')}",
                most=f"{says.get('max')}",
                values=_listed(says.get("values", ())),
                fields=self._fields_of(says.get("group")),
                reason=error.error_message,
            ) from error

    def _fields_of(self, group: str | None) -> str:
        """Return the fields of which only one may be given."""
        return ", ".join(
            str(key)
            for key in self.schema
            if isinstance(key, probatio.Exclusive) and key.group_of_exclusion == group
        )


def _shown(given: object, path: Sequence[object]) -> str:
    """Return what was given at ``path``, cut short."""
    for step in path:
        if isinstance(given, Mapping) and step in given:
            given = given[step]
    text = f"{given}"
    if len(text) <= _LONGEST_SHOWN:
        return text
    return f"{text[: _LONGEST_SHOWN - 1]}…"


def _listed(values: str | Sequence[object]) -> str:
    """Return the choices in words, whether probatio quotes or lists them."""
    if isinstance(values, str):
        return values.replace("'", "")
    return ", ".join(map(str, values))
