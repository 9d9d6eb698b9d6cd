"""evcc as executor: what it says of a loadpoint, and what an order means to it.

evcc (https://evcc.io, read at commit b29b49e, 2026-08-08) charges cars by hundreds of
makes of charger. Its HTTP API is described in its `server/openapi.yaml`.
"""
