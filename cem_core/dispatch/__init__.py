"""Plan + reading + limits -> setpoints: the fast loop, pure."""

from cem_core.dispatch.charging_site import SITE, site_limit
from cem_core.dispatch.comeback import come_back, ends_s
from cem_core.dispatch.dispatch import dispatch
from cem_core.dispatch.memory import Comeback, Insistence, Memory, Rung, Side
from cem_core.dispatch.phases import IMBALANCE, imbalance_limit
from cem_core.dispatch.relief import relief
from cem_core.dispatch.result import Dispatched, DispatchWarning, WarningCode
from cem_core.dispatch.rule_plan import rule_plan
from cem_core.dispatch.settings import DispatchSettings

__all__ = [
    "IMBALANCE",
    "SITE",
    "Comeback",
    "DispatchSettings",
    "DispatchWarning",
    "Dispatched",
    "Insistence",
    "Memory",
    "Rung",
    "Side",
    "WarningCode",
    "come_back",
    "dispatch",
    "ends_s",
    "imbalance_limit",
    "relief",
    "rule_plan",
    "site_limit",
]
