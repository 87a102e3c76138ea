"""Jobs of search, one row per engine and change: an engine that is down delays only itself."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from foundation.jobs.registry import handler, periodic
from search import services
from search.engines.chosen import DATABASE, ELASTICSEARCH, engines

logger = logging.getLogger(__name__)

NIGHT = timedelta(hours=3, minutes=30)


def register(engine: str) -> None:
    """Register the jobs of one engine."""

    @handler(services.CHANGED, name=f"search.handlers.index_{engine}")
    def index(key: str, payload: dict[str, Any]) -> None:
        services.index(kind=payload["kind"], ids=[payload["id"]], engine=engines()[engine])

    @handler(services.RECONCILE, name=f"search.handlers.reconcile_{engine}")
    def reconcile(key: str, payload: dict[str, Any]) -> None:
        found = services.reconcile(engine=engines()[engine])
        if found:
            logger.warning(
                "Index of %s put right: %d missing, %d stale, %d extra.",
                engine,
                len(found.missing),
                len(found.stale),
                len(found.extra),
            )

    @periodic(f"search.reconcile_{engine}", every=timedelta(days=1), offset=NIGHT)
    def nightly(slot: datetime) -> None:
        reconcile(slot.isoformat(), {})


register(DATABASE)
if settings.SEARCH_ENGINE == ELASTICSEARCH:
    register(ELASTICSEARCH)
