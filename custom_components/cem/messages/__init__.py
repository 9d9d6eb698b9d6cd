"""What a home tells people: one place through which every message goes."""

from custom_components.cem.messages.answers import Answer
from custom_components.cem.messages.messages import Button, Messages

__all__ = ["Answer", "Button", "Messages"]
