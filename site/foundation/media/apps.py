"""Safe uploads: quarantine, clean copy, sealed original."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class MediaConfig(AppConfig):
    name = "foundation.media"
    label = "media"
    verbose_name = "Media"

    def ready(self) -> None:
        autodiscover_modules("viewers")
