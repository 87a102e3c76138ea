"""What the queue looks like from outside."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, Min, Q, QuerySet, When
from django.db.models.functions import Now
from django.utils import timezone
from django_tasks_db.models import get_date_max

from foundation.jobs.models import Job, WorkerProcess


@dataclass(frozen=True)
class Backlog:
    """Numbers of jobs now. ``oldest_due`` is when the longest waiting due job became due (UTC)."""

    due: int
    scheduled: int
    running: int
    failed: int
    oldest_due: datetime | None

    @property
    def waiting(self) -> timedelta:
        """How long the oldest due job has waited."""
        return timezone.now() - self.oldest_due if self.oldest_due else timedelta(0)


def backlog() -> Backlog:
    """Count unfinished and failed jobs. 1 query, on the index of unfinished rows."""
    at_once = Q(run_after=get_date_max())  # see JobQuerySet.due
    due = Q(status="READY") & (Q(run_after__lte=timezone.now()) | at_once)
    due_since = Case(When(at_once, then="enqueued_at"), default="run_after")
    counts = Job.objects.filter(status__in=["READY", "RUNNING", "FAILED"]).aggregate(
        due=Count("pk", filter=due),
        ready=Count("pk", filter=Q(status="READY")),
        running=Count("pk", filter=Q(status="RUNNING")),
        failed=Count("pk", filter=Q(status="FAILED")),
        oldest_due=Min(due_since, filter=due),
    )
    scheduled = counts.pop("ready") - counts["due"]
    return Backlog(scheduled=scheduled, **counts)


def dead_jobs() -> QuerySet[Job]:
    """Jobs that will not be tried again by themselves, newest first (1 query when read)."""
    return Job.objects.dead().order_by("-finished_at")


def live_workers(lost_after: timedelta = timedelta(seconds=15)) -> QuerySet[WorkerProcess]:
    """Workers seen within ``lost_after`` by the database's clock (1 query when read)."""
    return WorkerProcess.objects.filter(seen_at__gte=Now() - lost_after)
