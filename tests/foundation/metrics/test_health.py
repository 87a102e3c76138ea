"""Alive, ready, metrics: machine pages."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import timezone

from foundation.jobs import services as jobs
from foundation.jobs.models import Job
from foundation.ledger import guard
from foundation.ledger.actor import Actor
from foundation.ledger.models import Head
from foundation.ledger.services import anchor, append
from foundation.metrics import health
from foundation.metrics.apps import networks_are_readable
from foundation.metrics.health import Check, Health, Registry
from foundation.metrics.policies import may_scrape
from foundation.worktime.services import announce_year


@pytest.fixture
def own() -> Iterator[Registry]:
    with health.replaced(Registry()) as registry:
        yield registry


def _broken() -> Health:
    raise ConnectionError("redis.internal:6379 refused")


def test_healthz_answers_without_a_query(
    client: Client, db: None, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert answer.json() == {"status": "ok"}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_machine_pages_are_read_only(client: Client, db: None, path: str) -> None:
    assert client.post(path).status_code == 405


def test_readyz_names_each_dependency(client: Client, db: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    checks = answer.json()["checks"]
    assert {"database", "ledger", "worker", "jobs", "live updates"} <= set(checks)
    assert checks["database"]["state"] == checks["ledger"]["state"] == "ok"
    assert checks["worker"] == {**checks["worker"], "state": "down", "required": False}
    assert answer.json()["status"] == "degraded"


def test_a_worker_with_a_heartbeat_is_seen(client: Client, db: None) -> None:
    jobs.beat(worker_id="w")
    assert client.get("/readyz").json()["checks"]["worker"]["state"] == "ok"


def test_a_missing_holiday_notice_is_a_warning_and_no_failure(
    client: Client, fresh_calendar: Any, clock: Any
) -> None:
    def found() -> tuple[int, str, str]:
        answer = client.get("/readyz")
        check = answer.json()["checks"]["holiday notice"]
        return answer.status_code, check["state"], check["detail"]

    assert found() == (200, "ok", "holidays entered")
    clock.move_to("2026-11-02T09:00")
    assert found() == (200, "degraded", "holidays of 2027 not entered yet")
    announce_year(year=2027, actor=Actor.system("test"))
    fresh_calendar.forget()
    assert found()[1] == "ok"


def test_a_failed_or_stuck_job_is_shown(client: Client, db: None) -> None:
    def state() -> str:
        return str(client.get("/readyz").json()["checks"]["jobs"]["state"])

    Job.objects.all().delete()  # what loading the district pack has queued
    job = Job.objects.create(
        args_kwargs={"args": [], "kwargs": {}},
        task_path="x",
        backend_name="default",
        run_after=timezone.now(),
    )
    assert state() == "ok"
    Job.objects.filter(pk=job.pk).update(run_after=timezone.now() - timedelta(minutes=6))
    assert state() == "degraded"
    Job.objects.filter(pk=job.pk).update(status="FAILED", run_after=timezone.now())
    assert state() == "degraded"


def test_a_forged_head_is_shouted_about_but_serves_on(client: Client, db: None) -> None:
    append(stream="case:1", action="case.seen", actor=Actor.system("t"))
    guard.remove(connection)
    Head.objects.update(hash="f" * 64)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"]["ledger"]["state"] == "degraded"


def test_a_forged_anchor_is_shouted_about_but_serves_on(client: Client, db: None) -> None:
    append(stream="case:1", action="case.seen", actor=Actor.system("t"))
    anchor()
    file = Path(settings.LEDGER_ANCHOR_FILE)
    file.write_text(file.read_text().replace('"seq":', '"seq":9'))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"]["ledger"]["state"] == "degraded"


def test_without_a_head_row_nothing_can_be_written_503(client: Client, db: None) -> None:
    guard.remove(connection)
    Head.objects.all()._raw_delete(connection.alias)
    assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize(("required", "status"), [(True, 503), (False, 200)])
def test_only_a_required_dependency_takes_the_page_down(
    client: Client, own: Registry, required: bool, status: int
) -> None:
    own.add(Check("engine", _broken, required=required, needs_database=False))
    answer = client.get("/readyz")
    assert answer.status_code == status
    assert answer.json()["checks"]["engine"]["state"] == "down"
    assert "redis.internal" not in answer.content.decode()


def test_without_a_database_the_rest_is_not_tried(own: Registry) -> None:
    tried: list[str] = []
    own.add(Check("late", lambda: tried.append("late") or Health.ok()))  # type: ignore[func-returns-value]
    own.add(Check("apart", lambda: tried.append("apart") or Health.ok(), needs_database=False))  # type: ignore[func-returns-value]
    own.add(Check("database", _broken, required=True))
    report = health.report()
    assert report.state == "down"
    assert tried == ["apart"]
    assert report.findings[0].check.name == "database"


def test_a_check_is_registered_once(own: Registry) -> None:
    health.check("engine")(_broken)
    with pytest.raises(ValueError, match="engine"):
        health.check("engine")(_broken)


@pytest.mark.redis
def test_redis_is_pinged(client: Client, db: None) -> None:
    assert client.get("/readyz").json()["checks"]["live updates"]["detail"] == "its own server"


# -- /metrics -----------------------------------------------------------------------------------


def test_metrics_tell_the_state_in_prometheus_text(client: Client, db: None) -> None:
    append(stream="case:1", action="case.seen", actor=Actor.system("t"))
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    text = answer.content.decode()
    assert f"gongzhi_ledger_entries {float(Head.objects.get().seq)}" in text
    assert 'gongzhi_check{check="database"} 1.0' in text
    assert 'gongzhi_jobs{state="failed"} 0.0' in text
    assert "process_resident_memory_bytes" in text


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, True),
        ({"REMOTE_ADDR": "::1"}, True),
        ({"REMOTE_ADDR": "::ffff:127.0.0.1"}, True),
        ({"REMOTE_ADDR": "10.0.0.7"}, False),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=203.0.113.9"}, False),
        ({"REMOTE_ADDR": ""}, False),
        ({"REMOTE_ADDR": "unix:"}, False),
    ],
)
def test_only_the_real_peer_counts(headers: dict[str, str], allowed: bool) -> None:
    assert may_scrape(RequestFactory().get("/metrics", **headers)) is allowed  # type: ignore[arg-type]


def test_other_networks_can_be_allowed(client: Client, db: None, settings: Any) -> None:
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 403
    settings.METRICS_ALLOWED_NETWORKS = ["10.0.0.0/8"]
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 403


def test_a_typo_in_the_networks_stops_the_start(settings: Any) -> None:
    assert networks_are_readable() == []
    settings.METRICS_ALLOWED_NETWORKS = ["10.0.0.0/33"]
    assert [message.id for message in networks_are_readable()] == ["metrics.E001"]
