"""What can go wrong with jobs. ``retryable`` says whether trying again may help."""


class JobError(Exception):
    """Root of this app's errors; its messages never hold personal data."""

    code = "jobs.error"
    retryable = True


class OutsideTransaction(JobError):
    """An event was emitted outside ``transaction.atomic()``: it could outlive a failed change."""

    code = "jobs.outside_transaction"
    retryable = False


class PermanentFailure(JobError):
    """A handler raises this when no retry can help: the job is FAILED at once."""

    code = "jobs.permanent"
    retryable = False


class TryLater(JobError):
    """A handler raises this when it must wait for somebody else: it is expected, not a fault.

    The job is retried like after any other error, but the log says so in one line.
    """

    code = "jobs.try_later"


class UnknownHandler(JobError):
    """The queue names a handler this process does not know (say, during a rolling update)."""

    code = "jobs.unknown_handler"


class WorkerLost(JobError):
    """Three workers died while they ran this job."""

    code = "jobs.worker_lost"
    retryable = False


class DuplicateName(JobError):
    """Two functions were registered under one name."""

    code = "jobs.duplicate_name"
    retryable = False
