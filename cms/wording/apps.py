"""Chinese words of the editors' pages that Wagtail's own catalogue lacks or has wrong.

An app of its own, listed between the house and Wagtail: the first app that knows a string gives
its words. ``makemessages`` leaves the catalogue alone, because no source here holds its strings.
"""

from django.apps import AppConfig


class WordingConfig(AppConfig):
    name = "cms.wording"
    label = "cms_wording"
