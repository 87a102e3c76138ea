"""Workers that are alive, periodic slots that were taken, and jobs that keep trying."""

import random
from datetime import datetime, timedelta
from traceback import extract_tb, format_list

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult, get_date_max

from foundation.jobs.errors import JobError

# Delays before the second, third, … attempt. Together a little more than a day: long enough to
# outlive a night without a mail server, short enough to be seen on the next working day.
RETRY_DELAYS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600, 3 * 3600, 6 * 3600, 12 * 3600)
)
# A job that took this many workers down with it is not given to another one.
MOST_LOST_WORKERS = 3
LOST_MARK = " lost"


class WorkerProcess(models.Model):
    """One running worker and its last sign of life, by the clock of the database."""

    id = models.CharField(_("id"), primary_key=True, max_length=48)
    host = models.CharField(_("host"), max_length=120)
    pid = models.PositiveIntegerField(_("process"))
    threads = models.PositiveSmallIntegerField(_("threads"), default=1)
    started_at = models.DateTimeField(_("started"), db_default=Now())
    seen_at = models.DateTimeField(_("last seen"), db_default=Now(), db_index=True)

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.id


class PeriodicSlot(models.Model):
    """A slot of a periodic job that some worker has taken; the unique row decides who."""

    name = models.CharField(_("name"), max_length=80)
    slot = models.DateTimeField(_("slot"))

    class Meta:
        verbose_name = _("periodic slot")
        verbose_name_plural = _("periodic slots")
        constraints = [models.UniqueConstraint(fields=["name", "slot"], name="one_row_per_slot")]

    def __str__(self) -> str:
        return f"{self.name} {self.slot.isoformat()}"


class JobQuerySet(models.QuerySet["Job"]):
    """What readers and workers ask of the queue."""

    def due(self) -> "JobQuerySet":
        """Jobs that may run now, in the order of priority and time."""
        # Tasks of libraries (Wagtail's search index) carry "no date" as the year 9999.
        when = models.Q(run_after__lte=timezone.now()) | models.Q(run_after=get_date_max())
        return self.filter(when, status="READY")

    def dead(self) -> "JobQuerySet":
        """Jobs that nobody will try again by themselves."""
        return self.filter(status="FAILED")


class Job(DBTaskResult):
    """A row of the queue with our rules: conditional finish, growing delays, an end to retrying."""

    objects = JobQuerySet.as_manager()  # type: ignore[misc, assignment]

    class Meta:
        proxy = True
        verbose_name = _("job")
        verbose_name_plural = _("jobs")

    @property
    def handler_name(self) -> str:
        """Return the handler of an event job, otherwise the path of the task."""
        arguments = self.args_kwargs.get("args", [])
        if self.task_path.endswith(".deliver") and arguments:
            return str(arguments[0])
        return self.task_path

    @property
    def event_key(self) -> str:
        """Return the key of an event job (for a periodic job its slot); empty for other tasks."""
        arguments = self.args_kwargs.get("args", [])
        return str(arguments[1]) if self.task_path.endswith(".deliver") and arguments else ""

    @property
    def times_lost(self) -> int:
        """How many workers died while they ran this job."""
        return sum(1 for worker in self.worker_ids if worker.endswith(LOST_MARK))

    @property
    def attempts(self) -> int:
        """How many times the job ran and came back, well or badly."""
        return len(self.worker_ids) - self.times_lost

    def set_successful(self, return_value: object) -> None:
        """Record the end of a run that went well, unless the row has passed to another worker."""
        self._finish(
            status="SUCCESSFUL",
            return_value=return_value,
            finished_at=timezone.now(),
            exception_class_path="",
            traceback="",
        )

    def set_failed(self, exc: BaseException, *, give_up_at: datetime | None = None) -> None:
        """Record a run that failed: READY again after a growing delay, or FAILED for good.

        A retry that would come after ``give_up_at`` is not made.
        """
        error = f"{type(exc).__module__}.{type(exc).__qualname__}"
        values = {"exception_class_path": error, "traceback": failure_text(exc)}
        retry_at = self._retry_at(exc)
        if retry_at is None or (give_up_at and retry_at >= give_up_at):
            self._finish(status="FAILED", finished_at=timezone.now(), return_value=None, **values)
        else:
            self._finish(status="READY", run_after=retry_at, **values)

    def _retry_at(self, exc: BaseException) -> datetime | None:
        if not getattr(exc, "retryable", True) or self.attempts > len(RETRY_DELAYS):
            return None
        delay = RETRY_DELAYS[self.attempts - 1]
        # A little scatter, so that jobs that failed together do not come back together.
        return timezone.now() + delay * (1 + random.random() / 10)  # noqa: S311

    def _finish(self, **values: object) -> None:
        # ``started_at`` is the token of this claim: a worker that was taken for dead must not
        # overwrite what its successor does.
        for name, value in values.items():
            setattr(self, name, value)
        Job.objects.filter(pk=self.pk, status="RUNNING", started_at=self.started_at).update(
            **values
        )


def failure_text(exc: BaseException) -> str:
    """Return where ``exc`` was raised, by frames and class.

    The message is kept only for our own errors: a database or library message may quote the value
    it choked on, and that may be a telephone number.
    """
    frames = "".join(format_list(extract_tb(exc.__traceback__)))
    name = f"{type(exc).__module__}.{type(exc).__qualname__}"
    return f"{frames}{name}: {exc}" if isinstance(exc, JobError) else f"{frames}{name}"
