"""Running jobs: in this thread, and in real processes that get killed."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_tasks import task
from wagtail.models import Page

from foundation.jobs import registry
from foundation.jobs.errors import PermanentFailure, TryLater
from foundation.jobs.models import RETRY_DELAYS, Job, WorkerProcess
from foundation.jobs.registry import Handler, Periodic, Registry
from foundation.jobs.services import emit
from foundation.jobs.worker import Steward, drain

SCRIPT = Path(__file__).with_name("worker_process.py")
PATIENCE = 40.0


# -- in this thread ---------------------------------------------------------------------------


@pytest.fixture
def own_registry(db: None) -> Iterator[Registry]:
    Job.objects.all().delete()  # what loading the district pack has queued
    with registry.replaced(Registry()) as own:
        yield own


def _emit(topic: str = "t", **payload: Any) -> Job:
    with transaction.atomic():
        emit(topic, key="k", payload=payload)
    return Job.objects.get(args_kwargs__args__1="k")


def test_handlers_get_key_and_payload_and_may_emit_more(db: None, own_registry: Registry) -> None:
    seen: list[object] = []

    def first(key: str, payload: dict[str, Any]) -> None:
        with transaction.atomic():
            emit("second", key=key + "!", payload=payload)

    own_registry.add_handler(Handler("first", "first", first))
    own_registry.add_handler(Handler("second", "second", lambda *got: seen.append(got)))
    emit("first", key="k", payload={"n": [1, None, "甲"]})
    assert drain().successful == 2
    assert seen == [("k!", {"n": [1, None, "甲"]})]
    assert not WorkerProcess.objects.exists()


def test_a_failing_handler_is_retried_with_growing_delay_and_then_failed(
    db: None, own_registry: Registry, clock: Any
) -> None:
    phone = "138" + "00138000"

    def fail(key: str, payload: dict[str, Any]) -> None:
        raise ConnectionError(f"{phone} refused")

    own_registry.add_handler(Handler("fail", "t", fail))
    job = _emit()
    for delay in RETRY_DELAYS:
        assert drain().retrying == 1
        job.refresh_from_db()
        wait = job.run_after - timezone.now()
        assert delay <= wait <= delay * 1.1
        assert drain().retrying == 0
        clock.tick(seconds=wait.total_seconds())
    assert drain().failed == 1
    job.refresh_from_db()
    assert job.status == "FAILED"
    assert job.exception_class_path == "builtins.ConnectionError"
    assert "in fail" in job.traceback
    assert phone not in job.traceback


def test_an_announced_wait_is_one_line_and_its_end_an_error_with_frames(
    db: None, own_registry: Registry, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def busy(key: str, payload: dict[str, Any]) -> None:
        raise TryLater("gateway answered 503")

    own_registry.add_handler(Handler("busy", "t", busy))
    job = _emit()
    caplog.set_level("INFO", "foundation.jobs.worker")
    for _ in RETRY_DELAYS:
        assert drain().retrying == 1
        clock.tick(days=2)
    waits = [record for record in caplog.records if "busy" in record.getMessage()]
    assert {record.levelname for record in waits} == {"INFO"}
    assert len(waits) == len(RETRY_DELAYS)
    assert all("\n" not in record.getMessage() for record in waits)
    assert "gateway answered 503" in waits[0].getMessage()
    caplog.clear()
    assert drain().failed == 1
    [end] = [record for record in caplog.records if "busy" in record.getMessage()]
    assert (end.levelname, "in busy" in end.getMessage()) == ("ERROR", True)
    job.refresh_from_db()
    assert job.status == "FAILED"


def test_a_fault_keeps_its_frames_in_the_log(
    db: None, own_registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(key: str, payload: dict[str, Any]) -> None:
        raise ConnectionError

    own_registry.add_handler(Handler("fail", "t", fail))
    _emit()
    assert drain().retrying == 1
    [told] = [record for record in caplog.records if "Job" in record.getMessage()]
    assert (told.levelname, "in fail" in told.getMessage()) == ("WARNING", True)


def test_a_permanent_failure_is_not_retried(db: None, own_registry: Registry) -> None:
    def fail(key: str, payload: dict[str, Any]) -> None:
        raise PermanentFailure("the gateway refuses this template")

    own_registry.add_handler(Handler("fail", "t", fail))
    job = _emit()
    assert drain().failed == 1
    job.refresh_from_db()
    assert "the gateway refuses this template" in job.traceback


def test_a_failing_periodic_job_leaves_one_failed_run_and_none_after_a_success(
    db: None, own_registry: Registry, clock: Any
) -> None:
    broken = True

    def tick(slot: datetime) -> None:
        if broken:
            raise ConnectionError

    own_registry.add_periodic(Periodic("tick", timedelta(minutes=1), tick))
    for _ in range(4):
        Steward("w").take_slots(timezone.now())
        drain()
        clock.tick(seconds=20)
        drain()
        clock.tick(seconds=40)
        drain()
    assert Job.objects.filter(status="FAILED").count() == 1
    assert not Job.objects.filter(status="READY").exists()
    broken = False
    Steward("w").take_slots(timezone.now())
    assert drain().successful == 1
    assert not Job.objects.filter(status="FAILED").exists()


def test_a_failed_handler_undoes_its_work_only(db: None, own_registry: Registry) -> None:
    def write_and_fail(key: str, payload: dict[str, Any]) -> None:
        WorkerProcess.objects.create(pk="half done", host="h", pid=1)
        WorkerProcess.objects.create(pk="half done", host="h", pid=1)

    own_registry.add_handler(Handler("fail", "t", write_and_fail))
    own_registry.add_handler(
        Handler("good", "t", lambda *_: WorkerProcess.objects.create(pk="good", host="h", pid=1))
    )
    emit("t", key="k", payload={})
    done = drain()
    assert (done.retrying, done.successful) == (1, 1)
    assert list(WorkerProcess.objects.values_list("pk", flat=True)) == ["good"]


def test_a_task_of_another_package_whose_result_is_no_json_fails_alone(
    db: None, own_registry: Registry
) -> None:
    job = Job.objects.create(
        args_kwargs={"args": [], "kwargs": {}},
        task_path=f"{__name__}.answers_with_a_set",
        backend_name="default",
        run_after=timezone.now(),
    )
    assert drain().retrying == 1
    job.refresh_from_db()
    assert job.exception_class_path == "builtins.TypeError"


@task()
def answers_with_a_set() -> set[int]:
    return {1}


def test_priority_goes_first(db: None, own_registry: Registry) -> None:
    order: list[str] = []
    own_registry.add_handler(Handler("low", "t", lambda *_: order.append("low"), priority=-1))
    own_registry.add_handler(Handler("high", "t", lambda *_: order.append("high"), priority=9))
    emit("t", key="k", payload={})
    drain()
    assert order == ["high", "low"]


def test_wagtails_own_tasks_run_through_the_same_queue(
    db: None, django_capture_on_commit_callbacks: Any
) -> None:
    drain()
    root = Page.get_first_root_node()
    with django_capture_on_commit_callbacks(execute=True):
        root.add_child(instance=Page(title="Reedbed restoration", slug="reedbed"))
    queued = Job.objects.exclude(task_path__startswith="foundation.").filter(status="READY")
    assert queued.exists()
    assert drain().failed == 0
    assert not queued.exists()
    assert [page.slug for page in Page.objects.search("reedbed")] == ["reedbed"]


# -- real processes ---------------------------------------------------------------------------


class Workers:
    """Starts worker processes on the test database and reads their common trace."""

    def __init__(self, environment: dict[str, str], trace: Path) -> None:
        self.environment = environment
        self.trace = trace
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        fast = ["--heartbeat", "0.3", "--lost-after", "3", "--interval", "0.1"]
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(self.trace), *fast, *arguments], env=self.environment
        )
        self.processes.append(process)
        self.wait_for(f"up {process.pid}")
        return process

    def lines(self, beginning: str) -> list[str]:
        text = self.trace.read_text() if self.trace.exists() else ""
        return [line for line in text.splitlines() if line.startswith(beginning)]

    def wait_for(self, beginning: str, count: int = 1) -> list[str]:
        until = time.monotonic() + PATIENCE
        while len(found := self.lines(beginning)) < count:
            assert time.monotonic() < until, f"no {beginning!r} within {PATIENCE} s"
            time.sleep(0.05)
        return found

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()


@pytest.fixture
def workers(child_environment: dict[str, str], own_folders: Path) -> Iterator[Workers]:
    crew = Workers(child_environment, own_folders / "trace.txt")
    with registry.replaced(Registry()) as own:
        own.add_handler(Handler("test.slow", "test.slow", lambda key, payload: None))
        yield crew
    crew.stop()


def _wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "the awaited state did not come"
        time.sleep(0.1)


def _status() -> str:
    return Job.objects.get(args_kwargs__args__1="k").status


@pytest.mark.django_db(transaction=True)
def test_a_job_outlives_the_kill_of_its_worker(workers: Workers) -> None:
    _emit("test.slow", seconds=4)
    victim = workers.start()
    workers.wait_for(f"start k {victim.pid}")
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    assert _status() == "RUNNING"
    heir = workers.start()
    workers.wait_for(f"done k {heir.pid}")
    _wait_until(lambda: _status() == "SUCCESSFUL")
    assert len(workers.lines("done k")) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_periodic_slots_without_doubling(workers: Workers) -> None:
    first, second = workers.start("--tick"), workers.start("--tick")
    started = len(workers.lines("slot"))
    lines = workers.wait_for("slot", started + 5)
    slots = [line.split()[1] for line in lines]
    assert len(slots) == len(set(slots))
    assert first.poll() is None
    assert second.poll() is None


@pytest.mark.django_db(transaction=True)
def test_sigterm_finishes_the_running_job_and_signs_off(workers: Workers) -> None:
    _emit("test.slow", seconds=2)
    worker = workers.start("--threads", "2")
    workers.wait_for("start k")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=PATIENCE) == 0
    assert len(workers.lines("done k")) == 1
    assert _status() == "SUCCESSFUL"
    assert not WorkerProcess.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_idle_worker_stops_at_once(workers: Workers) -> None:
    worker = workers.start()
    _wait_until(WorkerProcess.objects.exists)
    asked = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=PATIENCE) == 0
    assert time.monotonic() - asked < 8


@pytest.mark.django_db(transaction=True)
def test_threads_run_jobs_side_by_side(workers: Workers) -> None:
    with transaction.atomic():
        for number in range(3):
            emit("test.slow", key=f"n{number}", payload={"seconds": 2})
    workers.start("--threads", "3")
    workers.wait_for("start n", 3)
    assert not workers.lines("done n")
    workers.wait_for("done n", 3)


@pytest.mark.django_db(transaction=True)
def test_once_runs_what_is_due_and_exits(workers: Workers) -> None:
    _emit("test.slow", seconds=0)
    later = timezone.now() + timedelta(hours=1)
    with transaction.atomic():
        emit("test.slow", key="later", payload={"seconds": 0}, run_after=later)
    worker = workers.start("--once")
    assert worker.wait(timeout=PATIENCE) == 0
    assert len(workers.lines("done k")) == 1
    assert not workers.lines("start later")


@pytest.mark.django_db(transaction=True)
def test_asked_twice_the_worker_leaves_and_the_job_is_not_lost(workers: Workers) -> None:
    _emit("test.slow", seconds=60)
    worker = workers.start()
    workers.wait_for("start k")
    worker.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=10) == 128 + signal.SIGTERM
    assert _status() == "RUNNING"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_worker_outlives_the_loss_of_its_connections(workers: Workers) -> None:
    _emit("test.slow", seconds=3)
    worker = workers.start()
    workers.wait_for("start k")
    for _ in range(3):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        time.sleep(0.5)
    _wait_until(lambda: _status() == "SUCCESSFUL")
    with transaction.atomic():
        emit("test.slow", key="after", payload={"seconds": 0})
    workers.wait_for("done after")
    assert worker.poll() is None
    assert len(workers.lines("done k")) == 1
