"""Durable jobs, events and periodic slots."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "foundation.jobs"
    label = "jobs"
    verbose_name = "Jobs"
