"""The domain of the Consumer Energy Manager: no Home Assistant, no solver."""
