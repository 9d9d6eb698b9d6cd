"""The CEM in Home Assistant against the simulated home, over real protocols."""
