"""Durable jobs, events and periodic slots."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "foundation.jobs"
    label = "jobs"
    verbose_name = "Jobs"

    def ready(self) -> None:
        autodiscover_modules("handlers")
