"""Several kinds of problems in one case: set by dispatchers, found by filters, counted in each."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.errors import InvalidInput, NotPermitted, VersionConflict
from complaints.models import Case, FurtherKind
from complaints.selectors.desk import QueueFilter, queue
from complaints.selectors.kinds import types_share
from complaints.selectors.rules import categories
from complaints.services.intake import Receipt
from complaints.services.kinds import set_kinds
from foundation.metrics.period import Period
from tests.complaints.conftest import staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
Clients = Callable[..., Client]


def give(case: Case, cast: Any, main: str, *further: str) -> Case:
    return set_kinds(case_id=case.pk, by=staff(cast.dispatcher), main=main, further=further)


def test_a_case_gets_several_kinds_and_its_owner_follows(submit: Submit, cast: Any) -> None:
    case = submit(category="noise").case
    give(case, cast, "air-cooking-fumes", "noise", "noise", "air-cooking-fumes")
    case.refresh_from_db()
    assert case.category is not None
    assert case.category.code == "air-cooking-fumes"
    kinds = FurtherKind.objects.filter(case=case).values_list("category__code", flat=True)
    assert list(kinds) == ["noise"]
    assert case.acts.latest("ledger_seq").action == "kinds"


def test_the_filter_finds_further_kinds_in_order_and_once(submit: Submit, cast: Any) -> None:
    cases = [submit(category=code).case for code in ("noise", "air", "noise", "water")]
    give(cases[1], cast, "air", "noise")
    give(cases[0], cast, "noise", "water")
    by = staff(cast.dispatcher)
    found = queue(by, QueueFilter(tab="open", category="noise"))
    assert [case.pk for case in found.cases] == [cases[n].pk for n in (0, 1, 2)]
    found = queue(by, QueueFilter(tab="open", category="water"))
    assert {case.pk for case in found.cases} == {cases[0].pk, cases[3].pk}


def test_pages_of_several_kinds_follow_one_another(
    submit: Submit, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("complaints.selectors.desk.PAGE_SIZE", 2)
    cases = [submit(category=code).case for code in ("noise", "air", "noise", "air", "noise")]
    for case in (cases[1], cases[3]):
        give(case, cast, "air", "noise")
    by, seen, cursor = staff(cast.dispatcher), [], ""
    for _ in range(4):
        page = queue(by, QueueFilter(tab="open", category="noise", cursor=cursor))
        seen += [case.pk for case in page.cases]
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == [case.pk for case in cases]


def test_a_list_by_kind_stays_within_its_statements(submit: Submit, cast: Any) -> None:
    by = staff(cast.dispatcher)
    for _ in range(3):
        give(submit(category="air").case, cast, "air", "noise")
    queue(by, QueueFilter(tab="open", category="noise"))
    with CaptureQueriesContext(connection) as queries:
        assert len(queue(by, QueueFilter(tab="open", category="noise")).cases) == 3
    assert len(queries) <= 6


def test_shares_by_kind_may_sum_past_100_percent_and_say_so(submit: Submit, cast: Any) -> None:
    for code in ("noise", "air", "noise", "air"):
        case = submit(category=code).case
    give(case, cast, "air", "noise")
    shares = types_share(Period.parse(f"{timezone.localdate():%Y-%m}"))
    texts = {row.category.code: row.text for row in shares.rows}
    assert texts == {"noise": "3/4 (75.0 %)", "air": "2/4 (50.0 %)"}
    assert shares.may_exceed


def test_wrong_stale_or_too_many_kinds_change_nothing(submit: Submit, cast: Any) -> None:
    case = submit().case
    by = staff(cast.dispatcher)
    with pytest.raises(InvalidInput):
        give(case, cast, "no-such-kind")
    codes = [category.code for category in categories()][:7]
    with pytest.raises(InvalidInput, match="最多选五类"):
        give(case, cast, codes[0], *codes[1:])
    with pytest.raises(VersionConflict):
        set_kinds(case_id=case.pk, by=by, main="noise", version=case.version + 1)
    with pytest.raises(NotPermitted):
        set_kinds(case_id=case.pk, by=staff(cast.supervisor), main="noise")
    case.refresh_from_db()
    assert case.version == 1


def test_the_case_page_sets_and_shows_kinds(submit: Submit, staff_client: Clients) -> None:
    case = submit(category="air-cooking-fumes").case
    client = staff_client("dispatcher")
    url = f"/desk/cases/{case.number}/kinds/"
    data = {"category": "air-cooking-fumes", "kinds": ["noise"], "version": "1"}
    text = client.post(url, data, follow=True).content.decode()
    assert "的类别已调整" in text
    assert "餐饮油烟, 噪声" in text
    assert staff_client("followup").post(url, data).status_code == 403
    assert staff_client("bureau").post(url, data).status_code == 404
    assert client.get(url).status_code == 405
