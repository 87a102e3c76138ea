"""How a reporter wants to be known: by name, not at all, or by name and kept secret."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Identity(models.TextChoices):
    """实名 must be told the outcome (生态环境法典 Art 146); 匿名 is accepted without that duty."""

    REAL_NAME = "real_name", _("Real name")
    ANONYMOUS = "anonymous", _("Anonymous")
    CONFIDENTIAL = "confidential", _("Confidential")


#: Who must be told the outcome.
OWED_OUTCOME = frozenset({Identity.REAL_NAME, Identity.CONFIDENTIAL})
