"""Areas, departments and the district data pack."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PlacesConfig(AppConfig):
    name = "foundation.places"
    label = "places"
    verbose_name = "Places"

    def ready(self) -> None:
        """Register the loaders of every app (``<app>/pack.py``) and listen for single saves."""
        import_module("foundation.places.receivers")
        import_module("foundation.places.pack_sections")
        autodiscover_modules("pack")
