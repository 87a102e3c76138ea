"""Sees to it that a changed value of an indicator is listed among the public corrections."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, pre_save

from cms.models import IndicatorValue
from cms.services.corrections import note_change, note_removal


def _changes(sender: Any, instance: IndicatorValue, **kwargs: Any) -> None:
    with transaction.atomic():
        note_change(instance)


def _removed(sender: Any, instance: IndicatorValue, **kwargs: Any) -> None:
    with transaction.atomic():
        note_removal(instance)


def connect() -> None:
    """Listen; called once when the app is ready."""
    pre_save.connect(_changes, sender=IndicatorValue, dispatch_uid="cms.corrections")
    post_delete.connect(_removed, sender=IndicatorValue, dispatch_uid="cms.corrections")
