"""Repairs, exports and deletion."""
