"""What the worker does for photos."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from foundation.jobs.registry import handler, periodic
from foundation.media import services
from foundation.vault.registry import rewrapper

rewrapper("originals")(services.rewrap_originals)


@handler(services.RECEIVED)
def clean_received(key: str, payload: dict[str, Any]) -> None:
    """Make the clean copies of newly attached photos."""
    photo_ids = [UUID(text) for text in payload["photos"]]
    services.clean_received(stream=payload["stream"], photo_ids=photo_ids)


@handler(services.ERASED)
def remove_erased(key: str, payload: dict[str, Any]) -> None:
    """Delete the files of an erased photo."""
    services.remove_erased(photo_id=UUID(payload["photo"]), sealed_name=payload["sealed"])


@periodic("media.discard_orphans", every=timedelta(hours=6))
def discard_orphans(slot: datetime) -> None:
    """Delete staged uploads that nobody attached within a day."""
    services.discard_orphans(now=timezone.now())
