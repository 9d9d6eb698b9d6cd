<<<<<<< HEAD
"""The domain of the Consumer Energy Manager: no Home Assistant, no solver."""
=======
"""The heart of the energy manager: no Home Assistant, no solver."""
>>>>>>> ground
