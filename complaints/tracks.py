"""Tracks: by which law a case goes its way. Pure."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Track(models.TextChoices):
    """举报 and 信访 have different clocks (信访工作条例 Art 31; domain §0.4)."""

    REPORT = "report", _("Report")
    PETITION = "petition", _("Petition")
    HOTLINE = "hotline", _("12345 request")
    ENQUIRY = "enquiry", _("Enquiry")
    PATROL = "patrol", _("Grid patrol")
