"""Price components, calendars and the bill of any series."""
