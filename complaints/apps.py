"""Cases: intake, workflow, desk, field and public tracking."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "complaints"
    label = "complaints"
