"""Areas, departments and the district data pack."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "foundation.places"
    label = "places"
    verbose_name = "Places"
