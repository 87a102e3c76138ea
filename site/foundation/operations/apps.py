"""Running the house: ready databases, backups, restores and the shared cache table."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "foundation.operations"
    label = "operations"
    verbose_name = "Operations"
