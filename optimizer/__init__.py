"""The slow loop: a home and its series in, the cheapest plan out.

Power is in kW and energy in kWh in here (cem_core.model.units says why).
"""
