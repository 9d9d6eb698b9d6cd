"""The catalogue of messages in English: every sentence made at run time.

The integration's strings.json holds the same under `common`, where translators
find it (`script/strings` copies it). How a number is shown follows from its name:
see `render.py`.
"""

from collections.abc import Mapping
from typing import Final

from cem_core.model.english.alternatives import ALTERNATIVES
from cem_core.model.english.assist import ASSIST
from cem_core.model.english.causes import CAUSES
from cem_core.model.english.dashboard import DASHBOARD
from cem_core.model.english.devices import DEVICES
from cem_core.model.english.limits import LIMITS
from cem_core.model.english.notices import NOTICES
from cem_core.model.english.numbers import NUMBERS
from cem_core.model.english.plan_changes import PLAN_CHANGES
from cem_core.model.english.plan_constraints import PLAN_CONSTRAINTS
from cem_core.model.english.plan_reasons import PLAN_REASONS
from cem_core.model.english.problems import PROBLEMS
from cem_core.model.english.profiles import PROFILES
from cem_core.model.english.savings import SAVINGS
from cem_core.model.english.tariffs import TARIFFS

AREAS: Final[tuple[Mapping[str, str], ...]] = (
    NUMBERS,
    PLAN_REASONS,
    PLAN_CONSTRAINTS,
    PLAN_CHANGES,
    ALTERNATIVES,
    DASHBOARD,
    PROBLEMS,
    CAUSES,
    DEVICES,
    NOTICES,
    LIMITS,
    TARIFFS,
    SAVINGS,
    ASSIST,
    PROFILES,
)
ENGLISH: Final[Mapping[str, str]] = {
    key: sentence for area in AREAS for key, sentence in area.items()
}
