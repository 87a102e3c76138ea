"""Jobs carry every change to every engine, whatever order they come in and whoever is down."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from foundation.jobs import registry as jobs
from foundation.jobs.errors import OutsideTransaction
from foundation.jobs.models import Job
from search import drift, handlers, services
from search.dictionary import current
from search.engines.chosen import engines
from search.models import SearchDocument, SynonymSet
from search.registry import Registry
from search.selectors import search
from tests.search.conftest import Gate
from tests.search.posts import Post, post

pytestmark = pytest.mark.usefixtures("posts")


@pytest.fixture
def embedded(only_database: None) -> Any:
    """Only the embedded engine's jobs are registered."""
    with jobs.replaced() as registry:
        handlers.register("database")
        yield registry


def found() -> set[str]:
    return {hit.key for hit in search("油烟", size=500).hits}


def test_touch_belongs_to_the_writers_transaction(
    embedded: None, run_jobs: Callable[[], Any]
) -> None:
    one = post("油烟")
    services.touch("post", one.pk)
    assert not found()
    run_jobs()
    assert found() == {f"post:{one.pk}"}


@pytest.mark.django_db(transaction=True)
def test_touch_outside_of_a_transaction_is_refused() -> None:
    with pytest.raises(OutsideTransaction):
        services.touch("post", 1)


def test_a_rolled_back_change_leaves_no_job(embedded: None) -> None:
    before = Job.objects.count()

    class Undo(Exception):
        pass

    def write() -> None:
        with transaction.atomic():
            services.touch_many("post", [1, 2, 3])
            assert Job.objects.count() == before + 3
            raise Undo

    with pytest.raises(Undo):
        write()
    assert Job.objects.count() == before


def test_the_job_reads_what_is_true_when_it_runs(
    embedded: None, run_jobs: Callable[[], Any]
) -> None:
    one = post("油烟")
    services.touch("post", one.pk)
    Post.objects.filter(pk=one.pk).update(is_public=False)
    run_jobs()
    assert not found()
    assert not SearchDocument.objects.filter(is_removed=False).exists()


def test_deleted_objects_and_unknown_kinds_leave_the_index(posts: Registry) -> None:
    one = post("油烟")
    services.index(kind="post", ids=[str(one.pk)])
    pk = str(one.pk)
    one.delete()
    services.index(kind="post", ids=[pk])
    services.index(kind="nothing", ids=["1"])
    assert not SearchDocument.objects.filter(is_removed=False).exists()


def test_a_removed_row_keeps_no_content(only_database: None) -> None:
    one = post("油烟", "正文", area="红梅街道")
    services.index(kind="post", ids=[str(one.pk)])
    services.remove(kind="post", ids=[str(one.pk)])
    row = SearchDocument.objects.get()
    assert (row.title, row.body, row.terms, row.area, row.checksum) == ("", "", "", "", "")


def test_new_synonyms_are_used_at_once_and_their_index_follows(
    embedded: None, run_jobs: Callable[[], Any]
) -> None:
    services.index(kind="post", ids=[str(post("丁塘港整治").pk)])
    engine = engines()["database"]
    assert not drift.compare(engine)
    changes = services.replace_synonyms(groups=[["丁塘港", "ＤＴＧ"], ["丁塘港", "dtg"], [" "]])
    assert (changes.added, changes.removed) == (1, 8)
    assert current().synonyms_of("dtg") == ("丁塘港",)
    assert drift.compare(engine).stale
    run_jobs()
    assert not drift.compare(engine)
    assert search("DTG").hits
    again = services.replace_synonyms(groups=[["丁塘港", "dtg"]])
    assert (again.added, again.unchanged, again.removed) == (0, 1, 0)


def test_changing_the_order_of_synonyms_is_kept(only_database: None) -> None:
    services.replace_synonyms(groups=[["一个词"], ["两个词"]])
    services.replace_synonyms(groups=[["两个词"], ["一个词"]])
    assert list(SynonymSet.objects.values_list("words", flat=True)) == ["两个词", "一个词"]


def test_flips_never_show_what_is_private(embedded: None, run_jobs: Callable[[], Any]) -> None:
    """Rows 20 of the threat model, in small: many flips, jobs run late, in part and twice."""
    chance = random.Random(7)
    everything = [post(f"油烟 {n}") for n in range(40)]
    engine = engines()["database"]
    for step in range(60):
        some = chance.sample(everything, 4)
        with transaction.atomic():
            for one in some:
                Post.objects.filter(pk=one.pk).update(is_public=chance.random() < 0.5)
                services.touch("post", one.pk)
        if step % 10 == 0:
            run_jobs()
        else:
            services.index(kind="post", ids=[str(chance.choice(some).pk)])
        public = {f"post:{pk}" for pk in _public_ids()}
        assert found() <= public
    run_jobs()
    assert found() == {f"post:{pk}" for pk in _public_ids()}
    assert not drift.compare(engine)


def _public_ids() -> list[int]:
    return list(Post.objects.filter(is_public=True).values_list("pk", flat=True))


@pytest.mark.elasticsearch
def test_flips_while_elasticsearch_comes_and_goes(gate: Gate, run_jobs: Callable[[], Any]) -> None:
    """Threats 20 and 31: the cluster refuses in between, jobs fail and come again."""
    cluster = engines()["elasticsearch"]
    chance = random.Random(11)
    everything = [post(f"油烟 {n}") for n in range(30)]
    services.index(kind="post", ids=[str(one.pk) for one in everything])
    with jobs.replaced():
        handlers.register("database")
        handlers.register("elasticsearch")
        for step in range(60):
            if step % 10 == 3:
                gate.shut()
            if step % 10 == 7:
                gate.open()
            with transaction.atomic():
                for one in chance.sample(everything, 4):
                    Post.objects.filter(pk=one.pk).update(is_public=chance.random() < 0.5)
                    services.touch("post", one.pk)
            if step % 3 == 0:
                run_jobs()
            assert found() <= {f"post:{pk}" for pk in _public_ids()}
        gate.open()
        while Job.objects.filter(status="READY").update(run_after=timezone.now()):
            run_jobs()
    assert not Job.objects.filter(status="FAILED").exists()
    assert not drift.compare(engines()["database"])
    assert not drift.compare(cluster)
