"""Safe uploads: quarantine, clean copy, sealed original."""

from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "foundation.media"
    label = "media"
    verbose_name = "Media"
