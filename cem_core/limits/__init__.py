"""Power limits: their sources, their arbitration, the distance to them."""
