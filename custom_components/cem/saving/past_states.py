"""What an entity said in the past, from the recorder: also of one without statistics."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from homeassistant.components.recorder.history import state_changes_during_period
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.recorder import get_instance


async def async_states(
    hass: HomeAssistant, entity_id: str, start: datetime, end: datetime
) -> Sequence[State]:
    """Return its states, the first first: that at ``start``, and each that followed."""
    if "recorder" not in hass.config.components:
        return ()
    found = await get_instance(hass).async_add_executor_job(
        partial(
            state_changes_during_period,
            hass,
            start,
            end,
            entity_id,
            include_start_time_state=True,
        )
    )
    return found.get(entity_id.lower(), ())
