"""Budgets of a home: what of them is used, and how they will end."""
