"""Where a meter's bytes come from."""
