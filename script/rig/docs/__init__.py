"""The documentation as a site: docs/ rendered to dist/docs."""
