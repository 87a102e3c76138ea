"""Every write of the queue: emit, take a slot, keep alive, reap, retry, prune."""

import logging
import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from foundation.jobs import registry
from foundation.jobs.errors import OutsideTransaction
from foundation.jobs.models import LOST_MARK, MOST_LOST_WORKERS, Job, PeriodicSlot, WorkerProcess
from foundation.jobs.registry import Handler, Json, Periodic

logger = logging.getLogger(__name__)

DELIVER = "foundation.jobs.tasks.deliver"
KEEP_SUCCESSFUL = timedelta(days=3)
KEEP_FAILED = timedelta(days=180)
PRUNE_BATCH = 1000


@dataclass(frozen=True)
class Event:
    """Something that happened. ``key`` names the happening (say "<case id>:<version>") so that a
    handler can recognise a second delivery; ``payload`` is JSON without personal data."""

    topic: str
    key: str
    payload: Json = field(default_factory=dict)
    run_after: datetime | None = None


def emit(topic: str, *, key: str, payload: Json, run_after: datetime | None = None) -> None:
    """Write one durable job per handler of ``topic``, committed or rolled back with the change.

    One INSERT (none when nobody listens). ``run_after`` is aware. Raises ``OutsideTransaction``.
    """
    emit_many([Event(topic, key, payload, run_after)])


def emit_many(events: Sequence[Event]) -> None:
    """Like ``emit`` for several events: one bulk INSERT (SQLite takes 66 rows a statement)."""
    if not connection.in_atomic_block:
        raise OutsideTransaction("Emit inside transaction.atomic(), with the change it reports.")
    find = registry.active().handlers_of
    rows = [_row(handler, event) for event in events for handler in find(event.topic)]
    if rows:
        Job.objects.bulk_create(rows)


def _row(handler: Handler, event: Event) -> Job:
    return Job(
        args_kwargs={"args": [handler.name, event.key, event.payload], "kwargs": {}},
        priority=handler.priority,
        task_path=DELIVER,
        backend_name="default",
        run_after=event.run_after or timezone.now(),
    )


def take_slot(*, periodic: Periodic, slot: datetime) -> bool:
    """Take ``slot`` of ``periodic`` and queue its job, once per deployment.

    Returns whether this call took it. 3–4 statements in one transaction; the unique row decides.
    """
    with transaction.atomic():
        _, taken = PeriodicSlot.objects.get_or_create(name=periodic.name, slot=slot)
        if taken:
            Job.objects.create(
                args_kwargs={"args": [periodic.job_name, slot.isoformat(), {}], "kwargs": {}},
                task_path=DELIVER,
                backend_name="default",
                run_after=timezone.now(),
            )
    return taken


def beat(*, worker_id: str, threads: int = 1) -> None:
    """Write the sign of life of ``worker_id`` (1–2 statements, database clock)."""
    if WorkerProcess.objects.filter(pk=worker_id).update(seen_at=Now()):
        return
    WorkerProcess.objects.create(
        pk=worker_id, host=socket.gethostname()[:120], pid=os.getpid(), threads=threads
    )


def sign_off(*, worker_id: str) -> None:
    """Remove the row of a worker that stops in good order (1 statement)."""
    WorkerProcess.objects.filter(pk=worker_id).delete()


def reap(*, lost_after: timedelta) -> int:
    """Put jobs of dead workers back; FAILED when a job has now taken three workers with it.

    A worker is dead when its row is gone or older than ``lost_after`` by the database's clock.
    Locks the rows it moves (SKIP LOCKED on PostgreSQL). Returns how many it moved.
    """
    with transaction.atomic():
        WorkerProcess.objects.filter(seen_at__lt=Now() - lost_after).delete()
        alive = set(WorkerProcess.objects.values_list("pk", flat=True))
        running = Job.objects.filter(status="RUNNING").select_for_update(skip_locked=True)
        orphans = [job for job in running if not job.worker_ids or job.worker_ids[-1] not in alive]
        for job in orphans:
            _put_back(job)
    return len(orphans)


def _put_back(job: Job) -> None:
    job.worker_ids = [*job.worker_ids[:-1], (job.worker_ids or ["?"])[-1] + LOST_MARK]
    if job.times_lost >= MOST_LOST_WORKERS:
        job.status = "FAILED"
        job.finished_at = timezone.now()
        job.exception_class_path = "foundation.jobs.errors.WorkerLost"
        job.traceback = f"{job.times_lost} workers died while they ran this job."
    else:
        job.status = "READY"
        job.run_after = timezone.now()
    logger.warning("Job %s (%s) lost its worker: %s", job.pk, job.handler_name, job.status)
    job.save()


def retry_failed(*, ids: Iterable[UUID] | None = None) -> int:
    """Give FAILED jobs (all, or those named) a new start: no attempts counted, due now."""
    failed = Job.objects.filter(status="FAILED")
    if ids is not None:
        failed = failed.filter(pk__in=list(ids))
    return failed.update(status="READY", run_after=timezone.now(), worker_ids=[], finished_at=None)


def forgive(*, periodic_job_name: str, but: UUID | None = None) -> int:
    """Drop FAILED runs of a periodic job, all or all ``but`` the newest (1 query).

    Its newest run says how it is: a success ends the worry, a failure stands for all before.
    """
    failed = Job.objects.filter(status="FAILED", task_path=DELIVER)
    failed = failed.filter(args_kwargs__args__0=periodic_job_name)
    return (failed.exclude(pk=but) if but else failed).delete()[0]


def prune(*, now: datetime) -> int:
    """Delete finished rows past their keeping time and slots that can never be taken again.

    Works in batches of 1,000 rows, each in its own transaction, so that no lock is held long.
    """
    gone = 0
    for status, keep in (("SUCCESSFUL", KEEP_SUCCESSFUL), ("FAILED", KEEP_FAILED)):
        old = Job.objects.filter(status=status, finished_at__lt=now - keep)
        while batch := list(old.values_list("pk", flat=True)[:PRUNE_BATCH]):
            gone += Job.objects.filter(pk__in=batch).delete()[0]
    for entry in registry.active().periodics.values():
        past = PeriodicSlot.objects.filter(name=entry.name)
        past.filter(slot__lt=entry.slot_at(now) - 10 * entry.every).delete()
    return gone
