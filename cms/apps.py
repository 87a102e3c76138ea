"""Wagtail pages, published results and indicators."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    name = "cms"
    label = "cms"
    verbose_name = _("Website")

    def ready(self) -> None:
        import_module("cms.presenters")
        import_module("cms.signals").connect()
        import_module("cms.value_changes").connect()
