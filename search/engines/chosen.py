"""Which engines this deployment runs: Elasticsearch when named, the database engine always.

The database engine is kept up to date beside Elasticsearch, because it answers when that is down.
"""

from functools import lru_cache

from django.conf import settings

from search.breaker import Breaker
from search.engines.base import Engine
from search.engines.database import DatabaseEngine
from search.engines.elasticsearch import ElasticsearchEngine

DATABASE = "database"
ELASTICSEARCH = "elasticsearch"


@lru_cache(maxsize=8)
def _elasticsearch(url: str, prefix: str) -> tuple[ElasticsearchEngine, Breaker]:
    return ElasticsearchEngine(url, prefix=prefix), Breaker()


def engines() -> dict[str, Engine]:
    """Return the engines in use by short name, the preferred one first."""
    found: dict[str, Engine] = {}
    if settings.SEARCH_ENGINE == ELASTICSEARCH:
        found[ELASTICSEARCH] = _chosen()[0]
    found[DATABASE] = DatabaseEngine()
    return found


def breaker_of(name: str) -> Breaker | None:
    """Return the breaker of an engine that may be down; without the database there is no page."""
    return _chosen()[1] if name == ELASTICSEARCH else None


def _chosen() -> tuple[ElasticsearchEngine, Breaker]:
    return _elasticsearch(settings.ELASTICSEARCH_URL, settings.SEARCH_INDEX_PREFIX)
