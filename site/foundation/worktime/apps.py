"""Working calendar and explained deadlines."""

from django.apps import AppConfig


class WorktimeConfig(AppConfig):
    name = "foundation.worktime"
    label = "worktime"
    verbose_name = "Working time"
