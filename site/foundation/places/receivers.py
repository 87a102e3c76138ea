"""A single saved or deleted area, department or district gives places a new version.

Bulk writes send no signals; services that use them call ``renew_version`` themselves.
"""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from foundation.places.models import Area, Department, District
from foundation.places.services import renew_version


@receiver([post_save, post_delete], sender=Area)
@receiver([post_save, post_delete], sender=Department)
@receiver([post_save, post_delete], sender=District)
def places_changed(**kwargs: Any) -> None:
    """Renew the version; fixtures loaded raw are left alone."""
    if not kwargs.get("raw"):
        renew_version()
