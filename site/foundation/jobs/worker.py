"""The worker: threads that claim and run jobs, and a steward that keeps them honest.

Built on django-tasks-db, which alone loses a job when its worker is killed and never retries
(measured: a killed worker's row stays RUNNING for ever). Delivery is at least once.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import FrameType
from uuid import uuid4

from django.db import (
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    transaction,
)
from django.utils import timezone
from django_tasks import TaskContext
from django_tasks.signals import task_finished, task_started
from django_tasks.utils import normalize_json
from django_tasks_db.management.commands.db_worker import Worker

from foundation.jobs import registry, services
from foundation.jobs.errors import TryLater
from foundation.jobs.models import Job, failure_text
from foundation.jobs.registry import PERIODIC_PREFIX

logger = logging.getLogger(__name__)

DATABASE_AWAY = (OperationalError, InterfaceError)
LONGEST_PAUSE = 30.0


class JobWorker(Worker):
    """One thread's loop: claim the next due job, run it, record how it went."""

    def __init__(
        self, *, worker_id: str, stop: threading.Event, interval: float = 0.5, batch: bool = False
    ) -> None:
        super().__init__(
            queue_names=["*"],
            interval=interval,
            batch=batch,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=worker_id,
            excluded_queue_names=[],
        )
        self.stop = stop

    def run(self) -> None:
        """Work until ``stop`` is set (or, in batch mode, until nothing is due)."""
        pause = self.interval
        while not self.stop.is_set():
            try:
                job = self.claim_next()
            except DATABASE_AWAY as error:
                pause = _back_off(pause, error)
                self.stop.wait(pause)
                continue
            pause = self.interval
            if job is not None:
                self.run_task(job)
            elif self.batch:
                return
            else:
                close_old_connections()
                self.stop.wait(self.interval)

    def claim_next(self) -> Job | None:
        """Take the next due job. Locks one row (SKIP LOCKED on PostgreSQL, IMMEDIATE on SQLite)."""
        due = Job.objects.due()
        # An idle worker must not take SQLite's only write lock twice a second.
        if connection.vendor == "sqlite" and not due.exists():
            return None
        with transaction.atomic():
            job = due.select_for_update(skip_locked=True).first()
            if job is not None:
                job.claim(self.worker_id)
        return job

    def run_task(self, db_task_result: Job) -> None:  # type: ignore[override]
        """Run one claimed job; whatever its handler raises becomes the row's state."""
        job = db_task_result
        started = time.monotonic()
        try:
            value = self._call(job)
        except Exception as error:  # noqa: BLE001  any error of a handler is a result to record
            # The next slot of a periodic job takes over from a failing one.
            end = registry.active().slot_end(job.handler_name, job.event_key)
            self._record(partial(job.set_failed, error, give_up_at=end))
            _tell(job, error)
        else:
            self._record(partial(job.set_successful, value))
            logger.info("Job %s done in %.3f s", job.handler_name, time.monotonic() - started)
        if job.handler_name.startswith(PERIODIC_PREFIX) and job.status != "READY":
            self._record(partial(services.forgive, periodic_job_name=job.handler_name, but=job.pk))

    def _call(self, job: Job) -> object:
        task, result = job.task, job.task_result
        context = (TaskContext(task_result=result),) if task.takes_context else ()  # type: ignore[arg-type]
        backend = type(task.get_backend())
        task_started.send(sender=backend, task_result=result)
        # Tests drain the queue inside their own transaction: there a failed handler must undo only
        # its own work, as it does in a worker.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            value = task.call(*context, *result.args, **result.kwargs)
        task_finished.send(sender=backend, task_result=result)
        return normalize_json(value)

    def _record(self, write: Callable[[], object]) -> None:
        """Write a result however long the database is away, or the job would stay RUNNING."""
        pause = self.interval
        while True:
            try:
                write()
            except DATABASE_AWAY as error:
                if connection.in_atomic_block or self.stop.is_set():
                    raise
                pause = _back_off(pause, error)
                self.stop.wait(pause)
            else:
                return


def _tell(job: Job, error: Exception) -> None:
    """Log a failure with its frames; one that was announced and is tried again, in one line."""
    facts = (job.pk, job.handler_name, job.attempts)
    if isinstance(error, TryLater) and job.status == "READY":
        logger.info("Job %s (%s), attempt %d: tried again later (%s)", *facts, error)
        return
    level = logging.ERROR if job.status == "FAILED" else logging.WARNING
    text = "Job %s (%s), attempt %d: %s\n%s"
    logger.log(level, text, *facts, job.status, failure_text(error))


def _back_off(pause: float, error: Exception) -> float:
    logger.warning("Database away (%s); next try in %.0f s", type(error).__name__, pause * 2)
    close_old_connections()
    return min(pause * 2, LONGEST_PAUSE)


@dataclass
class Steward:
    """Heartbeat, reaper and periodic slots of one worker process."""

    worker_id: str
    threads: int = 1
    lost_after: timedelta = timedelta(seconds=12)
    _seen: dict[str, datetime] = field(default_factory=dict)
    _reaped: float = float("-inf")

    def tick(self) -> None:
        """Show life, put lost jobs back, take due slots. Few short statements."""
        services.beat(worker_id=self.worker_id, threads=self.threads)
        if time.monotonic() - self._reaped >= self.lost_after.total_seconds() / 4:
            services.reap(lost_after=self.lost_after)
            self._reaped = time.monotonic()
        self.take_slots(timezone.now())

    def take_slots(self, now: datetime) -> None:
        """Try to take the current slot of every periodic job, once per slot and process."""
        for entry in registry.active().periodics.values():
            slot = entry.slot_at(now)
            if self._seen.get(entry.name) != slot:
                services.take_slot(periodic=entry, slot=slot)
                self._seen[entry.name] = slot


class Crew:
    """A worker process: N job threads, the companions, and the steward in the main thread."""

    def __init__(
        self,
        *,
        threads: int = 1,
        once: bool = False,
        interval: float = 0.5,
        heartbeat: float = 2.0,
        lost_after: timedelta = timedelta(seconds=12),
    ) -> None:
        self.worker_id = f"{os.getpid()}-{uuid4().hex[:12]}"
        self.stop = threading.Event()
        self.once = once
        self.heartbeat = heartbeat
        self.steward = Steward(self.worker_id, threads, lost_after)
        self.broken = False
        self.workers = [
            JobWorker(worker_id=self.worker_id, stop=self.stop, interval=interval, batch=once)
            for _ in range(threads)
        ]

    def run(self) -> int:
        """Work until a signal (or, with ``once``, until nothing is due). Returns the exit code."""
        self._listen_to_signals()
        self.steward.tick()
        jobs = [self._start(worker.run, "job") for worker in self.workers]
        companions = [] if self.once else self._start_companions()
        self._watch(jobs)
        self.stop.set()
        for thread in companions:
            thread.join(timeout=5)
        services.sign_off(worker_id=self.worker_id)
        return 1 if self.broken else 0

    def _start_companions(self) -> list[threading.Thread]:
        found = registry.active().companions.items()
        return [self._start(partial(function, self.stop), name) for name, function in found]

    def _start(self, function: Callable[[], None], name: str) -> threading.Thread:
        thread = threading.Thread(target=self._guarded, args=(function,), name=name, daemon=True)
        thread.start()
        return thread

    def _guarded(self, function: Callable[[], None]) -> None:
        """Run a thread; one that ends by a bug ends the process, so that its supervisor sees it."""
        try:
            function()
        except Exception as error:  # noqa: BLE001  the process stops and says why
            logger.critical("Worker thread broke: %s", failure_text(error))
            self.broken = True
            self.stop.set()
        finally:
            connection.close()

    def _watch(self, jobs: list[threading.Thread]) -> None:
        """Be the steward until every job thread has ended: a long last job keeps its heartbeat."""
        pause = self.heartbeat
        while any(thread.is_alive() for thread in jobs):
            try:
                self.steward.tick() if not self.stop.is_set() else services.beat(
                    worker_id=self.worker_id
                )
            except DATABASE_AWAY as error:
                pause = _back_off(pause, error)
            else:
                pause = self.heartbeat
            self._rest(jobs, pause)

    def _rest(self, jobs: list[threading.Thread], seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and any(thread.is_alive() for thread in jobs):
            next(thread for thread in [*jobs] if thread.is_alive()).join(timeout=0.1)

    def _listen_to_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.stop.is_set():
            # Asked twice: leave the running job; the reaper of the next worker puts it back.
            os._exit(128 + number)
        logger.warning("Received %s: finishing the running jobs", signal.strsignal(number))
        self.stop.set()


@dataclass
class Drained:
    """How the jobs that were due went."""

    successful: int = 0
    retrying: int = 0
    failed: int = 0


@contextmanager
def _signed_on(worker_id: str) -> Iterator[None]:
    services.beat(worker_id=worker_id)
    try:
        yield
    finally:
        services.sign_off(worker_id=worker_id)


def drain(*, limit: int = 10_000) -> Drained:
    """Run everything that is due now, and what that makes due, in this thread (tests, scripts).

    Errors of handlers become states of rows, exactly as in a worker: look at the result.
    """
    done = Drained()
    counters = {"SUCCESSFUL": "successful", "READY": "retrying", "FAILED": "failed"}
    worker = JobWorker(worker_id=f"drain-{uuid4().hex[:12]}", stop=threading.Event())
    with _signed_on(worker.worker_id):
        for _ in range(limit):
            job = worker.claim_next()
            if job is None:
                break
            worker.run_task(job)
            name = counters[job.status]
            setattr(done, name, getattr(done, name) + 1)
    return done
