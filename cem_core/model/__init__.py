"""The vocabulary: frozen values without behaviour beyond arithmetic."""
