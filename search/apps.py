"""One search over everything that is public."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "search"
    label = "search"
    verbose_name = _("Search")

    def ready(self) -> None:
        """Find what every app lets people search (``<app>/documents.py``)."""
        autodiscover_modules("documents")
