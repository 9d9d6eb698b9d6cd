"""From a meter's bytes to a reading."""
