"""Real engines for every test: the database of this run, and Elasticsearch when there is one."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings as django_settings

from search import services
from search.engines import chosen
from search.engines.base import Engine, Page
from search.engines.database import DatabaseEngine
from search.engines.elasticsearch import ElasticsearchEngine
from search.models import EngineState, SearchDocument
from search.query import Query, parse
from search.registry import Registry
from tests.search.posts import posts_registered

BOTH = ["database", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)]
WORDS = [
    ["油烟", "油烟味", "厨房排烟"],
    ["臭", "恶臭", "异味", "臭味", "化工味"],
    ["环保局", "生态环境局"],
    ["细颗粒物", "PM2.5", "PM25"],
    ["夜间施工", "半夜施工"],
    ["老运河", "大运河"],
    ["北塘河"],
    ["采菱公园"],
]


@pytest.fixture
def posts(db: None) -> Iterator[Registry]:
    """An empty index, posts as the only searchable kinds, a small dictionary."""
    with posts_registered() as registry:
        SearchDocument.objects.all().delete()
        EngineState.objects.all().delete()
        services.replace_synonyms(groups=WORDS)
        yield registry


@pytest.fixture
def prefix() -> str:
    return f"gongzhi-test-{uuid4().hex[:12]}"


@pytest.fixture(params=BOTH)
def engine(request: pytest.FixtureRequest, posts: Registry, prefix: str) -> Iterator[Engine]:
    """Each real engine in turn."""
    if request.param == "database":
        yield DatabaseEngine()
        return
    cluster = ElasticsearchEngine(django_settings.ELASTICSEARCH_URL, prefix=prefix, seconds=10)
    yield cluster
    cluster.drop()


@pytest.fixture
def ask(engine: Engine) -> Callable[..., Page]:
    """``ask("油烟", area="红梅街道")``: the engine's own answer, everything written so far seen."""

    def of(text: str, *, after: str = "", size: int = 20, **filters: str) -> Page:
        from search.analysis import analyzer_for
        from search.dictionary import current

        query: Query = parse(text, filters, after, analyzer=analyzer_for(current()), size=size)
        engine.refresh()
        return engine.search(query)

    return of


@pytest.fixture
def put(engine: Engine) -> Callable[..., None]:
    """``put(post, …)``: bring posts up to date in the engine, as their jobs would."""

    def of(*objects: Any) -> None:
        for kind in ("post", "letter"):
            ids = [str(o.pk) for o in objects if (o.category == "来信") == (kind == "letter")]
            if ids:
                services.index(kind=kind, ids=ids, engine=engine)

    return of


class Gate:
    """A plain TCP forwarder in front of a server that can be shut, or swallow everything."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.state = "open"
        self._connections: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def shut(self) -> None:
        """Refuse: what is connected is cut, what comes is closed at once."""
        self.state = "shut"
        self._cut()

    def swallow(self) -> None:
        """Take everything and never answer."""
        self.state = "hole"
        self._cut()

    def open(self) -> None:
        self.state = "open"

    def close(self) -> None:
        self._server.close()
        self._cut()

    def _cut(self) -> None:
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            if self.state == "shut":
                client.close()
                continue
            self._connections.append(client)
            if self.state == "open":
                upstream = socket.create_connection(self.target)
                self._connections.append(upstream)
                for a, b in ((client, upstream), (upstream, client)):
                    threading.Thread(target=_pump, args=(a, b), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
    finally:
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def hole() -> Iterator[Gate]:
    """A server that takes every request and never answers."""
    gate = Gate("127.0.0.1", 9)
    gate.swallow()
    yield gate
    gate.close()


@pytest.fixture
def only_database(settings: Any) -> None:
    """The embedded default, whatever this run has."""
    settings.SEARCH_ENGINE = "database"


@pytest.fixture
def cluster_at(settings: Any, prefix: str) -> Iterator[Callable[[str], None]]:
    """``cluster_at(url)``: make Elasticsearch at ``url`` the preferred engine of this test."""
    chosen._elasticsearch.cache_clear()
    real = settings.ELASTICSEARCH_URL

    def of(url: str) -> None:
        settings.SEARCH_ENGINE = "elasticsearch"
        settings.ELASTICSEARCH_URL = url
        settings.SEARCH_INDEX_PREFIX = prefix

    yield of
    chosen._elasticsearch.cache_clear()
    if real:
        ElasticsearchEngine(real, prefix=prefix).drop()


@pytest.fixture
def gate(cluster_at: Callable[[str], None]) -> Iterator[Gate]:
    """The real Elasticsearch behind a gate, as the preferred engine."""
    address = urlsplit(django_settings.ELASTICSEARCH_URL)
    gate = Gate(str(address.hostname), int(address.port or 80))
    cluster_at(gate.url)
    yield gate
    gate.close()
