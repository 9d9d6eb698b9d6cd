"""What Home Assistant holds for good is left out of searches for cyclic garbage.

Now and then Python looks through all objects at once, and nothing else runs meanwhile:
with the half million objects of a loaded house 0.3 s on a desktop computer and more than
a second on a Raspberry Pi, in which no limit is acted on. What was there when a home
started stays until Home Assistant stops, so it need not be looked through.
"""

import gc

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.start import async_at_started
from homeassistant.util.hass_dict import HassKey

from custom_components.cem.const import DOMAIN

_HOMES: HassKey[int] = HassKey(f"{DOMAIN}_garbage_spared_by")


@callback
def spare_what_stays(hass: HomeAssistant) -> CALLBACK_TYPE:
    """Spare what is there once Home Assistant has started; return what ends that.

    What becomes garbage in a cycle afterwards though it was there by then, as parts of
    an integration that is reloaded do, is found after the last home was stopped.
    """

    @callback
    def started(_: HomeAssistant) -> None:
        gc.freeze()

    stop_waiting = async_at_started(hass, started)
    hass.data[_HOMES] = hass.data.get(_HOMES, 0) + 1

    @callback
    def end() -> None:
        stop_waiting()
        hass.data[_HOMES] -= 1
        if not hass.data[_HOMES]:
            gc.unfreeze()

    return end
