"""check_index and reindex: drift is found, named and put right, in every engine."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from search import drift, services
from search.engines.base import Engine
from search.models import SearchDocument
from search.records import Record
from tests.search.posts import Post, post

Put = Callable[..., None]


def test_an_index_that_is_right_has_no_drift(put: Put, engine: Engine) -> None:
    put(post("油烟"), post("噪声", category="来信"), post("私下", is_public=False))
    assert not drift.compare(engine)


def test_every_kind_of_drift_is_found_and_put_right(put: Put, engine: Engine) -> None:
    kept, stale, hidden, deleted = post("甲"), post("乙"), post("丙"), post("丁")
    moved = post("戊")
    put(kept, stale, hidden, deleted, moved)
    missing = post("己")
    engine.write([Record("ghost:1", "ghost", "1", title="鬼", terms="鬼")], engine.stamp())
    Post.objects.filter(pk=stale.pk).update(body="改过")
    Post.objects.filter(pk=hidden.pk).update(is_public=False)
    Post.objects.filter(pk=moved.pk).update(category="来信")
    gone = deleted.pk
    deleted.delete()
    found = drift.compare(engine)
    assert set(found.missing) == {f"post:{missing.pk}", f"letter:{moved.pk}"}
    assert set(found.stale) == {f"post:{stale.pk}"}
    assert set(found.extra) == {
        f"post:{hidden.pk}",
        f"post:{gone}",
        f"post:{moved.pk}",
        "ghost:1",
    }
    services.repair(engine=engine, found=found)
    assert not drift.compare(engine)


def test_reconcile_fills_an_empty_index(engine: Engine) -> None:
    for n in range(7):
        post(f"油烟 {n}")
    services.index(kind="post", ids=["0"], engine=engine)
    assert len(services.reconcile(engine=engine).missing) == 7
    assert engine.count() == 7 or not drift.compare(engine)


def test_more_than_one_batch(engine: Engine, monkeypatch: Any) -> None:
    monkeypatch.setattr("search.source.BATCH", 10)
    for n in range(35):
        post(f"油烟 {n}")
    assert services.reindex(engine=engine) == 35
    assert not drift.compare(engine)
    Post.objects.update(is_public=False)
    assert len(drift.compare(engine).extra) == 35


@pytest.mark.usefixtures("posts", "only_database")
class TestCommands:
    def run(self, *arguments: str) -> str:
        out = StringIO()
        call_command(*arguments, stdout=out, stderr=StringIO())
        return out.getvalue()

    def test_check_index_exits_1_on_drift_and_fixes_it(self) -> None:
        one = post("油烟")
        with pytest.raises(SystemExit) as stopped:
            self.run("check_index")
        assert stopped.value.code == 1
        assert "put right" in self.run("check_index", "--fix")
        assert "exactly what is public" in self.run("check_index")
        Post.objects.filter(pk=one.pk).update(title="噪声")
        with pytest.raises(SystemExit):
            self.run("check_index", "--json")
        report = json.loads(self.run("check_index", "--json", "--fix"))
        assert report["database"]["stale"] == [f"post:{one.pk}"]

    def test_reindex_builds_everything_anew(self) -> None:
        post("油烟")
        SearchDocument.objects.create(
            generation=1, version=1, key="post:99", kind="post", object_id="99", day=0
        )
        assert "database: 1 documents" in self.run("reindex")
        assert list(SearchDocument.objects.values_list("title", flat=True)) == ["油烟"]

    def test_a_dead_cluster_is_a_sentence_not_a_traceback(
        self, cluster_at: Callable[[str], None]
    ) -> None:
        cluster_at("http://127.0.0.1:9")
        post("油烟")
        for command in ("reindex", "check_index"):
            with pytest.raises(CommandError, match="Elasticsearch failed"):
                self.run(command)
