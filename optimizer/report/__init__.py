"""PLAN for a person: as text, and as a page."""
