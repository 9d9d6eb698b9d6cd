"""The home's own habits: a standby that rose, a day that used far more than its like."""
