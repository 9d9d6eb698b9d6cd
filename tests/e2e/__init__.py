"""A real Home Assistant, broker and browser, set up from the release zip."""
