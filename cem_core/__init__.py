"""The heart of the energy manager: no Home Assistant, no solver."""
