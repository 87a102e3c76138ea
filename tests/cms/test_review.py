"""A disclosure passes two people before it is public."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from wagtail.models import TaskState, WorkflowPage

from cms.models import DisclosureIndexPage, DisclosurePage, Duty
from cms.services.disclosures import begin_page
from cms.services.rota import keep_rota
from foundation.accounts.models import Role, User
from foundation.accounts.services.posts import grant_post
from foundation.ledger.actor import Actor
from tests.cast import sign_in

DAY = datetime(2026, 4, 21, 2, tzinfo=UTC)


@pytest.fixture
def page(district_pack: str, cast: Any) -> Iterator[DisclosurePage]:
    """A draft that the editor began."""
    with time_machine.travel(DAY, tick=False):
        keep_rota(today=date(2026, 4, 21))
        duty = Duty.objects.get(item__code="forest-patrols", period="2026-Q1")
        found = begin_page(duty=duty, user=cast.with_role(Role.EDITOR))
        found.body = [("text", f"<p>{'2026年第一季度各级林长巡林情况。' * 5}</p>")]
        found.save_revision()
        yield found


@pytest.fixture
def second(db: None, cast: Any) -> Client:
    """Another administrator."""
    user: User = User.objects.create_user("admin2", None, "x" * 20)
    grant_post(actor=Actor.system("test"), user=user, role=Role.ADMINISTRATOR)
    return sign_in(user)


def approve(client: Client, page: DisclosurePage) -> None:
    task = TaskState.objects.filter(status="in_progress").latest("pk")
    address = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", task.pk])
    client.post(address, {"comment": ""})
    page.refresh_from_db()


def test_two_people_look_before_a_disclosure_is_public(
    page: DisclosurePage, cast: Any, second: Client, run_jobs: Callable[[], Any]
) -> None:
    index = DisclosureIndexPage.objects.get()
    assert WorkflowPage.objects.get(page=index).workflow.name == "公开审批"
    workflow = page.get_workflow()
    workflow.start(page, cast.with_role(Role.EDITOR))
    first = sign_in(cast.with_role(Role.ADMINISTRATOR))
    approve(first, page)
    assert not page.live
    # The same person has no second say.
    approve(first, page)
    assert not page.live
    approve(second, page)
    assert page.live
    run_jobs()
    duty = Duty.objects.get(item=page.item, period=page.period)
    assert duty.state == "met"
