"""Emitting, slots, the reaper, retries by hand, pruning."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from foundation.jobs import registry, selectors, services
from foundation.jobs.errors import OutsideTransaction
from foundation.jobs.models import Job, PeriodicSlot, WorkerProcess
from foundation.jobs.registry import Handler, Periodic, Registry
from foundation.jobs.services import DELIVER, Event, emit, emit_many
from foundation.jobs.worker import Steward

LOST_AFTER = timedelta(seconds=12)


def _nothing(key: str, payload: dict[str, Any]) -> None:
    return None


@pytest.fixture
def own_registry(db: None) -> Any:
    Job.objects.all().delete()  # what loading the district pack has queued
    with registry.replaced(Registry()) as own:
        own.add_handler(Handler("index", "case.closed", _nothing, priority=5))
        own.add_handler(Handler("notify", "case.closed", _nothing))
        yield own


def _running(worker_ids: list[str], **values: Any) -> Job:
    return Job.objects.create(
        status="RUNNING",
        args_kwargs={"args": ["index", "k", {}], "kwargs": {}},
        task_path=DELIVER,
        backend_name="default",
        run_after=timezone.now(),
        started_at=timezone.now(),
        worker_ids=worker_ids,
        **values,
    )


@pytest.mark.django_db(transaction=True)
def test_emit_outside_a_transaction_is_refused(own_registry: Registry) -> None:
    with pytest.raises(OutsideTransaction):
        emit("case.closed", key="1", payload={})
    assert not Job.objects.filter(task_path=DELIVER).exists()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_leaves_no_job(own_registry: Registry) -> None:
    with transaction.atomic():
        emit("case.closed", key="1", payload={})
        transaction.set_rollback(True)
    assert not Job.objects.filter(task_path=DELIVER).exists()


def test_each_handler_gets_one_row_in_one_insert(
    db: None, own_registry: Registry, django_assert_num_queries: Any
) -> None:
    events = [Event("case.closed", f"case:{n}", {"n": n}) for n in range(20)]
    with django_assert_num_queries(1):
        emit_many(events)
    rows = Job.objects.filter(task_path=DELIVER)
    assert rows.count() == 40
    assert {row.handler_name for row in rows} == {"index", "notify"}
    assert {row.priority for row in rows} == {0, 5}


def test_a_topic_without_a_handler_costs_nothing(
    db: None, own_registry: Registry, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        emit("nobody.listens", key="1", payload={})


def test_payload_that_is_not_json_is_refused(db: None, own_registry: Registry) -> None:
    with pytest.raises(TypeError), transaction.atomic():
        emit("case.closed", key="1", payload={"id": uuid4()})


def test_a_slot_is_taken_once_whoever_asks(db: None, own_registry: Registry, clock: Any) -> None:
    seen: list[datetime] = []
    own_registry.add_periodic(Periodic("tick", timedelta(minutes=10), seen.append))
    first, second = Steward("a"), Steward("b")
    for steward in (first, second, first, second):
        steward.take_slots(timezone.now())
    assert PeriodicSlot.objects.filter(name="tick").count() == 1
    assert Job.objects.filter(args_kwargs__args__0="periodic:tick").count() == 1
    clock.tick(minutes=10)
    second.take_slots(timezone.now())
    first.take_slots(timezone.now())
    assert Job.objects.filter(args_kwargs__args__0="periodic:tick").count() == 2


def test_jobs_of_dead_workers_go_back_and_of_living_ones_stay(db: None) -> None:
    services.beat(worker_id="alive")
    services.beat(worker_id="silent")
    WorkerProcess.objects.filter(pk="silent").update(seen_at=timezone.now() - timedelta(minutes=1))
    kept, lost, gone = _running(["alive"]), _running(["silent"]), _running(["never seen"])
    assert services.reap(lost_after=LOST_AFTER) == 2
    states = {job.pk: job for job in Job.objects.filter(pk__in=[kept.pk, lost.pk, gone.pk])}
    assert states[kept.pk].status == "RUNNING"
    assert states[lost.pk].status == states[gone.pk].status == "READY"
    assert states[lost.pk].worker_ids == ["silent lost"]
    assert states[lost.pk].attempts == 0
    assert not WorkerProcess.objects.filter(pk="silent").exists()


def test_a_job_that_kills_three_workers_is_failed(db: None) -> None:
    job = _running(["a lost", "b lost", "c"])
    services.reap(lost_after=LOST_AFTER)
    job.refresh_from_db()
    assert job.status == "FAILED"
    assert job.exception_class_path.endswith("WorkerLost")
    assert list(selectors.dead_jobs()) == [job]


def test_a_late_worker_does_not_overwrite_its_successor(db: None, clock: Any) -> None:
    late = _running(["taken for dead"])
    clock.tick(seconds=30)
    services.reap(lost_after=LOST_AFTER)
    successor = Job.objects.get(pk=late.pk)
    successor.claim("successor")
    late.set_failed(RuntimeError())
    late.refresh_from_db()
    assert late.status == "RUNNING"
    successor.set_successful(None)
    late.refresh_from_db()
    assert late.status == "SUCCESSFUL"


def test_a_success_forgives_earlier_failures_of_the_same_periodic_job(db: None) -> None:
    for name in ("periodic:tick", "periodic:other", "index"):
        job = _running(["a"])
        job.args_kwargs = {"args": [name, "k", {}], "kwargs": {}}
        job.status, job.finished_at = "FAILED", timezone.now()
        job.save()
    assert services.forgive(periodic_job_name="periodic:tick") == 1
    assert {job.handler_name for job in selectors.dead_jobs()} == {"periodic:other", "index"}


def test_pruning_keeps_what_is_young_unfinished_or_still_needed(
    db: None, own_registry: Registry, clock: Any
) -> None:
    own_registry.add_periodic(Periodic("tick", timedelta(days=1), lambda slot: None))
    now = timezone.now()
    ages = {
        ("SUCCESSFUL", 4): False, ("SUCCESSFUL", 2): True, ("FAILED", 100): True,
        ("FAILED", 200): False, ("READY", 400): True, ("RUNNING", 400): True,
    }  # fmt: skip
    for (status, days), _ in ages.items():
        job = _running(["a"], finished_at=now - timedelta(days=days))
        Job.objects.filter(pk=job.pk).update(status=status)
    PeriodicSlot.objects.create(name="tick", slot=now - timedelta(days=30))
    current = PeriodicSlot.objects.create(name="tick", slot=now - timedelta(hours=9))
    assert services.prune(now=now) == 2
    left = {(job.status, (now - job.finished_at).days) for job in Job.objects.all()}  # type: ignore[operator]
    assert left == {key for key, stays in ages.items() if stays}
    assert list(PeriodicSlot.objects.filter(name="tick")) == [current]


def test_failed_jobs_start_again_by_command(own_registry: Registry, capsys: Any) -> None:
    job = _running(["a lost", "b lost", "c"])
    services.reap(lost_after=LOST_AFTER)
    call_command("jobs")
    assert str(job.pk) in capsys.readouterr().out
    call_command("jobs", "--retry", str(job.pk))
    job.refresh_from_db()
    assert (job.status, job.worker_ids) == ("READY", [])


def test_backlog_counts_by_state(db: None, own_registry: Registry, clock: Any) -> None:
    soon = timezone.now() + timedelta(hours=1)
    emit_many([Event("case.closed", "1"), Event("case.closed", "2", run_after=soon)])
    _running(["a"])
    clock.tick(minutes=5)
    backlog = selectors.backlog()
    assert (backlog.due, backlog.scheduled, backlog.running, backlog.failed) == (2, 2, 1, 0)
    assert backlog.waiting == timedelta(minutes=5)
