"""Cases: intake, workflow, desk, field and public tracking."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "complaints"
    label = "complaints"
    verbose_name = _("Cases")

    def ready(self) -> None:
        from complaints import checks, pack_streets  # noqa: F401
