"""What a heat pump makes of electricity where nobody measured it: a share of Carnot's.

Heat: quality T_hot / (T_hot - T_cold); cold: quality T_cold / (T_hot - T_cold), in
kelvin. The temperatures are those of the refrigerant: water, air and what lies between.
"""

from typing import Final

_ZERO_C: Final = 273.15
_LEAST_LIFT_K: Final = 5.0
# Of whole machines with fans and pumps: at A7/W55 it gives the 2.8 of many data sheets.
_QUALITY: Final = 0.45
_WARMER_THAN_WATER_K: Final = 5.0  # of the coil in a tank
_COLDER_THAN_AIR_K: Final = 5.0  # of the coil outside while it heats
_MOST_COP: Final = 6.0
_COOLS_AT_C: Final = 10.0  # a coil that also dries air of 27 °C (ISO 5151, T1)
_WARMER_THAN_OUTSIDE_K: Final = 10.0
EER_OUTSIDE_C: Final = 35.0  # where an EER is stated: ISO 5151, T1
_USUAL_EER: Final = 3.5
_MOST_EER: Final = 9.0


def water_cop(outdoor_c: float, water_c: float) -> float:
    """Return heat over electricity while water of that temperature is heated."""
    hot_c = water_c + _WARMER_THAN_WATER_K
    lift_k = max(hot_c - outdoor_c + _COLDER_THAN_AIR_K, _LEAST_LIFT_K)
    return min(max(_QUALITY * (hot_c + _ZERO_C) / lift_k, 1.0), _MOST_COP)


def cooling_eer(outdoor_c: float, stated: float = _USUAL_EER) -> float:
    """Return cold over electricity, of one that reaches ``stated`` at 35 °C outside."""
    at_stated_k = EER_OUTSIDE_C + _WARMER_THAN_OUTSIDE_K - _COOLS_AT_C
    lift_k = max(outdoor_c + _WARMER_THAN_OUTSIDE_K - _COOLS_AT_C, _LEAST_LIFT_K)
    return min(stated * at_stated_k / lift_k, max(_MOST_EER, stated))
