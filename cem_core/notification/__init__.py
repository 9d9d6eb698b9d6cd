"""What is told to people: when at once, when later in a digest, when not again."""

from cem_core.notification.notification import Notification, Subject, Urgency
from cem_core.notification.post import Held, Post, PostSettings, Verdict
from cem_core.notification.quiet_hours import QuietHours

__all__ = [
    "Held",
    "Notification",
    "Post",
    "PostSettings",
    "QuietHours",
    "Subject",
    "Urgency",
    "Verdict",
]
