"""One component a file; none knows another."""
