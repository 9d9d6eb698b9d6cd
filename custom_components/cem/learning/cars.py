"""Cars' stays: kept when they end, and what their habits say meanwhile."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from custom_components.cem.car_needs import default_need_wh
from custom_components.cem.charging_session import Stay
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.learning.models import habits_of
from custom_components.cem.learning.store import LearningStore


def follow_cars(devices: Iterable[ControlledDevice], learned: LearningStore) -> None:
    """Let ``learned`` hear of each stay, and go on with those under way."""
    chargers = [device for device in devices if device.kind is Kind.EV_CHARGER]
    for charger in chargers:
        charger.stayed = partial(_keep, charger, learned)
        charger.habits = partial(habits_of, learned, charger)
        under_way = learned.opened.pop(charger.subentry_id, None)
        if under_way is not None:
            charger.session.restore(under_way)

    def open_sessions() -> dict[str, dict[str, Any]]:
        return {
            charger.subentry_id: document
            for charger in chargers
            if (document := charger.session.as_json()) is not None
        }

    learned.open_sessions = open_sessions


def _keep(charger: ControlledDevice, learned: LearningStore, stay: Stay) -> None:
    """Keep a stay with what the car needed.

    One that still took power, or was not offered any, needed that much or more:
    it counts as what its owner said. Else plans that give little would teach that
    little is needed. A guest's car tells nothing of the home's own.
    """
    if charger.guest:
        return
    need_wh = stay.energy_wh
    if not stay.full:
        need_wh = max(need_wh, default_need_wh(charger))
    learned.add_session(
        charger.subentry_id,
        {
            "arrive": stay.arrive.isoformat(),
            "depart": stay.depart.isoformat(),
            "energy_wh": round(need_wh),
        },
    )
