"""On how many phases the car that is plugged in really charges."""

from typing import Final

# A share of the offered power that fits so many phases this well, for this long.
_FITS: Final = 0.12
_FITS_FOR_S: Final = 60.0
_MORE: Final = 0.5
_LEAST_W: Final = 1000


class CarPhases:
    """Tells a single-phase car at a three-phase charger by what it draws.

    A car on fewer phases draws that share of what it is offered, steadily. One that
    is nearly full may look like that, until it draws more: then all phases count.
    """

    def __init__(self, wired: int) -> None:
        """Take all ``wired`` phases for used."""
        self._wired = wired
        self._fits: tuple[int, float] | None = None  # so many, since when
        self.count = wired

    def update(
        self,
        now_s: float,
        *,
        offered_w: int | None,
        power_w: int | None,
        connected: bool | None,
        said: int | None = None,
    ) -> bool:
        """Look at what the car makes of its offer; tell whether the count changed.

        ``offered_w`` is what it may draw on the phases counted now, ``said`` what
        the charger itself says, where it does.
        """
        before = self.count
        if said is not None:
            self.count, self._fits = min(said, self._wired), None
        elif connected is False:
            self.count, self._fits = self._wired, None
        elif offered_w and power_w is not None and power_w >= _LEAST_W:
            phase_w = offered_w / self.count
            self._look(now_s, power_w / phase_w)
        else:
            self._fits = None
        return self.count != before

    def _look(self, now_s: float, phases: float) -> None:
        if phases > self.count + _MORE:
            self.count, self._fits = self._wired, None
            return
        nearest = round(phases)
        if not 1 <= nearest < self.count or abs(phases - nearest) > _FITS * nearest:
            self._fits = None
        elif self._fits is None or self._fits[0] != nearest:
            self._fits = nearest, now_s
        elif now_s - self._fits[1] >= _FITS_FOR_S:
            self.count, self._fits = nearest, None
