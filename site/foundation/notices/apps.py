"""Message templates and delivery channels."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NoticesConfig(AppConfig):
    name = "foundation.notices"
    label = "notices"
    verbose_name = "Notices"

    def ready(self) -> None:
        """Find the templates that every app registers in its ``notices.py``."""
        autodiscover_modules("notices")
