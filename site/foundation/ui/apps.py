"""Tokens, base templates, components and icons."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class UiConfig(AppConfig):
    name = "foundation.ui"
    label = "ui"
    verbose_name = "Interface"

    def ready(self) -> None:
        """Collect every app's ``menu.py``."""
        autodiscover_modules("menu")
